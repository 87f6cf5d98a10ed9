// How good the learning rates are that `etamax tune` finds, and those of the usual methods, at equal cost, beside a dense grid of
// rates. Usage:
//   tune_bench --grid [--task N]                   makes the grid's runs that bench/results/tune_grid.csv lacks
//   tune_bench [--method M] [--task N] [--repetitions R] [--runs FILE]   lines for bench/results/tune.csv, without date and machine
//   tune_bench --summary                           tables of what bench/results/tune.csv holds
// M: etamax, range, random, halving. FILE keeps the runs that judge, for another time. One thread: the numbers do not depend on how
// many there are.
#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>

#include "etamax/model/memory.h"
#include "opponents.h"
#include "run_table.h"
#include "tasks.h"

using namespace etamax;

namespace {

const std::string kGridFile = ETAMAX_BENCH_RESULTS "/tune_grid.csv", kResultsFile = ETAMAX_BENCH_RESULTS "/tune.csv";
constexpr double kLeastOctaves = 10, kFarFromBest = 1.5;

struct Arguments {
  bool grid = false, summary = false;
  std::size_t task = 0;  ///< 0: all
  std::string method, runs;
  std::uint64_t repetitions = 5;
};

/// Half an octave apart: upwards until no seed trains, downwards until the loss is far from the best and the grid is wide.
void make_grid(const BenchTask& t, RunTable& table) {
  TuningTask task(t.request);
  const double middle = std::log2(t.grid_from);
  const auto rate = [&](int k) { return std::exp2(middle + k / 2.0); };
  double best = INFINITY;
  const auto look = [&](int k) {
    const RateEnd end = table.rate(t.name, task, rate(k));
    if (end.failures == 0) best = std::min(best, end.validation_loss);
    fmt::print(stderr, "{} lr {:.4g}: {:.4g} on validation, {:.4g} on training, {} failed\n", t.name, rate(k),
               end.validation_loss, end.training_loss, end.failures);
    return end;
  };
  int high = 0, low = -1;
  while (look(high).failures < static_cast<int>(std::size(kJudgingSeeds))) ++high;
  while (look(low).validation_loss <= kFarFromBest * best || high - low < 2 * kLeastOctaves) --low;
}

struct Reference {
  double lr = 0, validation_loss = INFINITY, training_loss = 0;
};

/// The grid's best rate, of those that no seed failed at.
Reference best_of_grid(const BenchTask& t, TuningTask& task, RunTable& table) {
  Reference best;
  for (const double lr : table.rates(t.name)) {
    const RateEnd end = table.rate(t.name, task, lr);
    if (end.failures == 0 && end.validation_loss < best.validation_loss)
      best = {lr, end.validation_loss, end.training_loss};
  }
  return best;
}

/// A suggestion with the cost of one run of the horizon, in which its cost is told.
struct Answer {
  Suggestion suggestion;
  double runs = 0;
};

/// What every method, or that one, suggests. The seed is that of the split, the starts and the order of examples.
std::vector<Answer> answers(TuneRequest request, const std::string& method, std::uint64_t seed) {
  request.options.seed = seed;
  TuningTask task(request);
  const std::int64_t run = task.steps_cost(task.options().steps) + task.judging_cost();
  const auto limit = static_cast<std::int64_t>(request.options.budget * static_cast<double>(run));
  const auto wanted = [&](const char* name) { return method.empty() || method == name; };
  std::vector<Suggestion> all;
  if (wanted("etamax")) {
    const Tuning tuning = tune(request);
    all.push_back({"etamax", tuning.lr_recommended, tuning.budget.spent});
  }
  if (wanted("range"))
    for (const Suggestion& s : range_test_suggestions(task, seed)) all.push_back(s);
  if (wanted("random")) all.push_back(random_search(task, seed, limit));
  if (wanted("halving")) all.push_back(successive_halving(task, seed, limit));
  std::vector<Answer> answers;
  for (const Suggestion& s : all) {
    if (s.units > limit) throw std::logic_error(s.method + " spent more than its budget");
    answers.push_back({s, static_cast<double>(s.units) / static_cast<double>(run)});
  }
  return answers;
}

void print_judged(const BenchTask& t, TuningTask& judge, RunTable& table, const Reference& best, const Answer& answer,
                  std::uint64_t repetition) {
  // No answer counts as a rate at which no seed trains.
  RateEnd end{judge.chance_loss(), judge.chance_loss(), static_cast<int>(std::size(kJudgingSeeds))};
  const std::optional<double> lr = answer.suggestion.lr;
  if (lr) end = table.rate(t.name, judge, *lr);
  fmt::print("{},{},{},{},{},{:.4f},{:.4f},{},{:.3f}\n", t.name, answer.suggestion.method, repetition,
             lr ? fmt::format("{:.5g}", *lr) : "", lr ? fmt::format("{:.2f}", std::log2(*lr / best.lr)) : "",
             end.validation_loss / best.validation_loss - 1, end.training_loss / best.training_loss - 1, end.failures,
             answer.runs);
  std::fflush(stdout);
}

void compare(const BenchTask& t, const Arguments& arguments) {
  RunTable table;
  table.read(kGridFile);
  TuningTask judge(t.request);
  const Reference best = best_of_grid(t, judge, table);
  if (best.lr <= 0) throw std::runtime_error(t.name + " is not in the grid: tune_bench --grid");
  table.keep_in(arguments.runs);
  for (std::uint64_t r = 0; r < arguments.repetitions; ++r)
    for (const Answer& answer : answers(t.request, arguments.method, 100 * r))
      print_judged(t, judge, table, best, answer, r);
}

struct Result {
  double regret = 0, log2_error = NAN, budget = 0;
  int failures = 0;
};

/// By method, task and repetition; the last line counts.
std::map<std::string, std::map<std::string, std::map<std::string, Result>>> read_results() {
  std::map<std::string, std::map<std::string, std::map<std::string, Result>>> results;
  std::ifstream in(kResultsFile);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::vector<std::string> f;
    for (std::string field; std::getline(fields, field, ',');) f.push_back(field);
    if (f.size() != 11) continue;
    results[f[3]][f[2]][f[4]] = {std::stod(f[7]), f[6].empty() ? NAN : std::stod(f[6]), std::stod(f[10]), std::stoi(f[9])};
  }
  return results;
}

