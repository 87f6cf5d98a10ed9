#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "etamax/answers/bifurcation.h"
#include "etamax/draw/drawing.h"
#include "etamax/draw/terminal.h"
#include "etamax/report/pictures.h"

/// A bifurcation diagram for people: text, a picture, a page.
namespace etamax {

/// The answer, the exponents as a picture, the doublings, the cost.
std::string to_text(const BifurcationDiagram& diagram, const TerminalStyle& style);
/// One HTML file that needs nothing else.
std::string to_html(const BifurcationDiagram& diagram, std::string_view lab = {});
/// The diagram above its Lyapunov strip. Without a width, one that shows each column as it is.
Drawing poster(const BifurcationDiagram& diagram, double width = 0);

/// "From x = -1.5, with the optimizer gd; 2000 steps were skipped and 2000 iterates kept."
std::string setting_sentence(const BifurcationDiagram& diagram);
/// The names of the columns, then a row for each doubling.
std::vector<std::vector<std::string>> doubling_rows(const BifurcationDiagram& diagram);

/// The table of bifurcation/pictures/.
const std::vector<PictureSpec<BifurcationDiagram>>& bifurcation_pictures();
inline const std::vector<PictureSpec<BifurcationDiagram>>& pictures_of(const BifurcationDiagram&) {
  return bifurcation_pictures();
}

}  // namespace etamax
