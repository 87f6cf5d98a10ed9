#include "etamax/dynamics/drawn_path.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace etamax {
namespace {

constexpr double kTolerance = 1.0 / 400;  // of the reach: half a pixel or less
constexpr std::size_t kMostPoints = 800;

struct Place {
  double x = 0, y = 0;  // in reaches from the center
};

/// The directions in which a straight line from an anchor passes within the tolerance of all points since.
class Sleeve {
 public:
  explicit Sleeve(Place anchor) : anchor_(anchor) {}

  /// Whether a line from the anchor to this point still passes all of them, without turning back.
  bool takes(Place p) {
    const double dx = p.x - anchor_.x, dy = p.y - anchor_.y, away = std::hypot(dx, dy);
    if (away < farthest_ - kTolerance) return false;
    if (away <= kTolerance) return true;
    farthest_ = std::max(farthest_, away);
    const double direction = std::atan2(dy, dx), width = std::asin(kTolerance / away);
    if (!begun_) {
      begun_ = true;
      middle_ = direction;
      low_ = -width, high_ = width;
      return true;
    }
    const double turn = std::remainder(direction - middle_, 2 * std::numbers::pi);
    if (turn < low_ || turn > high_) return false;
    low_ = std::max(low_, turn - width), high_ = std::min(high_, turn + width);
    return true;
  }

 private:
  Place anchor_;
  double farthest_ = 0, middle_ = 0, low_ = 0, high_ = 0;
  bool begun_ = false;
};

}  // namespace

double picture_reach(double start, double center) {
  const double reach = std::abs(start - center);
  return reach == 0 ? std::max(std::abs(start), 1.0) : reach;
}

std::vector<std::size_t> drawn_points(const Trajectory& path, std::span<const double> center) {
  const auto start = path.point(0);
  const double reach[2] = {picture_reach(start[0], center[0]), picture_reach(start[1], center[1])};
  const auto place = [&](std::size_t k) {
    return Place{(path.point(k)[0] - center[0]) / reach[0], (path.point(k)[1] - center[1]) / reach[1]};
  };
  const auto is_shown = [](Place p) { return std::max(std::abs(p.x), std::abs(p.y)) <= kFarthestShown; };
  std::vector<std::size_t> kept{0};
  Sleeve sleeve(place(0));
  for (std::size_t k = 1; k < path.size() && kept.size() < kMostPoints; ++k) {
    if (!all_finite(path.point(k))) break;
    if (!sleeve.takes(place(k))) {
      if (kept.back() + 1 < k) kept.push_back(k - 1);
      sleeve = Sleeve(place(kept.back()));
      sleeve.takes(place(k));
    }
    const bool leaves = !is_shown(place(k));
    if (leaves || k + 1 == path.size()) kept.push_back(k);
    if (leaves) break;
  }
  return kept;
}

}  // namespace etamax
