#include <fmt/format.h>

#include <algorithm>

#include "etamax/core/format.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/watching/detail_words.h"

namespace etamax {

std::string setting_sentence(const Watching& w) {
  std::string text =
      fmt::format("{} ({}) with {}: {} of {} planned.", w.model, counted(w.parameters, "parameter"),
                  optimizer_words(w.optimizer, w.hyperparameters), w.steps, counted(w.planned_steps, "step"));
  for (const std::string& note : w.notes) text += " Note: " + note + ".";
  return text;
}

std::string cost_sentence(const Watching& w) {
  const double steps = static_cast<double>(std::max(w.steps, 1L));
  std::string text =
      fmt::format("Watching took {} gradients, {}% of the training's {} (allowed: {}%", format_number(w.spent, 3),
                  format_number(100 * w.spent / steps, 2), w.steps, format_number(100 * w.budget, 3));
  text += w.steps < w.planned_steps ? fmt::format(" of {} planned, half of it in advance)", w.planned_steps) : ")";
  if (w.seconds_of_training > 0)
    text += fmt::format(", and {} of {} seconds", format_number(w.cost.seconds, 2),
                        format_number(w.seconds_of_training, 2));
  return text + ".";
}

}  // namespace etamax
