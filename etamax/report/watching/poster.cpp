#include "etamax/report/detail_poster.h"
#include "etamax/report/watching.h"
#include "etamax/report/watching/detail_words.h"

namespace etamax {

Drawing poster(const Watching& w, double width) {
  PosterWriter poster(width);
  const std::string title = "The training of " + w.model + ", watched";
  poster.opening(title, setting_sentence(w), w.answer);
  poster.pictures(watching_pictures(), w);
  return poster.take(title);
}

}  // namespace etamax
