#pragma once

#include <optional>
#include <span>
#include <string>

namespace etamax {

/// Why a function has no value at a point: the innermost operation that has no result for its finite
/// operands. Overflow of finite operands to infinity is not a fault of the domain, and gives none.
struct DomainFault {
  std::string operation;  ///< for a reader, for example "log of -0.3" or "division by zero"
};

/// A differentiable function of `dimension()` real variables: what an optimizer minimizes.
/// Implementations are immutable and may be called from several threads at once.
class Differentiable {
 public:
  virtual ~Differentiable() = default;
  virtual int dimension() const = 0;
  /// The value at `x` (`dimension()` numbers). NaN or infinite where there is none.
  virtual double value(std::span<const double> x) const = 0;
  /// Writes the gradient at `x` to `gradient` (`dimension()` numbers).
  virtual void gradient(std::span<const double> x, std::span<double> gradient) const = 0;
  /// Writes the Hessian at `x` to `hessian` (`dimension()` squared numbers; symmetric, so the order does not
  /// matter).
  virtual void hessian(std::span<const double> x, std::span<double> hessian) const = 0;
  /// Why the value or the gradient at the finite point `x` is not a number, if that is a matter of the
  /// domain.
  virtual std::optional<DomainFault> domain_fault(std::span<const double> x) const = 0;
  /// Whether something that is divided by changes its sign between `a` and `b`: a pole lies on the way, be it so narrow
  /// that neither end shows it. false where that is not known.
  virtual bool pole_between(std::span<const double> /*a*/, std::span<const double> /*b*/) const { return false; }
  /// Whether value and gradient at `x` are those of numbers of any size: false where something on the way to them has
  /// left the machine's (1/x^4 is 0 at 1e100) and is not negligible beside the rest. true where that is not known.
  virtual bool in_range(std::span<const double> /*x*/) const { return true; }
};

}  // namespace etamax
