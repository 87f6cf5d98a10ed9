#include <vector>

#include "etamax/expr/detail_function.h"

namespace etamax {
namespace {

/// Runs a plan whose inputs are the `rows` of x and then of v, each of n numbers.
template <typename T>
void run_rows(const BatchPlan& plan, std::size_t rows, std::span<const T> x, std::span<const T> v, std::span<T> out) {
  const std::size_t n = x.size() / rows;
  // Kept between calls: with a thousand points, an allocation would be a third of the time.
  thread_local std::vector<const T*> inputs;
  thread_local std::vector<T*> outputs;
  inputs.clear(), outputs.clear();
  for (const std::span<const T> block : {x, v})
    for (std::size_t i = 0; i < block.size() / std::max<std::size_t>(n, 1); ++i) inputs.push_back(block.data() + i * n);
  for (std::size_t o = 0; o < plan.outputs; ++o) outputs.push_back(out.data() + o * n);
  if (n > 0) run_batch(plan, inputs.data(), outputs.data(), n);
}

}  // namespace

void Function::values(std::span<const double> x, std::span<double> value) const {
  run_rows<double>(impl_->value_plan(), impl_->names.size(), x, {}, value);
}
void Function::values(std::span<const float> x, std::span<float> value) const {
  run_rows<float>(impl_->value_plan(), impl_->names.size(), x, {}, value);
}
void Function::gradients(std::span<const double> x, std::span<double> gradient) const {
  run_rows<double>(impl_->gradient_plan(), impl_->names.size(), x, {}, gradient);
}
void Function::gradients(std::span<const float> x, std::span<float> gradient) const {
  run_rows<float>(impl_->gradient_plan(), impl_->names.size(), x, {}, gradient);
}
void Function::hessian_vector_products(std::span<const double> x, std::span<const double> v,
                                       std::span<double> product) const {
  run_rows<double>(impl_->product_plan(), impl_->names.size(), x, v, product);
}
void Function::hessian_vector_products(std::span<const float> x, std::span<const float> v,
                                       std::span<float> product) const {
  run_rows<float>(impl_->product_plan(), impl_->names.size(), x, v, product);
}

}  // namespace etamax
