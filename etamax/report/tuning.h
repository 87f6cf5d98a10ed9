#pragma once

#include <string>
#include <vector>

#include "etamax/answers/tuning.h"
#include "etamax/draw/drawing.h"
#include "etamax/draw/terminal.h"
#include "etamax/report/pictures.h"

/// A tuning for people: text, pictures, a page.
namespace etamax {

/// The recommendation, the lines to paste, the valley and the ruler, the table, the cost.
std::string to_text(const Tuning& tuning, const TerminalStyle& style);
/// One HTML file that needs nothing else.
std::string to_html(const Tuning& tuning);
/// The answer and its pictures: what `--output x.svg` and `x.png` show.
Drawing poster(const Tuning& tuning, double width = 1200);

/// The table of tuning/pictures/, in the order of the file names.
const std::vector<PictureSpec<Tuning>>& tuning_pictures();
inline const std::vector<PictureSpec<Tuning>>& pictures_of(const Tuning&) { return tuning_pictures(); }

}  // namespace etamax
