#pragma once

#include <string>

#include "etamax/report/drawing.h"

/// What the pages of all answers share: the head with the style sheet, signs, and figures.
namespace etamax {

constexpr double kWide = 1000, kNarrow = 358;  ///< the two widths that every picture is drawn for

/// From the document type to the opened `<main>`.
std::string page_head(const std::string& title);
/// The sign of an outcome. Nothing that a title or a sentence says depends on it: it is hidden from those who
/// listen.
std::string page_sign(const Look& look);
/// A picture at both widths; the page shows the one that fits.
std::string page_figure(const Drawing& wide, const Drawing& narrow, const std::string& name,
                        const std::string& caption);

}  // namespace etamax
