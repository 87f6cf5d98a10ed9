#pragma once

#include <string>

/// Pictures by librsvg and cairo, which are loaded only when they are needed.
namespace etamax {

/// A PNG of an SVG file's text, at `scale` pixels per unit. Throws EnvironmentError that names the package where the
/// libraries are missing; std::runtime_error where they fail.
std::string png_from_svg(const std::string& svg, double scale = 2);

/// One page of PDF that is as large as the picture, at 96 units per inch: lines stay lines, and text text. Throws as
/// `png_from_svg` does.
std::string pdf_from_svg(const std::string& svg);

}  // namespace etamax
