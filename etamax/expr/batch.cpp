#include <cmath>

#include "etamax/expr/tape.h"

namespace etamax {
namespace {

constexpr std::size_t kBlock = 256;  // points at once: all registers of a usual tape stay in the first-level cache

/// Runs the tape over blocks of points: one operation at a time, so that the inner loop is over points.
template <typename T>
void run_blocks(const Tape& tape, std::span<const T> x, std::span<T> out) {
  const std::size_t n = tape.dimension == 0 ? out.size() : x.size() / tape.dimension;
  std::vector<T> registers(tape.registers() * kBlock);
  for (std::size_t c = 0; c < tape.constants.size(); ++c)
    std::fill_n(registers.begin() + static_cast<std::ptrdiff_t>((tape.dimension + c) * kBlock), kBlock,
                static_cast<T>(tape.constants[c]));
  for (std::size_t begin = 0; begin < n; begin += kBlock) {
    const std::size_t count = std::min(kBlock, n - begin);
    for (std::size_t i = 0; i < tape.dimension; ++i)
      std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(i * n + begin), count,
                  registers.begin() + static_cast<std::ptrdiff_t>(i * kBlock));
    T* target = registers.data() + tape.inputs() * kBlock;
    for (const Tape::Step& step : tape.code) {
      const T* a = registers.data() + step.a * kBlock;
      const T* b = registers.data() + step.b * kBlock;
      if (step.op == Op::add)
        for (std::size_t p = 0; p < count; ++p) target[p] = a[p] + b[p];
      else if (step.op == Op::multiply)
        for (std::size_t p = 0; p < count; ++p) target[p] = a[p] * b[p];
      else
        for (std::size_t p = 0; p < count; ++p) target[p] = detail::evaluate(step.op, a[p], b[p]);
      target += kBlock;
    }
    for (std::size_t o = 0; o < tape.outputs.size(); ++o)
      std::copy_n(registers.begin() + static_cast<std::ptrdiff_t>(tape.outputs[o] * kBlock), count,
                  out.begin() + static_cast<std::ptrdiff_t>(o * n + begin));
  }
}

template <typename T>
void multiply_hessian(const Tape& hessian, std::span<const T> x, std::span<const T> v, std::span<T> product) {
  const std::size_t d = hessian.dimension, n = x.size() / d;
  std::vector<T> entries(d * d * n);
  run_blocks<T>(hessian, x, entries);
  std::fill(product.begin(), product.end(), T(0));
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < d; ++j)
      for (std::size_t p = 0; p < n; ++p) product[i * n + p] += entries[(i * d + j) * n + p] * v[j * n + p];
}

}  // namespace

void Function::values(std::span<const double> x, std::span<double> value) const { run_blocks(impl_->value, x, value); }
void Function::values(std::span<const float> x, std::span<float> value) const { run_blocks(impl_->value, x, value); }
void Function::gradients(std::span<const double> x, std::span<double> g) const { run_blocks(impl_->gradient, x, g); }
void Function::gradients(std::span<const float> x, std::span<float> g) const { run_blocks(impl_->gradient, x, g); }

void Function::hessian_vector_products(std::span<const double> x, std::span<const double> v, std::span<double> product) const {
  impl_->prepare_hessian();
  multiply_hessian(impl_->hessian, x, v, product);
}

void Function::hessian_vector_products(std::span<const float> x, std::span<const float> v, std::span<float> product) const {
  impl_->prepare_hessian();
  multiply_hessian(impl_->hessian, x, v, product);
}

}  // namespace etamax
