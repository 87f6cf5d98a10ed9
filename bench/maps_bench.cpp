// Steps of many runs at once, beside the multiply-adds that this processor makes at most: `of_peak` is the share of
// those that the arithmetic of the steps comes to, and functions count with what they take alone.
#include <benchmark/benchmark.h>

#include <cmath>
#include <ctime>
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

void steps(benchmark::State& state, const std::string& text, const std::string& optimizer, const Settings& settings,
           double lr) {
  const Steps s(text, optimizer, settings);
  std::vector<std::vector<double>> at(s.step.state.size(), std::vector<double>(kPoints, 0));
  std::vector<double> rate(kPoints);
  std::vector<double*> to;
  for (auto& row : at) to.push_back(row.data());
  const double* const from[] = {rate.data()};
  double made = 0, busy = 0, multiplied = 0, multiplying = 0, sum = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (std::size_t p = 0; p < kPoints; ++p) {
      for (auto& row : at) row[p] = 0;
      for (std::size_t i = 0; i < s.step.dimension; ++i) at[i][p] = std::sin(static_cast<double>(p + i));
      rate[p] = lr * (0.5 + static_cast<double>(p) / kPoints);
    }
    double begin = seconds_now();
    multiplied += multiply_adds(50000, sum), multiplying += seconds_now() - begin;
    state.ResumeTiming();
    begin = seconds_now();
    s.program.run(to.data(), from, kPoints, 1, kSteps);
    made += static_cast<double>(kPoints) * kSteps, busy += seconds_now() - begin;
  }
  benchmark::DoNotOptimize(sum);
  const auto operations = s.program.operations();
  state.counters["updates_per_second"] = made / busy;
  state.counters["of_peak"] = made * static_cast<double>(operations.arithmetic) / busy / (multiplied / multiplying);
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
