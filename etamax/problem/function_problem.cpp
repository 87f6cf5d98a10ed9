#include "etamax/problem/function_problem.h"

namespace etamax {
namespace {

std::span<const double> view(const Eigen::VectorXd& x) { return {x.data(), static_cast<std::size_t>(x.size())}; }

}  // namespace

FunctionObjective::FunctionObjective(const Differentiable& f, std::span<const double> start,
                                     const std::vector<std::string>& names)
    : DenseObjective(Eigen::Map<const Eigen::VectorXd>(start.data(), static_cast<Eigen::Index>(start.size())), names),
      f_(f) {}

double FunctionObjective::value(const Eigen::VectorXd& x) { return f_.value(view(x)); }

Eigen::VectorXd FunctionObjective::gradient_at(const Eigen::VectorXd& x) {
  Eigen::VectorXd g(x.size());
  f_.gradient(view(x), {g.data(), static_cast<std::size_t>(g.size())});
  return g;
}

Eigen::VectorXd FunctionObjective::product(const Eigen::VectorXd& x, const Eigen::VectorXd& v) {
  Eigen::MatrixXd h(x.size(), x.size());
  f_.hessian(view(x), {h.data(), static_cast<std::size_t>(h.size())});
  return h * v;
}

}  // namespace etamax
