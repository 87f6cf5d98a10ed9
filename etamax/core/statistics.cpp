#include "etamax/core/statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace etamax {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Puts the value in the middle in its place, and what is smaller before it.
std::vector<double>::iterator sort_middle(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return middle;
}

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) return kNaN;
  const auto middle = sort_middle(values);
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

double upper_median(std::vector<double> values) { return values.empty() ? kNaN : *sort_middle(values); }

double mean(std::span<const double> values) {
  if (values.empty()) return kNaN;
  const double n = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value / n;
  return sum;
}

double standard_error(std::span<const double> values) {
  if (values.size() < 2) return kNaN;
  const double n = static_cast<double>(values.size()), middle = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - middle) * (value - middle);
  return std::sqrt(squares / (n - 1) / n);
}

double student_t_975(long degrees) {
  // Tabulated for few; for more, the Cornish-Fisher expansion about the normal quantile (Abramowitz and
  // Stegun, 26.7.5).
  constexpr std::array<double, 6> kFew = {12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691};
  if (degrees < 1) return std::numeric_limits<double>::infinity();
  if (degrees <= 6) return kFew[static_cast<std::size_t>(degrees - 1)];
  constexpr double z = 1.959964;
  const double v = static_cast<double>(degrees), z3 = z * z * z, z5 = z3 * z * z;
  return z + (z3 + z) / (4 * v) + (5 * z5 + 16 * z3 + 3 * z) / (96 * v * v) +
         (3 * z5 * z * z + 19 * z5 + 17 * z3 - 15 * z) / (384 * v * v * v);
}

}  // namespace etamax
