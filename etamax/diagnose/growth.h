#pragma once

#include <array>
#include <optional>
#include <span>

namespace etamax {

/// Exponential growth y = exp(intercept + slope (t - t_first)).
struct GrowthFit {
  std::size_t first = 0, last = 0;  ///< the points that it rests on
  double slope = 0;                 ///< natural logarithm of the factor per unit of t
  double intercept = 0;             ///< logarithm of the fitted value at the first of them
  double standard_error = 0;        ///< of the slope
  double r_squared = 0;
  /// Whether the factor is the same all along: no parabola fits log y better than the line does, by more than its
  /// error and than a tenth of the slope; of less than six points, none that comes to rest among them. Growth by an
  /// amount for each t is not.
  bool steady = true;
  /// The factor per unit of t and its 95% interval: Student's t with two degrees of freedom fewer than
  /// points, the residuals of log y taken as independent.
  double factor() const;
  std::array<double, 2> interval() const;
};

/// Least squares of log y on t over the stretch of at least `least` successive points (4 or more) that shows
/// growth the clearest, that is, with the largest ratio of the slope to its standard error. Points where y is
/// not positive and finite are left out. None where there are too few of them, or the slope is not positive.
std::optional<GrowthFit> fit_growth(std::span<const double> t, std::span<const double> y, std::size_t least = 4);

}  // namespace etamax
