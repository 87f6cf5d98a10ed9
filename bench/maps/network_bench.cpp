// Trainings of the tiny network over the whole map, against the same program written plainly and what the machine's
// multiply-adds allow. An iteration is one training.
#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "../hand_written.h"
#include "etamax/maps/network.h"
#include "plain_network.h"

namespace etamax {
namespace {

/// 16 x 16 pixels of the published picture.
struct Grid {
  std::vector<double> input, output;
  Grid() {
    for (int j = 0; j < 16; ++j)
      for (int i = 0; i < 16; ++i) {
        input.push_back(std::pow(10, -3 + 9 * i / 15.0));
        output.push_back(std::pow(10, -3 + 9 * j / 15.0));
      }
  }
};

void etamax_trainings(benchmark::State& state, std::size_t width, std::size_t steps) {
  const Grid grid;
  const NetworkTrainings trainings(published_network_task(width), steps);
  std::vector<NetworkRun> runs(grid.input.size());
  while (state.KeepRunningBatch(static_cast<std::int64_t>(runs.size()))) trainings.run(grid.input, grid.output, runs);
}

/// The multiply-adds of these trainings at the machine's peak: of each step that is made until the weights overflow,
/// the two products of matrices and 26 for each hidden unit of each example, 22 of them for tanh.
void bound(benchmark::State& state, std::size_t width, std::size_t steps) {
  const Grid grid;
  std::vector<NetworkRun> runs(grid.input.size());
  NetworkTrainings(published_network_task(width), steps).run(grid.input, grid.output, runs);
  double made = 0;
  for (const NetworkRun& run : runs) made += static_cast<double>(run.steps);
  const double n = static_cast<double>(width), of_all = made * (n * n + n) * (2 * n * n + 26 * n);
  double sum = 0;
  const double in_a_round = multiply_adds(1000, sum) / 1000;
  const auto rounds = static_cast<std::size_t>(of_all / in_a_round);
  while (state.KeepRunningBatch(static_cast<std::int64_t>(runs.size())))
    benchmark::DoNotOptimize(multiply_adds(rounds, sum));
}

template <std::size_t width>
void plain_trainings(benchmark::State& state, std::size_t steps) {
  const Grid grid;
  const NetworkTask task = published_network_task(width);
  while (state.KeepRunningBatch(static_cast<std::int64_t>(grid.input.size())))
    for (std::size_t k = 0; k < grid.input.size(); ++k)
      benchmark::DoNotOptimize(plain_training<width>(task, steps, grid.input[k], grid.output[k]));
}

template <class Run, class... Arguments>
void add(const char* name, Run run, Arguments... arguments) {
  benchmark::RegisterBenchmark(name, run, arguments...)->Repetitions(5)->ReportAggregatesOnly()->MinTime(0.3);
}

}  // namespace
}  // namespace etamax

int main(int argc, char** argv) {
  using namespace etamax;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  add("network/16/bound", bound, 16, 500);
  add("network/16/etamax", etamax_trainings, 16, 500);
  add("network/16/plain", plain_trainings<16>, 500);
  add("network/8/bound", bound, 8, 100);
  add("network/8/etamax", etamax_trainings, 8, 100);
  add("network/8/plain", plain_trainings<8>, 100);
  benchmark::RunSpecifiedBenchmarks();
}
