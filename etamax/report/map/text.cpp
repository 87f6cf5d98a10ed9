#include <fmt/format.h>

#include "etamax/core/format.h"
#include "etamax/report/appearance.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/map.h"
#include "etamax/report/map/detail_words.h"

namespace etamax {

std::string to_text(const FateMap& m, const TerminalStyle& wanted) {
  const TerminalStyle style = readable(wanted);
  std::string text = paragraph(joined(m.answer, " "), style) + "\n";
  if (m.partial) text += std::string(kInterrupted) + "\n";
  text += paragraph(setting_sentence(m), style) + "\n";
  for (const PictureSpec<FateMap>& picture : by_rank(map_pictures()))
    if (const std::string block = picture_text(picture, m, style); !block.empty()) text += block + "\n";
  for (const MapArea& area : m.areas) {
    const Appearance look = appearance(area.fate);
    const std::string sign = style.unicode ? look.sign : std::string(1, look.ascii);
    text += fmt::format("  {} {:<11} {:>16}  {}\n", colored(sign, look.color, style), to_string(area.fate),
                        share_text(area.share), fate_meaning(area.fate, m));
  }
  return text + "\n" + paragraph(cost_sentence(m.cost), style);
}

}  // namespace etamax
