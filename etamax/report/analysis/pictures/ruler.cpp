// The learning-rate ruler.
#include "etamax/report/ruler.h"

#include <fmt/format.h>

#include "etamax/core/format.h"
#include "etamax/report/analysis.h"

namespace etamax::analysis::pictures {
namespace {

std::string caption(const Analysis& a) {
  std::string text =
      "Every learning rate on one axis. Above the ruler: what theory and the short runs say; below it: the runs, and "
      "your rate.";
  if (a.edge.lr.lower && a.edge.lr.upper && a.curvature && a.curvature->confidence)
    text += fmt::format(" The stability edge lies in its range with a confidence of {}%.",
                        format_number(100 * *a.curvature->confidence));
  if (a.trainable.lr.lower && a.trainable.lr.upper)
    text += a.trainable.starts > 1
                ? fmt::format(" At the lower end of the largest trainable rate all {} starts train, at the upper none.",
                              a.trainable.starts)
                : " At the lower end of the largest trainable rate the run trains, at the upper it does not.";
  return text;
}

std::optional<Drawing> draw_ruler(const Analysis& a, double width) { return draw(a.ruler, width); }

std::vector<std::string> text(const Analysis& a, const TerminalStyle& style) { return lines(a.ruler, style); }

}  // namespace

PictureSpec<Analysis> ruler() { return {"ruler", "The learning-rate ruler", 1, caption, draw_ruler, text}; }

}  // namespace etamax::analysis::pictures
