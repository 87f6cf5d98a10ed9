// How good the learning rates are that `etamax tune` finds, and those of the usual methods, at equal cost, beside a
// dense grid of rates. Usage:
//   tune_bench --grid [--task N] [--repetitions R]   makes the grid's runs that bench/results/tune_grid.csv lacks
//   tune_bench [--method M] [--task N] [--repetitions R] [--runs FILE] [--trials]
//                                                    lines for bench/results/tune.csv, without date and machine
//   tune_bench --summary                             tables of what both files hold
// M: etamax, range, random, halving, sweep (far over the budget). FILE keeps the runs that judge, for another time;
// --trials shows those that etamax makes. One thread: the numbers do not depend on how many there are.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <numeric>
#include <sstream>

#include "etamax/model/runtime.h"
#include "etamax/tune/tune.h"
#include "opponents.h"
#include "run_table.h"
#include "tasks.h"

using namespace etamax;

namespace {

const std::string kGridFile = ETAMAX_BENCH_RESULTS "/tune_grid.csv", kResultsFile = ETAMAX_BENCH_RESULTS "/tune.csv";
constexpr double kLeastOctaves = 10, kFarFromBest = 1.5, kClearlyWorse = 1.1;

struct Arguments {
  bool grid = false, summary = false, trials = false;
  std::size_t task = 0;  ///< 0: all
  std::string method, runs;
  std::uint64_t repetitions = 5;
};

/// The seed of the split, of the starts and of the order of examples. The first is the split of the dense grid.
std::uint64_t seed_of(std::uint64_t repetition) { return 100 * repetition; }

struct Reference {
  double lr = 0, validation_loss = INFINITY, training_loss = 0, standard_error = 0;
};

/// The grid's best rate, of those that no seed failed at.
Reference best_of_grid(TaskRuns& task, RunTable& table) {
  Reference best;
  for (const double lr : table.rates(task)) {
    const RateEnd end = table.rate(task, lr);
    if (end.failures == 0 && end.validation_loss < best.validation_loss)
      best = {lr, end.validation_loss, end.training_loss, end.standard_error};
  }
  return best;
}

/// Rates half an octave apart, and the best so far.
class GridWalk {
 public:
  GridWalk(TaskRuns& task, RunTable& table, double from) : task_(task), table_(table), from_(from) {}
  RateEnd look(int k) {
    const double lr = from_ * std::exp2(k / 2.0);
    const RateEnd end = table_.rate(task_, lr);
    if (end.failures == 0) best_ = std::min(best_, end.validation_loss);
    fmt::print(stderr, "{} {} lr {:.4g}: {:.4g} on validation, {:.4g} on training, {} failed\n", task_.name(),
               task_.options().seed, lr, end.validation_loss, end.training_loss, end.failures);
    return end;
  }
  bool near(const RateEnd& end, double factor) const { return end.validation_loss <= factor * best_; }

