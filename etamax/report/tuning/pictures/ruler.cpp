// The learning-rate ruler.
#include "etamax/report/ruler.h"

#include "etamax/report/tuning.h"

namespace etamax::tuning::pictures {
namespace {

std::string caption(const Tuning&) {
  return "Every learning rate on one axis. A dot is a rate that was tried; its sign is the worst that any seed did there.";
}

std::optional<Drawing> draw_ruler(const Tuning& t, double width) { return draw(t.ruler, width); }

std::vector<std::string> text(const Tuning& t, const TerminalStyle& style) { return lines(t.ruler, style); }

}  // namespace

PictureSpec<Tuning> ruler() { return {"ruler", "The learning-rate ruler", 2, caption, draw_ruler, text}; }

}  // namespace etamax::tuning::pictures
