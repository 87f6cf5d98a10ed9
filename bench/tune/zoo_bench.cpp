// The policy of `etamax tune` over recorded tasks: a line of CSV for each task and first start. bench/tune/zoo/score.py
// says what the chosen rates are worth.
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <string>

#include "etamax/tune/policy.h"
#include "recorded.h"

using namespace etamax;

namespace {

struct Played {
  Tuning answer;
  double seconds = 0;  ///< of deciding
};

/// Until it is done, or asks for what was not recorded: runs with warmup.
Played play(const RecordedTask& task, const TuningTerms& terms, int repetition, const Prior& prior, bool trace) {
  Played played;
  Ledger ledger;
  const auto begin = std::chrono::steady_clock::now();
  while (true) {
    const auto next = decide(terms, ledger, prior);
    const auto* request = std::get_if<TuningRequest>(&next);
    if (!request) break;
    if (std::holds_alternative<EdgeRequest>(*request)) {
      ledger.add(*request, task.start(repetition));
      continue;
    }
    const auto* trial = std::get_if<TrialRequest>(request);
    if (!trial || trial->warmup_steps > 0) break;
    ledger.add(*request, task.run(*trial, terms, ledger.made_before(*trial), repetition));
    if (trace) {
      const RunRecord& run = ledger.trials.back().second;
      const Tuning now = decide_now(terms, ledger, prior);
      fmt::print("#  {:5.1f} start {} {:5} steps: {:8.4g}  spent {:.2f}  best {:5.1f}\n", std::log2(run.lr), run.seed,
                 run.steps, run.loss.value_or(NAN), now.budget.runs(now.budget.spent),
                 now.lr_recommended ? std::log2(*now.lr_recommended) : NAN);
    }
  }
  played.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  played.answer = decide_now(terms, ledger, prior);
  return played;
}

}  // namespace

int main(int argc, char** argv) try {
  std::string zoo = ETAMAX_ZOO, part = "learn", only;
  double budget = 3;
  int repetitions = 3;
  bool seen = false, trace = false;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const auto value = [&]() -> std::string {
      if (i + 1 >= argc) throw std::runtime_error(name + " needs a value");
      return argv[++i];
    };
    if (name == "--part")
      part = value();
    else if (name == "--budget")
      budget = std::stod(value());
    else if (name == "--task")
      only = value();
    else if (name == "--repetitions")
      repetitions = std::stoi(value());
    else if (name == "--seen")
      seen = true;
    else if (name == "--trace")
      trace = true;
    else
      throw std::runtime_error(
          "usage: zoo_bench [--part learn|judge] [--budget RUNS] [--task NAME-HORIZON] [--repetitions R] "
          "[--seen (learn from the task's own name too)] [--trace]");
  }
  fmt::print("task,repetition,half_octave,from,to,spent,limit,trials,seconds,failure,expected\n");
  for (const ZooTask& task : zoo_tasks(zoo, part)) {
    if (!only.empty() && task.id() != only) continue;
    const RecordedTask recorded(zoo, task);
    const Prior prior = seen ? Prior::learned() : Prior::learned().without(task.name);
    for (int r = 0; r < repetitions; ++r) {
      const Played played = play(recorded, recorded.terms(budget, r), r, prior, trace);
      const Tuning& t = played.answer;
      fmt::print("{},{},{},{:.6g},{:.6g},{:.4f},{:.4f},{},{:.5f},{:.3f},{:.6g}\n", task.id(), r,
                 t.lr_recommended ? std::to_string(recorded.half_octave(*t.lr_recommended)) : "",
                 t.lr_interval ? (*t.lr_interval)[0] : NAN, t.lr_interval ? (*t.lr_interval)[1] : NAN,
                 t.budget.runs(t.budget.spent), t.budget.runs(t.budget.limit), t.trials.size(), played.seconds,
                 t.failure_probability.value_or(NAN), t.expected_loss.value_or(NAN));
    }
  }
} catch (const std::exception& e) {
  fmt::print(stderr, "zoo_bench: {}\n", e.what());
  return 1;
}