 private:
  TaskRuns& task_;
  RunTable& table_;
  double from_, best_ = INFINITY;
};

/// Upwards until no seed trains, downwards until the loss is far from the best and the grid is wide.
void make_dense_grid(const BenchTask& t, TaskRuns& task, RunTable& table) {
  GridWalk walk(task, table, t.grid_from);
  int high = 0, low = -1;
  while (walk.look(high).failures < static_cast<int>(std::size(kJudgingSeeds))) ++high;
  while (walk.near(walk.look(low), kFarFromBest) || high - low < 2 * kLeastOctaves) --low;
}

/// On another split the best rate may be another: from that of the dense grid up and down until the loss is clearly
/// worse, twice.
void make_narrow_grid(TaskRuns& task, RunTable& table, double from) {
  GridWalk walk(task, table, from);
  walk.look(0);
  for (const int direction : {1, -1})
    for (int k = direction, worse = 0; worse < 2; k += direction) worse += !walk.near(walk.look(k), kClearlyWorse);
}

void make_grid(const BenchTask& t, const Arguments& arguments, RunTable& table) {
  double from = 0;
  for (std::uint64_t r = 0; r < arguments.repetitions; ++r) {
    TaskRuns task(t.with_seed(seed_of(r)));
    if (r == 0)
      make_dense_grid(t, task, table), from = best_of_grid(task, table).lr;
    else
      make_narrow_grid(task, table, from);
  }
}

/// A suggestion with the cost of one run of the horizon, in which its cost is told.
struct Answer {
  Suggestion suggestion;
  double runs = 0;
};

void print_trials(const Tuning& tuning) {
  if (tuning.edge.lr.lower && tuning.edge.lr.upper)
    fmt::print(stderr, "edge {:.4g} to {:.4g}; ", *tuning.edge.lr.lower, *tuning.edge.lr.upper);
  fmt::print(stderr, "start {:.4g}, chance {:.4g}\n", tuning.start_loss, tuning.chance_loss.value_or(NAN));
  for (const RunRecord& t : tuning.trials)
    fmt::print(stderr,
               "{:<11} lr {:<9.4g} seed {} warmup {} step {:<4} {:<10} {:.4g} on validation, {:.4g} on training\n",
               t.purpose, t.lr, t.seed, t.warmup_steps, t.steps, to_string(t.verdict), t.loss.value_or(NAN),
               t.training_loss.value_or(NAN));
}

/// What every method, or that one, suggests.
std::vector<Answer> answers(TaskRuns& task, const std::vector<double>& rates, const Arguments& arguments) {
  const std::uint64_t seed = task.options().seed;
  std::uint64_t draw = seed;  // of random rates: others for each task
  for (const char c : task.name()) draw = 31 * draw + static_cast<unsigned char>(c);
  const std::int64_t run = task.terms().run_cost(), limit = task.terms().limit();
  const auto wanted = [&](const char* method) { return arguments.method.empty() || arguments.method == method; };
  std::vector<Suggestion> all;
  if (wanted("etamax")) {
    const Tuning tuning = tune(task.problem(), task.options());
    if (arguments.trials) print_trials(tuning);
    all.push_back({"etamax", tuning.lr_recommended, tuning.budget.spent, tuning.warmup_steps.value_or(0)});
  }
  if (wanted("range"))
    for (const Suggestion& s : range_test_suggestions(task, seed)) all.push_back(s);
  if (wanted("random")) all.push_back(random_search(task, {seed, draw}, limit));
  if (wanted("halving")) all.push_back(successive_halving(task, {seed, draw}, limit));
  std::vector<Answer> answers;
  if (wanted("sweep"))
    for (const Suggestion& s : sweeps(task, rates, seed))
      answers.push_back({s, static_cast<double>(s.units) / static_cast<double>(run)});
  for (const Suggestion& s : all) {
    if (s.units > limit) throw std::logic_error(s.method + " spent more than its budget");
    answers.push_back({s, static_cast<double>(s.units) / static_cast<double>(run)});
  }
  return answers;
}

void print_judged(TaskRuns& judge, RunTable& table, const Reference& best, const Answer& answer,
                  std::uint64_t repetition) {
  // No answer counts as a rate at which no seed trains.
  RateEnd end{judge.chance_loss(), judge.chance_loss(), 0, static_cast<int>(std::size(kJudgingSeeds))};
  const std::optional<double> lr = answer.suggestion.lr;
  if (lr) end = table.rate(judge, *lr, answer.suggestion.warmup);
  fmt::print("{},{},{},{},{},{:.4f},{:.4f},{},{:.3f}\n", judge.name(), answer.suggestion.method, repetition,
             lr ? fmt::format("{:.5g}", *lr) : "", lr ? fmt::format("{:.2f}", std::log2(*lr / best.lr)) : "",
             end.validation_loss / best.validation_loss - 1, end.training_loss / best.training_loss - 1, end.failures,
             answer.runs);
  std::fflush(stdout);
}

void compare(const BenchTask& t, const Arguments& arguments) {
  RunTable table;
  table.read(kGridFile);
  std::vector<double> dense;  // the rates of the dense grid
  for (std::uint64_t r = 0; r < arguments.repetitions; ++r) {
    TaskRuns judge(t.with_seed(seed_of(r))), task(t.with_seed(seed_of(r)));
    const Reference best = best_of_grid(judge, table);
    if (best.lr <= 0) throw std::runtime_error(t.name + ": not all of it is in the grid: tune_bench --grid");
    if (r == 0) dense = table.rates(judge);
    RunTable known = table;
    known.keep_in(arguments.runs);
    for (const Answer& answer : answers(task, dense, arguments)) print_judged(judge, known, best, answer, r);
  }
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
    results[f[3]][f[2]][f[4]] = {std::stod(f[7]), f[6].empty() ? NAN : std::stod(f[6]), std::stod(f[10]),
                                 std::stoi(f[9])};
  }
  return results;
}

