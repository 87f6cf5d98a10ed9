#include "hand_written.h"

void hand_written_gradient(const double* __restrict x, double* __restrict gradient, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) gradient[i] = 4 * x[i] * x[i] * x[i] - 6 * x[i] + 1;
}

void hand_written_gradient(const float* __restrict x, float* __restrict gradient, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) gradient[i] = 4 * x[i] * x[i] * x[i] - 6 * x[i] + 1;
}

double multiply_adds(std::size_t rounds, double& sum) {
#ifdef __AVX512F__
  constexpr int kBytes = 64;
#elif defined(__AVX__)
  constexpr int kBytes = 32;
#else
  constexpr int kBytes = 16;
#endif
  typedef double Vector __attribute__((vector_size(kBytes)));
  constexpr int kVectors = 12;
  Vector a[kVectors], factor = Vector{} + 0.999999, more = Vector{} + 1e-9;
  for (int v = 0; v < kVectors; ++v) a[v] = Vector{} + (1.0 + v);
  for (std::size_t k = 0; k < rounds; ++k)
#pragma GCC unroll 12
    for (int v = 0; v < kVectors; ++v) a[v] = a[v] * factor + more;
  for (const Vector& v : a) sum += v[0];
  return static_cast<double>(rounds) * kVectors * (kBytes / sizeof(double));
}
