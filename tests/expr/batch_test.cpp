// Batches against std:: and single points, on every instruction set that this processor has.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "etamax/expr/detail.h"
#include "etamax/expr/detail_plan.h"
#include "etamax/expr/detail_short_vector.h"
#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"

namespace etamax {
namespace {

/// Runs `body` on each instruction set.
template <class Body>
void on_every_target(Body body) {
  const std::vector<const char*> names = batch_targets();
  for (std::size_t i = 0; i < names.size(); ++i) {
    use_batch_target(i);
    SCOPED_TRACE(names[i]);
    body();
  }
  use_batch_target(0);
}

template <typename T>
using Wider = std::conditional_t<std::is_same_v<T, float>, double, long double>;

/// |found - exact| in units in the last place of the exact value.
template <typename T>
double ulps(T found, Wider<T> exact) {
  const T rounded = static_cast<T>(exact);
  if (std::isnan(rounded) || std::isinf(rounded)) {
    const bool same = std::isnan(rounded) ? std::isnan(found) : found == rounded;
    return same ? 0 : std::numeric_limits<double>::infinity();
  }
  const T size = std::max(std::abs(rounded), std::numeric_limits<T>::min());
  const T unit = std::nextafter(size, std::numeric_limits<T>::infinity()) - size;
  return static_cast<double>(std::abs(static_cast<Wider<T>>(found) - exact) / static_cast<Wider<T>>(unit));
}

/// Every size and both signs, the special values, and many points of ordinary size.
template <typename T>
std::vector<T> wide_range() {
  using Limits = std::numeric_limits<T>;
  std::vector<T> x = {T(0),
                      -T(0),
                      T(1),
                      T(-1),
                      Limits::min(),
                      Limits::denorm_min(),
                      Limits::max(),
                      Limits::lowest(),
                      Limits::infinity(),
                      -Limits::infinity(),
                      Limits::quiet_NaN()};
  for (int e = Limits::min_exponent - 5; e < Limits::max_exponent; ++e)
    for (const double m : {1.0, 1.1, 1.3456789, 1.7, 1.999})
      for (const double sign : {1.0, -1.0}) x.push_back(static_cast<T>(std::ldexp(static_cast<T>(sign * m), e)));
  std::mt19937_64 random(7);
  for (const double size : {1.0, 10.0, 100.0, 800.0, 4e4})
    for (int i = 0; i < 4000; ++i) x.push_back(static_cast<T>(std::uniform_real_distribution(-size, size)(random)));
  for (int k = 1; k < 2000; ++k)  // where sin and cos vanish
    for (const T direction : {T(0), T(1e9)})
      x.push_back(std::nextafter(static_cast<T>(k * 1.57079632679489661923), direction));
  return x;
}

struct Accuracy {
  Op op;
  double largest;  ///< units in the last place, as documented in detail_math-inl.h; of tan, cbrt and erf glibc's
};
const std::vector<Accuracy> kAccuracy = {
    {Op::exp, 1.1}, {Op::log, 1.1}, {Op::acos, 2},    {Op::log2, 2},     {Op::log10, 2.5}, {Op::atan, 3},
    {Op::asin, 3},  {Op::log1p, 3}, {Op::sin, 3.5},   {Op::cos, 3.5},    {Op::tanh, 3.5},  {Op::expm1, 4},
    {Op::sinh, 4},  {Op::cosh, 4},  {Op::sigmoid, 4}, {Op::softplus, 4}, {Op::sqrt, 0.51}, {Op::tan, 2},
    {Op::cbrt, 4},  {Op::erf, 2},   {Op::abs, 0},     {Op::sign, 0},     {Op::step, 0},    {Op::relu, 0}};

template <typename T>
void check_accuracy() {
  const std::vector<T> x = wide_range<T>();
  std::vector<T> y(x.size());
  for (const auto& [op, largest] : kAccuracy) {
    const Function f(Expression::apply(op, {Expression::variable("x")}), {"x"});
    f.values(x, y);
    double worst = 0;
    T at = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double error = ulps<T>(y[i], detail::evaluate<Wider<T>>(op, x[i], x[i]));
      if (!(error <= worst)) worst = error, at = x[i];
    }
    EXPECT_LE(worst, largest) << detail::function_name(op) << " of " << at << " in " << 8 * sizeof(T) << " bit";
    ::testing::Test::RecordProperty(detail::function_name(op) + std::to_string(8 * sizeof(T)), std::to_string(worst));
  }
}

TEST(Batches, FunctionsAreAccurateOverTheWholeRange) {
  std::size_t functions_of_one = 0;
  for (const auto& [name, op] : detail::functions()) functions_of_one += op != Op::max && op != Op::min && name != "ln";
  EXPECT_EQ(kAccuracy.size(), functions_of_one);
  on_every_target([] {
    check_accuracy<double>();
    check_accuracy<float>();
  });
}

TEST(Batches, ZerosKeepTheirSign) {
  const std::vector<double> x(64, -0.0);
  std::vector<double> y(x.size());
  on_every_target([&] {
    for (const Op op : {Op::sin, Op::tanh, Op::expm1}) {
      const Function f(Expression::apply(op, {Expression::variable("x")}), {"x"});
      f.values(x, y);
      for (const double value : y) ASSERT_TRUE(value == 0 && std::signbit(value)) << detail::function_name(op);
    }
  });
}

/// The functions that browsers use, which every compiler makes: over the ranges for which they are asked.
template <typename T, typename Body>
void check_short(const char* name, Op op, double low, double high, double largest, Body body) {
  constexpr std::size_t kLanes = 16 / sizeof(T);
  std::vector<T> x;
  for (const T at : wide_range<T>())
    if (at >= static_cast<T>(low) && at <= static_cast<T>(high)) x.push_back(at);
  std::mt19937_64 random(11);
  for (int i = 0; i < 100000; ++i)
    x.push_back(static_cast<T>(std::uniform_real_distribution(low, std::min(high, 50.0))(random)));
  x.resize(x.size() / kLanes * kLanes);
  double worst = 0;
  T where = 0;
  for (std::size_t i = 0; i < x.size(); i += kLanes) {
    short_vector::Vector<T> v{};
    for (std::size_t k = 0; k < kLanes; ++k) v[k] = x[i + k];
    v = body(v);
    for (std::size_t k = 0; k < kLanes; ++k)
      if (const double error = ulps<T>(v[k], detail::evaluate<Wider<T>>(op, x[i + k], x[i + k])); !(error <= worst))
        worst = error, where = x[i + k];
  }
  EXPECT_LE(worst, largest) << name << " of " << where << " in " << 8 * sizeof(T) << " bit";
  ::testing::Test::RecordProperty(name + std::to_string(8 * sizeof(T)), std::to_string(worst));
}

template <typename T>
void check_short_functions() {
  using V = short_vector::Vector<T>;
  constexpr T kLargest = std::numeric_limits<T>::max(), kSmallest = std::numeric_limits<T>::min();
  constexpr double kExponent = sizeof(T) == 8 ? 700 : 87;
  check_short<T>("exp", Op::exp, -kExponent, kExponent, 1, [](V x) { return short_vector::exp<T>(x); });
  check_short<T>("expm1", Op::expm1, -kExponent, kExponent, 2, [](V x) { return short_vector::expm1<T>(x); });
  check_short<T>("tanh", Op::tanh, -kLargest, kLargest, 3, [](V x) { return short_vector::tanh<T>(x); });
  check_short<T>("log", Op::log, kSmallest, kLargest, 1, [](V x) { return short_vector::log<T>(x); });
  check_short<T>("log1p", Op::log1p, -0.99, 0.5 * kLargest, 2, [](V x) { return short_vector::log1p<T>(x); });
  check_short<T>("cosh", Op::cosh, -kExponent, kExponent, 3, [](V x) { return short_vector::cosh<T>(x); });
  check_short<T>("sigmoid", Op::sigmoid, -kExponent, kExponent, 3, [](V x) { return short_vector::sigmoid<T>(x); });
  check_short<T>("softplus", Op::softplus, -kExponent, kExponent, 3, [](V x) { return short_vector::softplus<T>(x); });
  check_short<T>("sin", Op::sin, -39000, 39000, 1.5, [](V x) { return short_vector::sin<T>(x); });
  check_short<T>("cos", Op::cos, -39000, 39000, 1.5, [](V x) { return short_vector::cos<T>(x); });
}

TEST(Batches, TheFunctionsOfBrowsersAreAccurate) {
  check_short_functions<double>();
  check_short_functions<float>();
}

std::vector<NamedExpression> subjects() {
  std::vector<NamedExpression> all;
  for (const ObjectiveSpec& spec : named_objectives()) all.push_back(parse_objective(spec.name));
  for (const std::string text : {"x",
                                 "x + 3",
                                 "x/4",
                                 "x/3",
                                 "2^x",
                                 "x^y",
                                 "x^3",
                                 "x^-2",
                                 "x^16",
                                 "x^17",
                                 "x^0.5",
                                 "x^2.5",
                                 "5*x^3 + x - 7*y*x + y^2 - 3",
                                 "x^2 + 1",
                                 "x - y",
                                 "x*y - x*y*z",
                                 "-x*y - 2 - z*y*x",
                                 "max(x, 2) - min(1, y)",
                                 "max(x, y)*min(x, y)",
                                 "abs(x)*sign(y)",
                                 "relu(x - y)*step(y)",
                                 "tan(x)/cosh(y)",
                                 "sigmoid(x*y) + softplus(x - 3y)",
                                 "erf(x) + cbrt(y)",
                                 "log(x^2 + 1)*sqrt(y^2 + 1)",
                                 "exp(-x^2 - y^2)*(x + y)",
                                 "a*b + c*d + e1*f - a*f",
                                 "x^5 + x^3 + x",
                                 "-(x^3) + 2"})
    all.push_back(parse_objective(text));
  return all;
}

/// Value, gradient and Hessian-vector product of one batch against single points; the error relative to the
/// size of the terms, which a condition number would hide.
template <typename T>
void check_against_points(const NamedExpression& subject, std::size_t n) {
  const Function f(subject.expression, subject.variables);
  const auto d = static_cast<std::size_t>(f.dimension());
  std::vector<T> x(d * n), v(d * n), value(n), gradient(d * n), product(d * n);
  for (std::size_t i = 0; i < d * n; ++i) {
    x[i] = static_cast<T>(1.5 * std::sin(static_cast<double>(i + 1)));
    v[i] = static_cast<T>(std::cos(static_cast<double>(3 * i)));
  }
  f.values(x, value);
  f.gradients(x, gradient);
  f.hessian_vector_products(x, v, product);
  const double tolerance = 40 * std::numeric_limits<T>::epsilon();
  const auto expect_near = [&](T found, double exact, double size, std::size_t p) {
    if (std::isnan(exact) || std::isinf(exact)) return;  // domains are compared below, in 64 bit
    EXPECT_NEAR(found, exact, tolerance * (std::abs(exact) + size)) << subject.name << " at point " << p << " of " << n;
  };
  std::vector<double> point(d), expected(d), hessian(d * d);
  for (std::size_t p = 0; p < n; ++p) {
    double largest = 1;
    for (std::size_t i = 0; i < d; ++i) point[i] = x[i * n + p], largest = std::max(largest, std::abs(point[i]));
    const double at_point = f.value(point);
    f.gradient(point, expected);
    f.hessian(point, hessian);
    double steepest = 0;
    for (const double g : expected) steepest += std::abs(g);
    // Rounding x by half a unit moves the value by this much, and sums cancel.
    expect_near(value[p], at_point, steepest * largest + 20, p);
    for (std::size_t i = 0; i < d; ++i) {
      double sum = 0, size = 0;
      for (std::size_t j = 0; j < d; ++j) {
        sum += hessian[i * d + j] * static_cast<double>(v[j * n + p]);
        size += std::abs(hessian[i * d + j]);
      }
      expect_near(gradient[i * n + p], expected[i], size * largest + steepest, p);
      if (std::isfinite(sum)) expect_near(product[i * n + p], sum, 30 * size + 100, p);
    }
  }
}

TEST(Batches, EqualSinglePoints) {
  on_every_target([] {
    for (const NamedExpression& subject : subjects()) {
      for (const std::size_t n : {1, 2, 7, 8, 33, 300}) check_against_points<double>(subject, n);
      check_against_points<float>(subject, 77);
    }
  });
}

TEST(Batches, HaveTheDomainsOfSinglePoints) {
  using Limits = std::numeric_limits<double>;
  const std::vector<double> x = {
      0, -0.0, 1, -1, 2, -2.5, 1e-300, -1e300, 1e300, Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN()};
  std::vector<double> y(x.size());
  on_every_target([&] {
    for (const std::string text :
         {"sqrt(x)", "log(x)",  "log1p(x)",         "1/x",           "x^-2",      "x^0.5",     "x^1.5",     "x^x",
          "asin(x)", "acos(x)", "x^3 - x",          "x^2 + 1/x",     "max(x, 1)", "max(1, x)", "min(x, 1)", "min(1, x)",
          "relu(x)", "sign(x)", "exp(x) - exp(2x)", "x^4 - 3x^2 + x"}) {
      const Function f(parse(text), {"x"});
      f.values(x, y);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double expected = f.value(std::span(&x[i], 1));
        if (std::isnan(expected))
          EXPECT_TRUE(std::isnan(y[i])) << text << " at " << x[i] << " is " << y[i];
        else
          EXPECT_LE(ulps<double>(y[i], expected), 4)
              << text << " at " << x[i] << " is " << y[i] << ", not " << expected;
      }
    }
  });
}

TEST(Batches, ManyPointsAndNone) {
  const Function f(parse("x^4 - 3x^2 + x"), {"x"});
  std::vector<double> x(100003), g(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i) * 1e-4;
  f.gradients(x, g);
  for (std::size_t i = 0; i < x.size(); ++i)
    ASSERT_NEAR(g[i], 4 * x[i] * x[i] * x[i] - 6 * x[i] + 1, 1e-14 * (4 * x[i] * x[i] * x[i] + 6 * x[i] + 1));
  f.gradients(std::span<const double>(), std::span<double>());
}

}  // namespace
}  // namespace etamax
