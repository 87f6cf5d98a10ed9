#pragma once

#include <string>
#include <vector>

#include "etamax/answers/analysis.h"
#include "etamax/draw/drawing.h"
#include "etamax/draw/terminal.h"
#include "etamax/report/pictures.h"

/// An analysis for people: text, pictures, a page.
namespace etamax {

/// One paragraph, the ruler, the runs, the evidence, the cost.
std::string to_text(const Analysis& analysis, const TerminalStyle& style);
/// One HTML file that needs nothing else.
std::string to_html(const Analysis& analysis);
/// The answer and its pictures: what `--output x.svg` and `x.png` show.
Drawing poster(const Analysis& analysis, double width = 1200);

/// The table of analysis/pictures/, in the order of the file names.
const std::vector<PictureSpec<Analysis>>& analysis_pictures();
inline const std::vector<PictureSpec<Analysis>>& pictures_of(const Analysis&) { return analysis_pictures(); }

}  // namespace etamax
