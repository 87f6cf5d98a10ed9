#include <algorithm>

#include "etamax/core/format.h"
#include "etamax/report/appearance.h"
#include "etamax/report/detail_poster.h"
#include "etamax/report/explanation/detail_panels.h"

namespace etamax {

Drawing poster(const Explanation& e, double width) {
  PosterWriter poster(width);
  const std::string title = e.expression.empty() ? "etamax" : e.expression;
  poster.text(title, 22, true, Color::ink);
  std::vector<std::string> start;
  for (std::size_t i = 0; i < e.start.size(); ++i)
    start.push_back((i < e.variables.size() ? e.variables[i] + " = " : "") + format_number(e.start[i]));
  if (!start.empty()) poster.text("from " + list_of(start, 8) + ", optimizer " + e.optimizer, 14, false, Color::muted);
  poster.space(10);
  for (std::size_t i = 0; i < std::min(e.runs.size(), kMostPanels); ++i)
    poster.verdict(appearance(e.runs[i].verdict),
                   "lr " + format_number(e.runs[i].lr) + " " + to_string(e.runs[i].verdict), e.runs[i].reason);
  if (const std::string more = panels_left_out(e); !more.empty()) poster.text(more, 13, false, Color::muted);
  poster.pictures(explanation_pictures(), e);
  return poster.take(title);
}

}  // namespace etamax
