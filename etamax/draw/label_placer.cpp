#include "etamax/draw/label_placer.h"

#include <algorithm>
#include <cmath>

namespace etamax {

void LabelPlacer::avoid_segment(Point2 from, Point2 to) {
  const auto part = clipped(from, to, bounds_);
  if (!part) return;
  const int pieces = std::clamp(
      static_cast<int>(std::hypot(part->second.x - part->first.x, part->second.y - part->first.y) / 8), 1, 200);
  for (int i = 0; i < pieces; ++i) {
    const double t = (i + 0.5) / pieces;
    const Point2 p{part->first.x + t * (part->second.x - part->first.x),
                   part->first.y + t * (part->second.y - part->first.y)};
    soft_.push_back({p.x - 2, p.y - 2, p.x + 2, p.y + 2});
  }
}

std::optional<std::size_t> LabelPlacer::place(const std::vector<Box>& candidates) {
  std::optional<std::size_t> best;
  double best_cost = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Box& box = candidates[i];
    if (box.left < bounds_.left || box.right > bounds_.right || box.top < bounds_.top || box.bottom > bounds_.bottom)
      continue;
    if (std::any_of(labels_.begin(), labels_.end(), [&](const Box& other) { return box.overlaps(other, 2); })) continue;
    double cost = 0.3 * static_cast<double>(i);  // the order of the candidates is an order of preference
    for (const Box& other : soft_)
      if (box.overlaps(other)) cost += 1;
    if (!best || cost < best_cost) best = i, best_cost = cost;
  }
  if (best) labels_.push_back(candidates[*best]);
  return best;
}

}  // namespace etamax
