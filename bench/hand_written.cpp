#include "hand_written.h"

void hand_written_gradient(const double* __restrict x, double* __restrict gradient, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) gradient[i] = 4 * x[i] * x[i] * x[i] - 6 * x[i] + 1;
}

void hand_written_gradient(const float* __restrict x, float* __restrict gradient, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) gradient[i] = 4 * x[i] * x[i] * x[i] - 6 * x[i] + 1;
}
