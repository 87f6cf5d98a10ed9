#include "etamax/core/format.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/detail_table.h"
#include "etamax/report/following.h"
#include "etamax/report/following/detail_words.h"

namespace etamax {

std::string to_text(const Following& f, const TerminalStyle& wanted) {
  const TerminalStyle style = readable(wanted);
  std::string text = paragraph(joined(f.answer, " "), style) + "\n";
  if (f.partial) text += std::string(kInterrupted) + "\n";
  text += paragraph(setting_sentence(f), style) + "\n";
  for (const PictureSpec<Following>& picture : by_rank(following_pictures()))
    if (const std::string block = picture_text(picture, f, style); !block.empty()) text += block + "\n";
  if (const auto rows = look_rows(f); !rows.empty()) text += "Certified looks:\n" + table_text(rows) + "\n";
  return text + paragraph(looking_sentence(f) + " " + cost_sentence(f.cost), style);
}

}  // namespace etamax
