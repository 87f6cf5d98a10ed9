#include "etamax/report/detail_poster.h"
#include "etamax/report/following.h"
#include "etamax/report/following/detail_words.h"

namespace etamax {

Drawing poster(const Following& f, double width) {
  PosterWriter poster(width);
  const std::string title = "The sharpness of " + f.model + " on " + f.data;
  poster.opening(title, setting_sentence(f), f.answer);
  poster.pictures(following_pictures(), f);
  return poster.take(title);
}

}  // namespace etamax
