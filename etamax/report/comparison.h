#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "etamax/answers/comparison.h"
#include "etamax/draw/drawing.h"
#include "etamax/draw/terminal.h"
#include "etamax/report/pictures.h"

/// A comparison of optimizers for people: text, pictures, a page.
namespace etamax {

/// The verdict of each run; who is lowest after the steps shown; one step of each; what would be stable; the pictures.
std::string to_text(const Comparison& comparison, const TerminalStyle& style);
/// One HTML file that needs nothing else; formulas as MathML. It holds the lab at each optimizer's runs where `lab` is
/// the lab's own file, docs/lab.html.
std::string to_html(const Comparison& comparison, std::string_view lab = {});
/// The answer and its pictures: what `--output x.svg` and `x.png` show.
Drawing poster(const Comparison& comparison, double width = 1200);

/// The table of comparison/pictures/, in the order of the file names. Each has the name of one of an explanation's.
const std::vector<PictureSpec<Comparison>>& comparison_pictures();
inline const std::vector<PictureSpec<Comparison>>& pictures_of(const Comparison&) { return comparison_pictures(); }

}  // namespace etamax
