#include <algorithm>

#include "etamax/report/appearance.h"
#include "etamax/report/detail_poster.h"
#include "etamax/report/diagnosis.h"
#include "etamax/report/diagnosis/detail_words.h"

namespace etamax {

Drawing poster(const Diagnosis& d, double width) {
  PosterWriter poster(width);
  poster.text(heading(d.verdict), 22, true, Color::ink);
  poster.text(log_sentence(d.log), 13, false, Color::muted);
  poster.space(10);
  poster.verdict(appearance(d.verdict), d.reason, d.next);
  for (std::size_t i = 0; i < std::min<std::size_t>(d.evidence.size(), 4); ++i)
    poster.text("\u2022 " + as_sentence(d.evidence[i]), 13, false, Color::ink, 22);
  poster.pictures(diagnosis_pictures(), d);
  return poster.take(heading(d.verdict));
}

}  // namespace etamax
