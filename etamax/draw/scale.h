#pragma once

#include <functional>
#include <string>
#include <vector>

namespace etamax {

/// Maps the values of one axis, linearly, by their logarithm, or by that to both sides of zero, to 0..1. Built by
/// linear_scale, log_scale and symmetric_log_scale, which make `low < high` with room between them, so that a position
/// is never 0/0.
struct Scale {
  bool log = false;
  double low = 0, high = 1;  ///< the ends; on a logarithmic axis their decimal logarithms, which may leave a
                             ///< double's range
  double near = 0;           ///< above 0: an axis of asinh(value / near), whose ends are such numbers
  /// 0 at `low`, 1 at `high`, beyond them outside; clamped to +-1e6, so that it can be drawn with. NaN for
  /// NaN, and on a logarithmic axis for what is not positive.
  double position(double value) const;
  /// The value at a position: the inverse.
  double value(double position) const;
};

/// A range of one point or less is widened about its middle.
Scale linear_scale(double low, double high);
/// From 10^low to 10^high. At least a fifth of a decade is shown.
Scale log_scale(double low, double high);
/// Shows the values from `low` to `high`, both positive, with some room at either end.
Scale log_scale_around(double low, double high);

/// Linear about zero, as far as `near` (positive), and logarithmic beyond it on either side.
Scale symmetric_log_scale(double low, double high, double near);

struct Tick {
  double value = 0;
  std::string label;  ///< empty for a minor tick
};

/// Ticks at nice numbers (1, 2 or 5 times a power of ten; decades and what lies between on a logarithmic
/// axis): as many labels as fit on `length` (pixels, or columns of a terminal) without coming nearer to each
/// other than `gap`. `extent_of` is how much of that length a label takes.
std::vector<Tick> axis_ticks(const Scale& scale, double length, double gap,
                             const std::function<double(const std::string&)>& extent_of);

}  // namespace etamax
