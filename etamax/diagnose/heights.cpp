#include "etamax/diagnose/heights.h"

#include <algorithm>
#include <cmath>

#include "etamax/core/statistics.h"

namespace etamax {
namespace {

constexpr std::size_t kMostCompared = 300;  // values of a trend test: all pairs are compared

std::vector<double> finite_of(const std::vector<double>& values, std::size_t first, std::size_t last) {
  std::vector<double> part;
  for (std::size_t i = first; i < std::min(last, values.size()); ++i)
    if (std::isfinite(values[i])) part.push_back(values[i]);
  return part;
}

/// The usual size of |x|, x normal with standard deviation 1, is 1 / kMedianAbsolute.
constexpr double kMedianAbsolute = 1.4826;

}  // namespace

double median_of(const std::vector<double>& values, std::size_t first, std::size_t last) {
  return median(finite_of(values, first, last));
}

std::vector<double> running_median(const std::vector<double>& values, std::size_t reach) {
  std::vector<double> level(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    level[i] = median_of(values, i > reach ? i - reach : 0, i + reach + 1);
  return level;
}

double noise_of(const std::vector<double>& values, std::size_t first, std::size_t last) {
  const std::vector<double> v = finite_of(values, first, last);
  std::vector<double> bends, falls;
  std::size_t turns = 0;
  for (std::size_t i = 1; i < v.size(); ++i) {
    if (v[i] < v[i - 1]) falls.push_back(v[i - 1] - v[i]);
    if (i < 2) continue;
    bends.push_back(std::abs(v[i] - 2 * v[i - 1] + v[i - 2]));
    turns += (v[i] - v[i - 1]) * (v[i - 1] - v[i - 2]) < 0 ? 1 : 0;
  }
  if (bends.empty() || falls.empty()) return 0;
  // Of independent noise two of three values are turning points; a course that turns seldom is mostly smooth.
  const double noisy = std::min(2 * static_cast<double>(turns) / static_cast<double>(bends.size()), 1.0);
  // Of independent noise the variance of a second difference is 6 times its own, of a first difference twice.
  return noisy * kMedianAbsolute *
         std::min(median(std::move(bends)) / std::sqrt(6.0), median(std::move(falls)) / std::sqrt(2.0));
}

double trend_score(const std::vector<double>& values, std::size_t first, std::size_t last) {
  std::vector<double> v = finite_of(values, first, last);
  if (const std::size_t width = (v.size() + kMostCompared - 1) / kMostCompared; width > 1) {
    std::vector<double> blocks;
    for (std::size_t i = 0; i + width <= v.size(); i += width) blocks.push_back(median_of(v, i, i + width));
    v = std::move(blocks);
  }
  if (v.size() < 3) return 0;
  double balance = 0;
  for (std::size_t i = 0; i < v.size(); ++i)
    for (std::size_t j = i + 1; j < v.size(); ++j) balance += v[j] > v[i] ? 1 : v[j] < v[i] ? -1 : 0;
  const auto n = static_cast<double>(v.size());
  const double deviation = std::sqrt(n * (n - 1) * (2 * n + 5) / 18);
  return balance == 0 ? 0 : (balance - std::copysign(1, balance)) / deviation;
}

}  // namespace etamax
