#include "etamax/report/detail_poster.h"
#include "etamax/report/tuning.h"
#include "etamax/report/tuning/detail_words.h"

namespace etamax {

Drawing poster(const Tuning& t, double width) {
  PosterWriter poster(width);
  const std::string title = t.model + " on " + t.data;
  poster.opening(title, setting_sentence(t), t.answer);
  poster.pictures(tuning_pictures(), t);
  return poster.take(title);
}

}  // namespace etamax
