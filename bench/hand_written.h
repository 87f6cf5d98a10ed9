#pragma once

#include <cstddef>

/// The derivative of x^4 - 3x^2 + x at n points, as a loop that the compiler vectorises.
void hand_written_gradient(const double* x, double* gradient, std::size_t n);
void hand_written_gradient(const float* x, float* gradient, std::size_t n);

/// Multiply-adds without memory, in so many rounds of some vectors, the longest that this machine has: its peak.
/// Returns how many there were (each number in a vector counts), and adds to `sum` what keeps them from being left out.
double multiply_adds(std::size_t rounds, double& sum);
