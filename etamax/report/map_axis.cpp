#include <cmath>

#include "etamax/report/detail_map_axis.h"

namespace etamax {

double place_of(const MapAxis& axis, double value, double begin, double end) {
  return begin + (axis.position(value) + 0.5) / axis.pixels * (end - begin);
}

std::vector<Tick> map_ticks(const MapAxis& axis, double length, bool horizontal) {
  // A logarithmic scale shows a fifth of a decade at least: closer up its ticks are those of a linear one.
  const bool decades = axis.log && axis.to > 1.6 * axis.from;
  const Scale scale =
      decades ? log_scale(std::log10(axis.from), std::log10(axis.to)) : linear_scale(axis.from, axis.to);
  std::vector<Tick> found = axis_ticks(scale, length, horizontal ? 14 : 10, [&](const std::string& label) {
    return horizontal ? text_width(label, kAxisText) : kAxisText;
  });
  std::erase_if(found, [&](const Tick& t) { return t.value < axis.from || t.value > axis.to; });
  return found;
}

void draw_axis_below(Drawing& drawing, const MapAxis& axis, const Box& box, const std::string& label) {
  for (const Tick& tick : map_ticks(axis, box.right - box.left, true)) {
    const double at = place_of(axis, tick.value, box.left, box.right);
    drawing.line({at, box.bottom}, {at, box.bottom + (tick.label.empty() ? 3 : 5)}, {Color::muted, 1});
    drawing.write({at, box.bottom + 18}, tick.label, kAxisText, Color::muted, Anchor::middle);
  }
  drawing.write({(box.left + box.right) / 2, box.bottom + 36}, label, kAxisText, Color::ink, Anchor::middle);
}

double natural_across(int columns) {
  constexpr double kLeast = 720;
  int halves = 1;
  while (columns * halves / 2.0 < kLeast) ++halves;
  return columns * halves / 2.0;
}

}  // namespace etamax
