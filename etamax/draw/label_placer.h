#pragma once

#include <optional>
#include <vector>

#include "etamax/draw/drawing.h"

namespace etamax {

/// Finds places for labels: never over another label or outside the bounds, and over as little else as can
/// be.
class LabelPlacer {
 public:
  explicit LabelPlacer(const Box& bounds) : bounds_(bounds) {}
  /// Something that a label had better not cover.
  void avoid(const Box& box) { soft_.push_back(box); }
  void avoid_segment(Point2 from, Point2 to);
  /// Something that no label may cover.
  void block(const Box& box) { labels_.push_back(box); }
  /// The index of the best candidate, whose box is then taken; none where no candidate is free.
  std::optional<std::size_t> place(const std::vector<Box>& candidates);

 private:
  Box bounds_;
  std::vector<Box> labels_, soft_;
};

}  // namespace etamax
