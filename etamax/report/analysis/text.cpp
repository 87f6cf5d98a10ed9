#include "etamax/core/format.h"
#include "etamax/report/analysis.h"
#include "etamax/report/analysis/detail_words.h"
#include "etamax/report/appearance.h"

namespace etamax {

std::string to_text(const Analysis& a, const TerminalStyle& wanted) {
  const TerminalStyle style = readable(wanted);
  std::string text = paragraph(setting_sentence(a), style) + "\n" + paragraph(joined(a.answer, " "), style);
  if (a.partial) text += std::string("\n") + kInterrupted;
  for (const PictureSpec<Analysis>& picture : by_rank(analysis_pictures()))
    if (const std::string block = picture_text(picture, a, style); !block.empty()) text += "\n" + block;
  if (!a.runs.empty()) {
    text += "\nThe short runs:\n";
    for (const RunRecord& run : a.runs)
      text += signed_paragraph(appearance(run.verdict), run_title(run) + " " + run.reason, style, "  ");
  }
  text += "\nThe evidence:\n" + facts_text(evidence(a), 23, style);
  return text + "\n" + paragraph(cost_sentence(a.cost), style);
}

}  // namespace etamax
