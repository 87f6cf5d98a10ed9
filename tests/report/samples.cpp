#include "samples.h"

#include <cmath>
#include <cstdlib>
#include <limits>

namespace etamax::testing {
namespace {

/// The same cases every time, unless the environment asks for others: RC_PARAMS="seed=2 max_success=10000".
[[maybe_unused]] const int kSameCases = setenv("RC_PARAMS", "seed=1", 0);

FunctionRun run_on_parabola(double lr) {
  FunctionRun run;
  run.lr = lr;
  double x = -1;
  for (int k = 0; k <= 60; ++k) {
    if (k <= 3) run.iterates.push_back({x}), run.losses.push_back(x * x);
    run.long_losses.push_back(x * x);
    x *= 1 - 2 * lr;
  }
  run.rate = 1 - 2 * lr;
  run.verdict = lr < 1 ? Verdict::converges : lr > 1 ? Verdict::diverges : Verdict::cycles;
  if (lr == 1) run.period = 2;
  if (lr > 1) run.cause = Cause::learning_rate;
  run.mode = Mode::oscillating;
  run.rate_scope = RateScope::each_step;
  for (std::size_t k = 0; k < run.iterates.size(); ++k) {
    run.gradients.push_back({2 * run.iterates[k][0]});
    if (k > 0) run.updates.push_back({run.iterates[k][0] - run.iterates[k - 1][0]});
  }
  run.reason = "Each step multiplies the distance to the minimum by 1 - 2 x lr.";
  return run;
}

rc::Gen<double> any_rate() {
  return rc::gen::oneOf(
      rc::gen::map(rc::gen::inRange(-320000, 300001), [](int e) { return std::pow(10.0, e / 1000.0); }),
      rc::gen::map(rc::gen::inRange(-2000, 2001), [](int e) { return std::pow(10.0, e / 1000.0); }),
      rc::gen::map(rc::gen::inRange(0, 100), [](int e) { return 1 + e * 1e-4; }));
}

rc::Gen<double> any_value() {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  return rc::gen::oneOf(
      rc::gen::map(rc::gen::inRange(-4000, 4001), [](int v) { return v / 1000.0; }),
      rc::gen::map(rc::gen::inRange(-307000, 308001), [](int e) { return std::pow(10.0, e / 1000.0); }),
      rc::gen::map(rc::gen::inRange(-307000, 308001), [](int e) { return -std::pow(10.0, e / 1000.0); }),
      rc::gen::element(0.0, -0.0, 5e-324, -5e-324, kInfinity, -kInfinity, std::nan(""), 1.7976931348623157e308));
}

Verdict any_verdict() { return static_cast<Verdict>(*rc::gen::inRange(0, static_cast<int>(Verdict::unclear) + 1)); }

std::string any_name() {
  return *rc::gen::element<std::string>("x", "<b>&amp;\"'", "stability edge", "largest from this start", "\x01", "λ");
}

template <typename T>
std::vector<T> several(int most, const rc::Gen<T>& gen) {
  return *rc::gen::container<std::vector<T>>(static_cast<std::size_t>(*rc::gen::inRange(0, most + 1)), gen);
}

FunctionRun any_run(int variables) {
  FunctionRun run;
  run.lr = *any_rate();
  run.verdict = any_verdict();
  if (*rc::gen::arbitrary<bool>()) run.cause = *rc::gen::element(Cause::learning_rate, Cause::unbounded_below);
  if (*rc::gen::arbitrary<bool>()) run.rate = *any_value();
  if (*rc::gen::arbitrary<bool>()) run.period = *rc::gen::inRange(1, 1000);
  if (*rc::gen::arbitrary<bool>()) run.bad_step = *rc::gen::inRange(0, 10000);
  run.long_losses = several(100, any_value());
  const int steps = *rc::gen::inRange(0, 40);
  for (int k = 0; k < steps; ++k) {
    run.iterates.push_back(*rc::gen::container<std::vector<double>>(static_cast<std::size_t>(variables), any_value()));
    run.losses.push_back(*any_value());
    run.gradients.push_back(run.iterates[static_cast<std::size_t>(*rc::gen::inRange(0, k + 1))]);
    if (k > 0) run.updates.push_back(run.iterates[static_cast<std::size_t>(*rc::gen::inRange(0, k + 1))]);
  }
  if (*rc::gen::arbitrary<bool>())
    run.rate_scope = *rc::gen::element(RateScope::each_step, RateScope::near_limit, RateScope::long_run);
  run.reason = any_name() + " is the reason & more";
  return run;
}

}  // namespace

Explanation article() {
  Explanation e;
  e.expression = "x^2";
  e.objective = {"x^2", "<math><msup><mi>x</mi><mn>2</mn></msup></math>"};
  e.variables = {"x"};
  e.gradient = {{"2*x", "<math><mn>2</mn><mi>x</mi></math>"}};
  e.update = {{"new x = x*(1 - 2*lr)", "<math><mi>x</mi></math>"}};
  e.optimizer = "gd";
  e.start = {-1};
  e.stability.minimizer = {0.0};
  e.stability.small_rates = {DescentOutcome::minimum, std::vector<double>{0.0}, PointKind::minimum};
  e.stability.lambda_max = e.stability.lambda_min = 2;
  e.stability.lr_edge = 1;
  e.stability.lr_edge_formula = "2 / lambda_max";
  e.stability.lr_max_from_start = 1;
  e.stability.lr_max_from_start_bracket = {0.999999, 1.000001};
  e.stability.lr_fastest = 0.5;
  for (const double lr : {0.8, 1.0, 1.2}) e.runs.push_back(run_on_parabola(lr));
  e.ruler.bands = {
      {"monotone", 0, 0.5, "theory"}, {"oscillating", 0.5, 1, "theory"}, {"diverge", 1.000001, {}, "measured"}};
  e.ruler.marks = {{"stability edge", 1, {}, "theory"},
                   {"largest from this start", 1, {{0.999999, 1.000001}}, "measured"},
                   {"fastest", 0.5, {}, "theory"}};
  for (const FunctionRun& run : e.runs) {
    e.ruler.dots.push_back({run.lr, run.verdict});
    e.ruler.marks.push_back({"yours", run.lr, {}, "yours"});
  }
  CurveSample curve;
  for (int i = 0; i <= 400; ++i) {
    curve.x.push_back(-3 + 6 * i / 400.0);
    curve.y.push_back(curve.x.back() * curve.x.back());
  }
  e.curve = curve;
  e.cost = {100, 0, 100, 0.001, 1 << 22};
  return e;
}

Explanation two_variables() {
  Explanation e = article();
  e.expression = "x^2 + 10*y^2";
  e.variables = {"x", "y"};
  e.gradient = {{"2*x", ""}, {"20*y", ""}};
  e.update = {{"new x = x*(1 - 2*lr)", ""}, {"new y = y*(1 - 20*lr)", ""}};
  e.start = {1, 1};
  e.stability.minimizer = {0.0, 0.0};
  e.stability.small_rates.point = {0.0, 0.0};
  e.curve.reset();
  e.stability.lambda_max = 20;
  e.stability.lr_edge = e.stability.lr_max_from_start = 0.1;
  e.stability.lr_max_from_start_bracket = {0.0999999, 0.1000001};
  e.stability.lr_fastest = 1 / 11.0;
  e.runs.clear();
  e.ruler = {};
  e.ruler.bands = {
      {"monotone", 0, 0.05, "theory"}, {"oscillating", 0.05, 0.1, "theory"}, {"diverge", 0.1000001, {}, "measured"}};
  e.ruler.marks = {{"stability edge", 0.1, {}, "theory"}, {"fastest", 1 / 11.0, {}, "theory"}};
  for (const double lr : {0.08, 0.12}) {
    FunctionRun run;
    run.lr = lr;
    for (int k = 0; k <= 60; ++k) {
      const double x = std::pow(1 - 2 * lr, k), y = std::pow(1 - 20 * lr, k);
      run.long_losses.push_back(x * x + 10 * y * y);
      if (lr < 0.1 || k < 4) run.path.push_back({x, y});
      if (k > 8) continue;
      run.iterates.push_back({x, y});
      run.losses.push_back(run.long_losses.back());
    }
    run.path_steps = static_cast<long>(run.path.size()) - 1;
    run.steps_followed = 60;
    run.verdict = lr < 0.1 ? Verdict::converges : Verdict::diverges;
    run.rate = lr < 0.1 ? 1 - 2 * lr : 1 - 20 * lr;
    run.rate_scope = lr < 0.1 ? RateScope::slowest_direction : RateScope::steepest_direction;
    run.reason =
        "Along one direction each step multiplies the distance to the minimum by " + std::to_string(*run.rate) + ".";
    e.ruler.dots.push_back({lr, run.verdict});
    e.ruler.marks.push_back({"yours", lr, {}, "yours"});
    e.runs.push_back(run);
  }
  GridSample grid{-2, 2, -2, 2, 41, 41, {}};
  for (int row = 0; row < 41; ++row)
    for (int column = 0; column < 41; ++column) {
      const double x = -2 + 0.1 * column, y = -2 + 0.1 * row;
      grid.value.push_back(x * x + 10 * y * y);
    }
  e.grid = grid;
  return e;
}

rc::Gen<Ruler> any_ruler() {
  return rc::gen::exec([] {
    Ruler ruler;
    for (const double lr : several(6, any_rate())) {
      Ruler::Mark mark{any_name(), lr, {}, *rc::gen::element<std::string>("theory", "measured", "")};
      if (*rc::gen::arbitrary<bool>()) mark.interval = {lr * 0.9, lr * 1.1};
      ruler.marks.push_back(mark);
    }
    for (const double lr : several(30, any_rate())) {
      ruler.dots.push_back({lr, any_verdict()});
      if (*rc::gen::arbitrary<bool>()) ruler.marks.push_back({"yours", lr, {}, "yours"});
    }
    double from = 0;
    for (const double to : several(5, any_rate())) {
      const std::string name =
          *rc::gen::element<std::string>("slow", "monotone", "oscillating", "catapult", "collapse", "diverge", "<odd>");
      ruler.bands.push_back({name, from, *rc::gen::arbitrary<bool>() ? std::optional<double>(to) : std::nullopt,
                             *rc::gen::element<std::string>("theory", "measured")});
      from = to;
    }
    return ruler;
  });
}

rc::Gen<Explanation> any_explanation() {
  return rc::gen::exec([] {
    Explanation e;
    const int variables = *rc::gen::inRange(0, 4);
    e.expression = any_name() + "^2 < \"1\"";
    e.optimizer = any_name();
    for (int i = 0; i < variables; ++i) {
      e.variables.push_back(i == 0 ? "<x>" : "y" + std::to_string(i));
      e.gradient.push_back({any_name(), ""});
      e.update.push_back({any_name() + " = 1 & 2", ""});
      e.start.push_back(*any_value());
    }
    const int runs = *rc::gen::inRange(0, 15);
    for (int i = 0; i < runs; ++i) e.runs.push_back(any_run(variables));
    e.ruler = *any_ruler();
    if (*rc::gen::arbitrary<bool>())
      e.stability.minimizer =
          *rc::gen::container<std::vector<double>>(static_cast<std::size_t>(variables), any_value());
    e.stability.lr_edge_reason = "a < b & c";
    if (variables == 1) {
      e.curve = CurveSample{{-1, -0.5, 0, 0.5, 1}, *rc::gen::container<std::vector<double>>(5, any_value())};
      if (*rc::gen::arbitrary<bool>())
        for (double& x : e.curve->x) x *= 1e-310;
    }
    if (variables == 2)
      e.grid = GridSample{-1, 1, -2, 2, 6, 5, *rc::gen::container<std::vector<double>>(30, any_value())};
    e.partial = *rc::gen::arbitrary<bool>();
    return e;
  });
}

}  // namespace etamax::testing
