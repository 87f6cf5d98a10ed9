#include "etamax/report/detail_poster.h"
#include "etamax/report/spectra.h"
#include "etamax/report/spectra/detail_words.h"

namespace etamax {

Drawing poster(const Spectra& s, double width) {
  PosterWriter poster(width);
  const std::string title = "The spectrum of " + s.model + " on " + s.data;
  poster.opening(title, setting_sentence(s), s.answer);
  poster.pictures(spectra_pictures(), s);
  return poster.take(title);
}

}  // namespace etamax
