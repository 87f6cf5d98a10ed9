#include "etamax/report/detail_map_axis.h"
#include "etamax/report/detail_poster.h"
#include "etamax/report/map.h"
#include "etamax/report/map/detail_raster.h"
#include "etamax/report/map/detail_words.h"

namespace etamax {
Drawing poster(const FateMap& m, double width) {
  const double across = natural_across(m.x.pixels);
  PosterWriter poster(width > 0 ? width : across + map_margins(m, across) + PosterWriter::kMargins);
  poster.opening(m.expression, setting_sentence(m), m.answer);
  poster.pictures(map_pictures(), m);
  poster.text(shades_sentence(m), 13, false, Color::muted);
  return poster.take(m.expression);
}

}  // namespace etamax
