#pragma once

#include <string>
#include <vector>

#include "etamax/answers/watching.h"
#include "etamax/draw/drawing.h"
#include "etamax/draw/terminal.h"
#include "etamax/report/pictures.h"

/// A watched training for people: text, pictures, a page.
namespace etamax {

/// What was seen, the rate and the edge over the run, the lines that were said, the cost.
std::string to_text(const Watching& watching, const TerminalStyle& style);
/// One HTML file that needs nothing else.
std::string to_html(const Watching& watching);
Drawing poster(const Watching& watching, double width = 1200);

/// The table of watching/pictures/, in the order of the file names.
const std::vector<PictureSpec<Watching>>& watching_pictures();
inline const std::vector<PictureSpec<Watching>>& pictures_of(const Watching&) { return watching_pictures(); }

}  // namespace etamax
