// The learning-rate ruler.
#include "etamax/report/ruler.h"

#include "etamax/report/analysis.h"

namespace etamax::analysis::pictures {
namespace {

std::string caption(const Analysis&) {
  return "Every learning rate on one axis. Above the ruler: what theory and the short runs say; below it: the runs, and your rate. "
         "Where a range is given, the true value lies within it with the stated confidence.";
}

std::optional<Drawing> draw_ruler(const Analysis& a, double width) { return draw(a.ruler, width); }

std::vector<std::string> text(const Analysis& a, const TerminalStyle& style) { return lines(a.ruler, style); }

}  // namespace

PictureSpec<Analysis> ruler() { return {"ruler", "The learning-rate ruler", 1, caption, draw_ruler, text}; }

}  // namespace etamax::analysis::pictures
