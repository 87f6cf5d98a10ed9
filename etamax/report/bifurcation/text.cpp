#include <fmt/format.h>

#include "etamax/core/format.h"
#include "etamax/report/bifurcation.h"
#include "etamax/report/detail_facts.h"

namespace etamax {

std::string setting_sentence(const BifurcationDiagram& d) {
  return fmt::format("{} from {} = {}, {} {} to {}, with the optimizer {}; {} were skipped and {} kept.", d.expression,
                     d.variable, format_number(d.start), d.x.name == "lr" ? "learning rates" : d.x.name,
                     format_number(d.x.from), format_number(d.x.to), optimizer_words(d.optimizer, d.hyperparameters),
                     counted(d.skipped, "step"), counted(d.kept, "iterate"));
}

std::vector<std::vector<std::string>> doubling_rows(const BifurcationDiagram& d) {
  if (d.doublings.empty()) return {};
  std::vector<std::vector<std::string>> rows = {{"period", "doubles at", "ratio"}};
  for (const PeriodDoubling& p : d.doublings)
    rows.push_back({fmt::format("{} to {}", p.period, 2 * p.period), format_number(p.at, 9),
                    p.ratio ? format_number(*p.ratio, 5) : ""});
  return rows;
}

std::string to_text(const BifurcationDiagram& d, const TerminalStyle& wanted) {
  const TerminalStyle style = readable(wanted);
  std::string text = paragraph(joined(d.answer, " "), style) + "\n";
  if (d.partial) text += std::string(kInterrupted) + "\n";
  text += paragraph(setting_sentence(d), style) + "\n";
  for (const PictureSpec<BifurcationDiagram>& picture : by_rank(bifurcation_pictures()))
    if (const std::string block = picture_text(picture, d, style); !block.empty()) text += block + "\n";
  for (const std::vector<std::string>& row : doubling_rows(d))
    text += fmt::format("  {:>10} {:>14} {:>9}\n", row[0], row[1], row[2]);
  return text + "\n" + paragraph(cost_sentence(d.cost), style);
}

}  // namespace etamax
