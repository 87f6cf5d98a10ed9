#include "etamax/report/bifurcation.h"
#include "etamax/report/detail_map_axis.h"
#include "etamax/report/detail_poster.h"

namespace etamax {

Drawing poster(const BifurcationDiagram& d, double width) {
  constexpr double kBeside = 80;  // the margins of the diagram
  PosterWriter poster(width > 0 ? width : natural_across(d.x.pixels) + kBeside + PosterWriter::kMargins);
  poster.opening(d.expression, setting_sentence(d), d.answer);
  poster.pictures(bifurcation_pictures(), d);
  return poster.take(d.expression);
}

}  // namespace etamax
