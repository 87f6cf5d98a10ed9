#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "etamax/answers/explanation.h"
#include "etamax/draw/drawing.h"
#include "etamax/draw/terminal.h"
#include "etamax/report/pictures.h"

/// An explanation for people: text, pictures, a page.
namespace etamax {

/// The verdict and the reason for each learning rate; the update formula; the table of steps; the edge and what would
/// be stable; the pictures.
std::string to_text(const Explanation& explanation, const TerminalStyle& style);
/// The same for somebody who has never met a gradient: where you stand, how steep it is there, where the first steps
/// lead, why the runs end as they do, and what would work. Every number of it is one of the JSON answer.
std::string to_plain_words(const Explanation& explanation, const TerminalStyle& style);
/// One HTML file that needs nothing else; formulas as MathML. With `lab`, the lab's file, it holds the lab at these
/// runs: there the learning rate can be moved.
std::string to_html(const Explanation& explanation, std::string_view lab = {});
/// The answer and its pictures: what `--output x.svg` and `x.png` show.
Drawing poster(const Explanation& explanation, double width = 1200);

/// The table of explanation/pictures/, in the order of the file names.
const std::vector<PictureSpec<Explanation>>& explanation_pictures();
inline const std::vector<PictureSpec<Explanation>>& pictures_of(const Explanation&) { return explanation_pictures(); }

}  // namespace etamax