double median(std::vector<double> x) {
  if (x.empty()) return NAN;
  std::sort(x.begin(), x.end());
  return (x[(x.size() - 1) / 2] + x[x.size() / 2]) / 2;
}

struct Summary {
  std::vector<double> regrets, errors;
  int failures = 0;
  double budget = 0;
  void add(const Result& r) {
    regrets.push_back(r.regret);
    if (!std::isnan(r.log2_error)) errors.push_back(std::abs(r.log2_error));
    failures += r.failures;
    budget = std::max(budget, r.budget);
  }
  void print(const std::string& name) const {
    const double mean = std::accumulate(regrets.begin(), regrets.end(), 0.0) / static_cast<double>(regrets.size());
    fmt::print("{:<36} {:>9.4g} {:>9.4g} {:>9.4g} {:>8.2f} {:>5}/{:<4} {:>6.2f}\n", name, 100 * median(regrets),
               100 * *std::max_element(regrets.begin(), regrets.end()), 100 * mean, median(errors), failures,
               std::size(kJudgingSeeds) * regrets.size(), budget);
  }
};

void print_header() {
  fmt::print("{:<36} {:>9} {:>9} {:>9} {:>8} {:>10} {:>6}\n", "regret in %", "median", "worst", "mean", "octaves",
             "failures", "budget");
}

/// Where the valley and the cliff are, and how well a method can do at all: what half an octave costs, and the seeds'
/// noise.
void describe_grid() {
  RunTable table;
  table.read(kGridFile);
  fmt::print("{:<22} {:>5} {:>9} {:>9} {:>9} {:>8} {:>12} {:>10} {:>10}\n", "the grid's best", "split", "rate", "loss",
             "training", "error %", "half below %", "one fails", "all fail");
  for (const BenchTask& t : bench_tasks())
    for (std::uint64_t r = 0; r < 5; ++r) {
      TaskRuns task(t.with_seed(seed_of(r)));
      const Reference best = best_of_grid(task, table);
      if (best.lr <= 0) continue;
      double below = NAN, one_fails = NAN, all_fail = NAN;
      for (const double lr : table.rates(task)) {
        const RateEnd end = table.rate(task, lr);
        if (lr < best.lr)
          below = end.validation_loss / best.validation_loss - 1;
        else if (end.failures > 0 && std::isnan(one_fails))
          one_fails = lr;
        if (lr > best.lr && end.failures == std::size(kJudgingSeeds) && std::isnan(all_fail)) all_fail = lr;
      }
      fmt::print("{:<22} {:>5} {:>9.3g} {:>9.4g} {:>9.4g} {:>8.2g} {:>12.3g} {:>10.3g} {:>10.3g}\n", t.name, seed_of(r),
                 best.lr, best.validation_loss, best.training_loss, 100 * best.standard_error / best.validation_loss,
                 100 * below, one_fails, all_fail);
    }
  fmt::print("\n");
}

void summarize() {
  describe_grid();
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
    if (name == "--grid")
      a.grid = true;
    else if (name == "--summary")
      a.summary = true;
    else if (name == "--trials")
      a.trials = true;
    else if (name == "--task")
      a.task = std::stoul(value());
    else if (name == "--method")
      a.method = value();
    else if (name == "--runs")
      a.runs = value();
    else if (name == "--repetitions")
      a.repetitions = std::stoul(value());
    else
      throw std::runtime_error(
          "usage: tune_bench [--grid | --summary] [--task N] [--method etamax|range|random|halving|sweep] "
          "[--repetitions R] [--runs FILE] [--trials]");
  }
  if (a.task > bench_tasks().size()) throw std::runtime_error("--task: 1 to " + std::to_string(bench_tasks().size()));
  return a;
}

}  // namespace

int main(int argc, char** argv) try {
  keep_freed_memory();
  set_threads(1);
  const Arguments arguments = read_arguments(argc, argv);
  if (arguments.summary) return summarize(), 0;
  RunTable grid;
  if (arguments.grid) grid.keep_in(kGridFile);
  for (std::size_t i = 0; i < bench_tasks().size(); ++i) {
    if (arguments.task > 0 && arguments.task != i + 1) continue;
    if (arguments.grid)
      make_grid(bench_tasks()[i], arguments, grid);
    else
      compare(bench_tasks()[i], arguments);
  }
} catch (const std::exception& e) {
  fmt::print(stderr, "tune_bench: {}\n", e.what());
  return 1;
}
