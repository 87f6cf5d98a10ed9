#include "etamax/dynamics/scaled_descent.h"

#include <cmath>

namespace etamax {
namespace {

/// f(x) as a function of u = x / scale.
class Scaled final : public Differentiable {
 public:
  Scaled(const Differentiable& f, std::vector<double> scale) : f_(f), scale_(std::move(scale)) {}
  int dimension() const override { return f_.dimension(); }
  double value(std::span<const double> u) const override { return f_.value(unscaled(u)); }
  void gradient(std::span<const double> u, std::span<double> gradient) const override {
    f_.gradient(unscaled(u), gradient);
    for (std::size_t i = 0; i < u.size(); ++i) gradient[i] *= scale_[i];
  }
  void hessian(std::span<const double> u, std::span<double> hessian) const override {
    f_.hessian(unscaled(u), hessian);
    for (std::size_t i = 0; i < u.size(); ++i)
      for (std::size_t j = 0; j < u.size(); ++j) hessian[i * u.size() + j] *= scale_[i] * scale_[j];
  }
  std::optional<DomainFault> domain_fault(std::span<const double> u) const override {
    return f_.domain_fault(unscaled(u));
  }
  bool pole_between(std::span<const double> a, std::span<const double> b) const override {
    return f_.pole_between(unscaled(a), unscaled(b));
  }
  bool in_range(std::span<const double> u) const override { return f_.in_range(unscaled(u)); }
  std::vector<double> unscaled(std::span<const double> u) const {
    std::vector<double> x(u.begin(), u.end());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] *= scale_[i];
    return x;
  }

 private:
  const Differentiable& f_;
  const std::vector<double> scale_;
};

}  // namespace

Descent scaled_descent(const Experiment& experiment, const Stepper& stepper, Cost& cost) {
  std::vector<double> scale(stepper.x.size()), u = stepper.x;
  experiment.optimizer.preconditioner(experiment.values, stepper.step(), stepper.state, scale);
  for (std::size_t i = 0; i < u.size(); ++i) {
    scale[i] = scale[i] > 0 ? 1 / std::sqrt(scale[i]) : 1;
    u[i] /= scale[i];
  }
  const Scaled scaled(experiment.decayed, scale);
  Descent end = descend(scaled, u, cost);
  end.point = scaled.unscaled(end.point);
  return end;
}

}  // namespace etamax
