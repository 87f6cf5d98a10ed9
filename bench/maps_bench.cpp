// Steps of many runs at once, beside the multiply-adds that this processor makes at most. `of_peak` is the share of
// those that the steps come to: each addition, multiplication or division counts as one, and so does a product that is
// added; a function counts as those of them that Highway's code for it makes (arithmetic_of).
#include <benchmark/benchmark.h>

#include <cmath>
#include <ctime>
#include <stdexcept>
#include <string>
#include <vector>

#include "etamax/dynamics/step_expressions.h"
#include "etamax/expr/objective_table.h"
#include "etamax/expr/step_program.h"
#include "etamax/maps/map.h"
#include "hand_written.h"

namespace etamax {
namespace {

constexpr std::size_t kPoints = 4096;
constexpr long kSteps = 256;

/// Of this thread alone: other programs on the machine do not count.
double seconds_now() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void peak(benchmark::State& state) {
  double sum = 0, count = 0;
  const double begin = seconds_now();
  for (auto _ : state) count += multiply_adds(1000000, sum);
  benchmark::DoNotOptimize(sum);
  state.counters["multiply_adds_per_second"] = count / (seconds_now() - begin);
}

/// The floating-point arithmetic of Highway 1.0.3's functions of doubles (hwy/contrib/math/math-inl.h), counted in
/// their source, and of what etamax makes of exp (expr/detail_math-inl.h); those of expr/detail_fused-inl.h have hardly
/// more or less. Comparisons, choices, conversions and work
/// on bits do not count, since the peak is one of arithmetic; nor does etamax's test of the range. So the share is
/// rather low.
double arithmetic_of(Op op) {
  constexpr double kPolynomial9 = 8 + 3, kPolynomial11 = 10 + 3;  // Estrin's: multiply-adds, and x^2, x^4, x^8
  constexpr double kExpCore = 1 + 2 + kPolynomial11 + 1;          // quotient, reduced in two parts, multiply-add
  constexpr double kPowerOfTwo = 2;                               // as two factors
  constexpr double kExp = kExpCore + 1 + kPowerOfTwo;             // plus 1
  constexpr double kExpm1 = kExp + 1;                             // minus 1
  switch (op) {
    case Op::exp:
      return kExp;
    case Op::tanh:
      return 1 + kExpm1 + 1 + 1;  // 2 x; e / (e + 2)
    case Op::cosh:
    case Op::sigmoid:
      return kExp + 1 + 1;  // e / 2 + 1 / (2 e); 1 / (1 + e)
    case Op::log:
      return 1 + 3 + 9 + 5;  // up from subnormals; (y - 1) / (y + 1); the polynomial; put together
    case Op::sin:
    case Op::cos:
      return 1 + 4 + 1 + kPolynomial9 + 1 + 1;  // quotient; reduced in four parts; x^2; x^3, multiply-add
    default:
      throw std::logic_error("the arithmetic of this function was not counted");
  }
}

double arithmetic_of(const StepProgram& program) {
  const StepProgram::Operations operations = program.operations();
  auto sum = static_cast<double>(operations.arithmetic);
  for (const Op op : operations.functions) sum += arithmetic_of(op);
  return sum;
}

struct Steps {
  Steps(const std::string& text, const std::string& optimizer, const Settings& settings)
      : named(parse_objective(text)),
        function(named.expression, named.variables),
        step(step_expressions(function, find_optimizer(optimizer),
                              hyperparameter_values(find_optimizer(optimizer), settings), {})),
        program(step.next, step.state, step.parameters, kStepNumber) {}
  NamedExpression named;
  Function function;
  StepExpressions step;
  StepProgram program;
};

/// Makes the program's steps again and again, each time from `begin`, beside multiply-adds.
template <typename Begin>
void beside_peak(benchmark::State& state, const StepProgram& program, Begin begin_anew) {
  std::vector<std::vector<double>> at(program.states(), std::vector<double>(kPoints, 0));
  std::vector<double> parameter(kPoints);
  std::vector<double*> to;
  for (auto& row : at) to.push_back(row.data());
  const double* const from[] = {parameter.data()};
  double made = 0, busy = 0, multiplied = 0, multiplying = 0, sum = 0;
  for (auto _ : state) {
    state.PauseTiming();
    begin_anew(at, parameter);
    double begin = seconds_now();
    multiplied += multiply_adds(50000, sum), multiplying += seconds_now() - begin;
    state.ResumeTiming();
    begin = seconds_now();
    program.run(to.data(), from, kPoints, 1, kSteps);
    made += static_cast<double>(kPoints) * kSteps, busy += seconds_now() - begin;
  }
  benchmark::DoNotOptimize(sum);
  state.counters["updates_per_second"] = made / busy;
  state.counters["of_peak"] = made * arithmetic_of(program) / busy / (multiplied / multiplying);
}

/// x' = f(p): nothing but the function.
void function_alone(benchmark::State& state, Op op) {
  const StepProgram program({Expression::apply(op, {Expression::variable("p")})}, {"x"}, {"p"}, kStepNumber);
  beside_peak(state, program, [](auto&, std::vector<double>& parameter) {
    for (std::size_t p = 0; p < kPoints; ++p) parameter[p] = 0.25 + 4 * static_cast<double>(p) / kPoints;
  });
}

void steps(benchmark::State& state, const std::string& text, const std::string& optimizer, const Settings& settings,
           double lr) {
  const Steps s(text, optimizer, settings);
  beside_peak(state, s.program, [&](std::vector<std::vector<double>>& at, std::vector<double>& rate) {
    for (std::size_t p = 0; p < kPoints; ++p) {
      for (auto& row : at) row[p] = 0;
      for (std::size_t i = 0; i < s.step.dimension; ++i) at[i][p] = std::sin(static_cast<double>(p + i));
      rate[p] = lr * (0.5 + static_cast<double>(p) / kPoints);
    }
  });
}

void whole_map(benchmark::State& state, int width, int height, long max_steps) {
  MapOptions o;
  o.expression = "x^4-3x^2+x";
  o.x = {"lr", 0.01, 2, true, width}, o.y = {"start", -2, 2, false, height};
  o.max_steps = max_steps;
  for (auto _ : state) benchmark::DoNotOptimize(map_of(o).areas.size());
}

void add_all() {
  const auto add = [](const std::string& name, auto run) {
    benchmark::RegisterBenchmark(name.c_str(), run)
        ->Repetitions(5)
        ->MinTime(0.05)
        ->ReportAggregatesOnly()
        ->Unit(benchmark::kMillisecond);
  };
  const std::string quartic = "x^4-3x^2+x";
  add("peak", [](benchmark::State& s) { peak(s); });
  add("steps/quartic/gd", [=](benchmark::State& s) { steps(s, quartic, "gd", {}, 0.05); });
  add("steps/quartic/heavy_ball", [=](benchmark::State& s) { steps(s, quartic, "sgd", {{"momentum", 0.9}}, 0.02); });
  add("steps/quartic/nesterov", [=](benchmark::State& s) {
    steps(s, quartic, "sgd", {{"momentum", 0.9}, {"nesterov", 1}}, 0.02);
  });
  add("steps/quartic/adam", [=](benchmark::State& s) { steps(s, quartic, "adam", {}, 0.02); });
  add("steps/rosenbrock/gd", [=](benchmark::State& s) { steps(s, "rosenbrock", "gd", {}, 1e-3); });
  for (const std::string function : {"tanh(x)^2", "logcosh", "exp(x)-x", "sin(x)+x^2/20"})
    add("steps/" + function + "/gd", [=](benchmark::State& s) { steps(s, function, "gd", {}, 0.1); });
  for (const auto& [name, op] : std::vector<std::pair<std::string, Op>>{{"exp", Op::exp},
                                                                        {"log", Op::log},
                                                                        {"sin", Op::sin},
                                                                        {"cos", Op::cos},
                                                                        {"tanh", Op::tanh},
                                                                        {"cosh", Op::cosh},
                                                                        {"sigmoid", Op::sigmoid}})
    add("function/" + name, [op = op](benchmark::State& s) { function_alone(s, op); });
  add("map/quartic/1920x1080/2048_steps/one_thread", [](benchmark::State& s) { whole_map(s, 1920, 1080, 2048); });
  add("map/quartic/960x540/10000_steps/one_thread", [](benchmark::State& s) { whole_map(s, 960, 540, 10000); });
}

}  // namespace
}  // namespace etamax

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  etamax::add_all();
  benchmark::RunSpecifiedBenchmarks();
}
