#pragma once

#include <string>
#include <vector>

#include "etamax/answers/diagnosis.h"
#include "etamax/draw/drawing.h"
#include "etamax/draw/terminal.h"
#include "etamax/report/pictures.h"

/// A diagnosis for people: text, pictures, a page.
namespace etamax {

/// The verdict first, then the evidence, the picture, the numbers, and what to do.
std::string to_text(const Diagnosis& diagnosis, const TerminalStyle& style);
/// One HTML file that needs nothing else.
std::string to_html(const Diagnosis& diagnosis);
/// The verdict, the evidence and the picture: what `--output x.svg` and `x.png` show.
Drawing poster(const Diagnosis& diagnosis, double width = 1200);

/// The table of diagnosis/pictures/, in the order of the file names.
const std::vector<PictureSpec<Diagnosis>>& diagnosis_pictures();
inline const std::vector<PictureSpec<Diagnosis>>& pictures_of(const Diagnosis&) { return diagnosis_pictures(); }

}  // namespace etamax
