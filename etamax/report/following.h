#pragma once

#include <string>
#include <vector>

#include "etamax/answers/following.h"
#include "etamax/draw/drawing.h"
#include "etamax/draw/terminal.h"
#include "etamax/report/pictures.h"

/// Followed trainings for people: text, pictures, a page.
namespace etamax {

/// The sentences, the setting, the pictures, the table of looks, the cost.
std::string to_text(const Following& following, const TerminalStyle& style);
/// One HTML file that needs nothing else.
std::string to_html(const Following& following);
/// The answer and its pictures: what `--output x.svg` and `x.png` show.
Drawing poster(const Following& following, double width = 1200);

/// The table of following/pictures/, in the order of the file names.
const std::vector<PictureSpec<Following>>& following_pictures();
inline const std::vector<PictureSpec<Following>>& pictures_of(const Following&) { return following_pictures(); }

}  // namespace etamax
