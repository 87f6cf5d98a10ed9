#pragma once

#include <string>

#include "etamax/draw/drawing.h"

namespace etamax {

enum class Theme {
  light,  ///< colors written out, on a background
  dark,
  page,  ///< colors are the variables of the page's style sheet (theme_css), no background
};

/// The drawing as an `<svg>` element with title and description (role img). With Theme::page it is for a
/// place inside HTML, where `id` must differ from picture to picture; else it is a file of its own.
std::string to_svg(const Drawing& drawing, Theme theme, const std::string& id = "etamax");

/// `--ink:#1c2026;...`: the declarations that Theme::page relies on.
std::string theme_css(bool dark);

}  // namespace etamax
