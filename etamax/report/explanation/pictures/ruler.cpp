// The learning-rate ruler.
#include "etamax/report/ruler.h"

#include "etamax/report/explanation.h"

namespace etamax::explanation::pictures {
namespace {

std::string caption(const Explanation& e) {
  const std::string& warning = e.stability.lr_fastest_warning;
  return "Every learning rate on one axis. Above the ruler: what is known; below it: the runs. Within it: "
         "what a learning rate there does." +
         (warning.empty() ? "" : " Careful with the fastest: " + warning + ".");
}

std::optional<Drawing> draw_ruler(const Explanation& e, double width) { return draw(e.ruler, width); }

std::vector<std::string> text(const Explanation& e, const TerminalStyle& style) { return lines(e.ruler, style); }

}  // namespace

PictureSpec<Explanation> ruler() { return {"ruler", "The learning-rate ruler", 1, caption, draw_ruler, text}; }

}  // namespace etamax::explanation::pictures