struct Summary {
  std::vector<double> regrets;
  int failures = 0;
  double budget = 0, error = 0;
  void add(const Result& r) {
    regrets.push_back(r.regret);
    failures += r.failures;
    budget = std::max(budget, r.budget);
    error = std::max(error, std::abs(r.log2_error));
  }
  void print(const std::string& name) {
    std::sort(regrets.begin(), regrets.end());
    double mean = 0;
    for (const double x : regrets) mean += x / static_cast<double>(regrets.size());
    const std::size_t n = regrets.size();
    const double median = (regrets[(n - 1) / 2] + regrets[n / 2]) / 2;
    fmt::print("{:<34} {:>10.4g} {:>10.4g} {:>10.4g} {:>9.2f} {:>5}/{:<5} {:>6.2f}\n", name, 100 * median, 100 * regrets.back(),
               100 * mean, error, failures, std::size(kJudgingSeeds) * n, budget);
  }
};

void print_header() {
  fmt::print("{:<34} {:>10} {:>10} {:>10} {:>9} {:>11} {:>6}\n", "regret in %", "median", "worst", "mean", "octaves", "failures",
             "budget");
}

void summarize() {
  print_header();
  for (const auto& [method, tasks] : read_results()) {
    Summary all;
    for (const auto& [task, repetitions] : tasks)
      for (const auto& [repetition, result] : repetitions) all.add(result);
    all.print(method);
  }
  fmt::print("\n");
  print_header();
  for (const BenchTask& t : bench_tasks())
    for (auto& [method, tasks] : read_results()) {
      Summary of_task;
      for (const auto& [repetition, result] : tasks[t.name]) of_task.add(result);
      if (!of_task.regrets.empty()) of_task.print(t.name + " " + method);
    }
}

Arguments read_arguments(int argc, char** argv) {
  Arguments a;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const auto value = [&]() -> std::string {
      if (i + 1 >= argc) throw std::runtime_error(name + " needs a value");
      return argv[++i];
    };
    if (name == "--grid") a.grid = true;
    else if (name == "--summary") a.summary = true;
    else if (name == "--task") a.task = std::stoul(value());
    else if (name == "--method") a.method = value();
    else if (name == "--runs") a.runs = value();
    else if (name == "--repetitions") a.repetitions = std::stoul(value());
    else throw std::runtime_error("usage: tune_bench [--grid | --summary] [--task N] [--method etamax|range|random|halving] "
                                  "[--repetitions R] [--runs FILE]");
  }
  if (a.task > bench_tasks().size()) throw std::runtime_error("--task: 1 to " + std::to_string(bench_tasks().size()));
  return a;
}

}  // namespace

int main(int argc, char** argv) try {
  keep_freed_memory();
  at::set_num_threads(1);
  const Arguments arguments = read_arguments(argc, argv);
  if (arguments.summary) return summarize(), 0;
  RunTable grid;
  if (arguments.grid) grid.keep_in(kGridFile);
  for (std::size_t i = 0; i < bench_tasks().size(); ++i) {
    if (arguments.task > 0 && arguments.task != i + 1) continue;
    if (arguments.grid) make_grid(bench_tasks()[i], grid);
    else compare(bench_tasks()[i], arguments);
  }
} catch (const std::exception& e) {
  fmt::print(stderr, "tune_bench: {}\n", e.what());
  return 1;
}
