#include <fmt/format.h>

#include <algorithm>

#include "etamax/core/format.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/tuning/detail_words.h"

namespace etamax {
namespace {

std::string number(double x) { return format_number(x, 3); }

}  // namespace

std::string setting_sentence(const Tuning& t) {
  std::string text = fmt::format(
      "{} ({} parameters) on {}, {}{}, with {}: {} examples to train on, {} held out, batches of {}.", t.model,
      t.parameters, t.data, t.loss, guess_words(t.loss_basis), optimizer_words(t.optimizer, t.hyperparameters),
      t.training_examples, t.validation_examples, t.batch_size);
  for (const std::string& note : t.notes) text += " Note: " + note + ".";
  return text;
}

std::vector<TrialRow> trial_rows(const Tuning& t) {
  std::vector<TrialRow> all = {{"lr", "seed", "steps", "warmup", "loss", "outcome", "purpose"}};
  std::vector<RunRecord> sorted = t.trials;
  std::stable_sort(sorted.begin(), sorted.end(), [](const RunRecord& a, const RunRecord& b) { return a.lr < b.lr; });
  for (const RunRecord& trial : sorted)
    all.push_back({number(trial.lr), std::to_string(trial.seed), std::to_string(trial.steps),
                   trial.warmup_steps > 0 ? std::to_string(trial.warmup_steps) : "-",
                   trial.loss ? number(*trial.loss) : "-",
                   trial.verdict == Verdict::trains    ? "trains"
                   : trial.verdict == Verdict::unclear ? "does not learn"
                                                       : to_string(trial.verdict),
                   trial.purpose});
  return all;
}

}  // namespace etamax
