#include "etamax/report/analysis.h"
#include "etamax/report/analysis/detail_words.h"
#include "etamax/report/detail_poster.h"

namespace etamax {

Drawing poster(const Analysis& a, double width) {
  PosterWriter poster(width);
  const std::string title = a.model + " on " + a.data;
  poster.opening(title, setting_sentence(a), a.answer);
  poster.pictures(analysis_pictures(), a);
  return poster.take(title);
}

}  // namespace etamax
