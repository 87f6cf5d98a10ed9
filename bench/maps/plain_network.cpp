#include "plain_network.h"

#include <algorithm>
#include <cmath>

namespace etamax {

namespace {
/// On its own, so that the compiler takes the system's vector tanh.
__attribute__((noinline)) void tanh_of(const double* __restrict z, double scale, double* __restrict h, std::size_t n) {
  for (std::size_t j = 0; j < n; ++j) h[j] = std::tanh(scale * z[j]);
}
}  // namespace

template <std::size_t n>
double plain_training(const NetworkTask& task, std::size_t steps, double input_rate, double output_rate) {
  const std::size_t examples = task.examples();
  double w0[n * n], w1[n], g0[n * n], g1[n], z[n], h[n];
  std::copy_n(task.input_weights.begin(), n * n, w0);
  std::copy_n(task.output_weights.begin(), n, w1);
  const double inner = std::sqrt(2 / static_cast<double>(n)), outer = 1 / static_cast<double>(n);
  double first = 0, tail = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    std::fill_n(g0, n * n, 0), std::fill_n(g1, n, 0);
    double loss = 0;
    for (std::size_t e = 0; e < examples; ++e) {
      const double* x = &task.inputs[e * n];
      std::fill_n(z, n, 0);
      for (std::size_t j = 0; j < n; ++j) {
        double sum = 0;
        for (std::size_t i = 0; i < n; ++i) sum += x[i] * w0[i * n + j];
        z[j] = sum;
      }
      double output = 0;
      tanh_of(z, inner, h, n);
      for (std::size_t j = 0; j < n; ++j) output += h[j] * w1[j];
      const double residual = output * outer - task.targets[e];
      loss += residual * residual;
      const double slope = 2 * residual * outer / static_cast<double>(examples);
      for (std::size_t j = 0; j < n; ++j) {
        g1[j] += slope * h[j];
        z[j] = slope * w1[j] * (1 - h[j] * h[j]) * inner;
      }
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) g0[i * n + j] += x[i] * z[j];
    }
    for (std::size_t k = 0; k < n * n; ++k) w0[k] -= input_rate * g0[k];
    for (std::size_t j = 0; j < n; ++j) w1[j] -= output_rate * g1[j];
    loss /= static_cast<double>(examples);
    if (step == 0) first = loss;
    if (step + 20 >= steps) tail += loss / first;
  }
  return tail / 20;
}

template double plain_training<8>(const NetworkTask&, std::size_t, double, double);
template double plain_training<16>(const NetworkTask&, std::size_t, double, double);

}  // namespace etamax
