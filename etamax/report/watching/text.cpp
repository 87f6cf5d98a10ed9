#include "etamax/core/format.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/watching.h"
#include "etamax/report/watching/detail_words.h"

namespace etamax {

std::string to_text(const Watching& w, const TerminalStyle& wanted) {
  const TerminalStyle style = readable(wanted);
  std::string text = paragraph(joined(w.answer, " "), style) + "\n";
  if (w.partial) text += std::string(kInterrupted) + "\n";
  text += paragraph(setting_sentence(w), style) + "\n";
  for (const PictureSpec<Watching>& picture : by_rank(watching_pictures()))
    if (const std::string block = picture_text(picture, w, style); !block.empty()) text += block + "\n";
  if (!w.events.empty()) {
    text += "What was said:\n";
    for (const WatchEvent& event : w.events) text += paragraph(event.text, style);
    text += "\n";
  }
  return text + paragraph(cost_sentence(w), style);
}

}  // namespace etamax
