// Gradients and Hessians against central differences.
#include <gtest/gtest.h>

#include <cmath>

#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"

namespace etamax {
namespace {

std::vector<NamedExpression> subjects() {
  std::vector<NamedExpression> all;
  for (const ObjectiveSpec& spec : named_objectives()) {
    std::vector<double> parameters;
    for (const ObjectiveParameter& p : spec.parameters) parameters.push_back(p.default_value);
    all.push_back(spec.make(parameters));
  }
  for (const std::string text : {"sin(x)*cos(y)",
                                 "tan(x/3)",
                                 "asin(x/4) + acos(y/4)",
                                 "atan(x*y)",
                                 "sinh(x) + cosh(y)",
                                 "tanh(x*y)",
                                 "exp(x - y)",
                                 "log(x + 5)",
                                 "log2(x + 5) + log10(y + 5)",
                                 "log1p(x^2)",
                                 "expm1(x*y/5)",
                                 "sqrt(x^2 + y^2 + 1)",
                                 "cbrt(x + 7)",
                                 "abs(x)*y",
                                 "max(x, y)",
                                 "min(x^2, y)",
                                 "relu(x)*y",
                                 "sigmoid(x - y)",
                                 "softplus(x*y)",
                                 "erf(x)",
                                 "(x + 4)^y",
                                 "x/(y^2 + 1)",
                                 "(1 - x*y)^2/2"})
    all.push_back(parse_objective(text));
  return all;
}

TEST(Derivatives, EqualCentralDifferences) {
  for (const NamedExpression& subject : subjects()) {
    const Function f(subject.expression, subject.variables);
    const auto d = static_cast<std::size_t>(f.dimension());
    std::vector<double> x(d), g(d), h(d * d), up(d), down(d);
    for (std::size_t i = 0; i < d; ++i) x[i] = 0.83 - 0.57 * static_cast<double>(i);
    f.gradient(x, g);
    f.hessian(x, h);
    const double size = 1 + std::abs(f.value(x));
    for (std::size_t i = 0; i < d; ++i) {
      const double step = 1e-5;
      auto plus = x, minus = x;
      plus[i] += step, minus[i] -= step;
      EXPECT_NEAR(g[i], (f.value(plus) - f.value(minus)) / (2 * step), 1e-6 * (size + std::abs(g[i])))
          << subject.name << " d" << i;
      f.gradient(plus, up);
      f.gradient(minus, down);
      for (std::size_t j = 0; j < d; ++j)
        EXPECT_NEAR(h[i * d + j], (up[j] - down[j]) / (2 * step), 1e-6 * (size + std::abs(h[i * d + j])))
            << subject.name << " d" << i << j;
    }
  }
}

}  // namespace
}  // namespace etamax
