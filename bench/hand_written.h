#pragma once

#include <cstddef>

/// The derivative of x^4 - 3x^2 + x at n points, as a loop that the compiler vectorises.
void hand_written_gradient(const double* x, double* gradient, std::size_t n);
void hand_written_gradient(const float* x, float* gradient, std::size_t n);
