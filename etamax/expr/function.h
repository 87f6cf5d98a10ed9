#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "etamax/core/differentiable.h"
#include "etamax/expr/expression.h"

namespace etamax {

/// An expression compiled for evaluation: value, gradient and Hessian at a point in 64 bit, and over many
/// points at once with SIMD in 32 or 64 bit. Immutable; may be used from several threads.
class Function final : public Differentiable {
 public:
  /// `variables` fixes the order of the coordinates and must contain every variable of the expression. Throws
  /// InputError.
  Function(const Expression& expression, std::vector<std::string> variables);
  ~Function() override;
  Function(Function&&) noexcept;
  Function& operator=(Function&&) noexcept;

  const Expression& expression() const;
  const std::vector<std::string>& variables() const;
  const std::vector<Expression>& gradient_expressions() const;
  /// True where no entry of the Hessian depends on the variables: the function is a quadratic.
  bool hessian_is_constant() const;

  int dimension() const override;
  double value(std::span<const double> x) const override;
  void gradient(std::span<const double> x, std::span<double> gradient) const override;
  void hessian(std::span<const double> x, std::span<double> hessian) const override;
  std::optional<DomainFault> domain_fault(std::span<const double> x) const override;
  bool pole_between(std::span<const double> a, std::span<const double> b) const override;
  bool in_range(std::span<const double> x) const override;

  /// Batch evaluation at n points, stored one coordinate after the other ("structure of arrays"): coordinate
  /// i of point p is x[i * n + p], and likewise for gradients, directions v and Hessian-vector products. n =
  /// x.size() / dimension(). Accuracy: a few units in the last place of the operations' own (see
  /// tests/expr/batch_test.cpp).
  void values(std::span<const double> x, std::span<double> value) const;
  void values(std::span<const float> x, std::span<float> value) const;
  void gradients(std::span<const double> x, std::span<double> gradient) const;
  void gradients(std::span<const float> x, std::span<float> gradient) const;
  void hessian_vector_products(std::span<const double> x, std::span<const double> v, std::span<double> product) const;
  void hessian_vector_products(std::span<const float> x, std::span<const float> v, std::span<float> product) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace etamax
