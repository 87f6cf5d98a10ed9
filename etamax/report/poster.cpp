#include "etamax/report/poster.h"

#include "etamax/report/detail_poster.h"
#include "etamax/report/pictures.h"

namespace etamax {
Drawing poster(const Explanation& e, double width) {
  Poster poster(width);
  const std::string title = e.expression.empty() ? "etamax" : e.expression;
  poster.text(title, 22, true, Color::ink);
  std::string setting = "from ";
  for (std::size_t i = 0; i < std::min<std::size_t>(e.start.size(), 8); ++i)
    setting +=
        (i ? ", " : "") + (i < e.variables.size() ? e.variables[i] + " = " : "") + short_number(e.start[i]);
  if (e.start.size() > 8) setting += ", ...";
  if (!e.start.empty()) poster.text(setting + ", optimizer " + e.optimizer, 14, false, Color::muted);
  poster.space(10);
  for (std::size_t i = 0; i < std::min(e.runs.size(), kMostPanels); ++i) {
    const Run& run = e.runs[i];
    poster.verdict(look(run.verdict), "lr " + short_number(run.lr) + " " + to_string(run.verdict),
                   run.reason);
  }
  if (const std::string more = panels_left_out(e); !more.empty()) poster.text(more, 13, false, Color::muted);
  std::string description;
  for (const PictureSpec& picture : pictures_by_rank()) {
    const auto drawing = picture.draw(e, poster.room());
    if (!drawing) continue;
    poster.space(22);
    poster.text(picture.heading, 16, true, Color::ink);
    poster.space(8);
    poster.picture(*drawing);
    description += drawing->title + ". " + drawing->description + " ";
  }
  return poster.take(title, description);
}

}  // namespace etamax
