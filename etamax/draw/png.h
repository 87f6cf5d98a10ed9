#pragma once

#include <string>

namespace etamax {

/// A PNG of an SVG file's text, at `scale` pixels per unit. librsvg and cairo are loaded only now. Throws
/// InputError that names the package where they are missing; std::runtime_error where they fail.
std::string png_from_svg(const std::string& svg, double scale = 2);

}  // namespace etamax
