#include <fmt/format.h>

#include "etamax/core/format.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/tuning.h"
#include "etamax/report/tuning/detail_words.h"

namespace etamax {

std::string to_text(const Tuning& t, const TerminalStyle& wanted) {
  const TerminalStyle style = readable(wanted);
  std::string text = paragraph(joined(t.answer, " "), style) + "\n";
  if (t.partial) text += std::string(kInterrupted) + "\n";
  if (!t.code.empty()) text += t.code + "\n";
  text += paragraph(setting_sentence(t), style) + "\n";
  for (const PictureSpec<Tuning>& picture : by_rank(tuning_pictures()))
    if (const std::string block = picture_text(picture, t, style); !block.empty()) text += block + "\n";
  if (!t.trials.empty()) {
    text += "The trials:\n";
    for (const auto& [lr, seed, steps, warmup, loss, outcome, purpose] : trial_rows(t))
      text +=
          fmt::format("  {:>9} {:>5} {:>6} {:>6} {:>9}  {:14} {}\n", lr, seed, steps, warmup, loss, outcome, purpose);
    text += "\n";
  }
  return text + paragraph(cost_sentence(t.cost), style);
}

}  // namespace etamax
