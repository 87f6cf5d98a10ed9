#pragma once

#include <string>
#include <vector>

#include "etamax/answers/spectra.h"
#include "etamax/draw/drawing.h"
#include "etamax/draw/terminal.h"
#include "etamax/report/pictures.h"

/// Spectra for people: text, pictures, a page.
namespace etamax {

/// The sentences, the setting, the eigenvalues, the pictures, the traces, the cost.
std::string to_text(const Spectra& spectra, const TerminalStyle& style);
/// One HTML file that needs nothing else.
std::string to_html(const Spectra& spectra);
/// The answer and its pictures: what `--output x.svg` and `x.png` show.
Drawing poster(const Spectra& spectra, double width = 1200);

/// The table of spectra/pictures/, in the order of the file names.
const std::vector<PictureSpec<Spectra>>& spectra_pictures();
inline const std::vector<PictureSpec<Spectra>>& pictures_of(const Spectra&) { return spectra_pictures(); }

}  // namespace etamax
