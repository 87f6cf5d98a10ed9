#include "etamax/diagnose/growth.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "etamax/core/statistics.h"

namespace etamax {
namespace {

constexpr std::size_t kMostPoints = 400;  // a longer stretch is thinned to it
constexpr double kRounding = 1e-9;        // relative: what a printed number is good for at the best

}  // namespace

double GrowthFit::factor() const { return std::exp(slope); }

std::array<double, 2> GrowthFit::interval() const {
  const double margin = student_t_975(static_cast<long>(last - first) - 1) * standard_error;
  return {std::exp(slope - margin), std::exp(slope + margin)};
}

std::optional<GrowthFit> fit_growth(std::span<const double> t, std::span<const double> y, std::size_t least) {
  std::vector<double> time, value;
  std::vector<std::size_t> index;
  for (std::size_t i = 0; i < t.size(); ++i) {
    if (!(y[i] > 0) || !std::isfinite(y[i]) || !std::isfinite(t[i])) continue;
    time.push_back(t[i]), value.push_back(std::log(y[i])), index.push_back(i);
  }
  least = std::max<std::size_t>(least, 4);
  if (time.size() < least) return {};
  if (const std::size_t thin = time.size() / kMostPoints; thin > 1) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < time.size(); i += thin, ++kept)
      time[kept] = time[i], value[kept] = value[i], index[kept] = index[i];
    time.resize(kept), value.resize(kept), index.resize(kept);
  }
  const std::size_t n = time.size();
  // Sums from the left give every stretch at once. They are taken about the middle, which keeps their digits.
  const double t0 = time[n / 2], y0 = value[n / 2];
  struct Sums {
    double t = 0, y = 0, tt = 0, ty = 0, yy = 0;
  };
  std::vector<Sums> sums(n + 1);
  for (std::size_t i = 0; i < n; ++i) {
    const double a = time[i] - t0, b = value[i] - y0;
    sums[i + 1] = {sums[i].t + a, sums[i].y + b, sums[i].tt + a * a, sums[i].ty + a * b, sums[i].yy + b * b};
  }
  std::optional<GrowthFit> best;
  double best_ratio = 0;
  for (std::size_t i = 0; i + least <= n; ++i)
    for (std::size_t j = i + least; j <= n; ++j) {
      const double count = static_cast<double>(j - i);
      const Sums& a = sums[i];
      const Sums& b = sums[j];
      const double st = b.t - a.t, sy = b.y - a.y;
      const double tt = b.tt - a.tt - st * st / count, ty = b.ty - a.ty - st * sy / count,
                   yy = b.yy - a.yy - sy * sy / count;
      if (!(tt > 0)) continue;
      const double slope = ty / tt;
      const double residual = std::max(yy - slope * ty, 0.0);
      const double floor = kRounding * (1 + std::abs(y0));
      const double error = std::sqrt((residual / (count - 2) + floor * floor) / tt);
      if (!(slope > 0) || slope / error <= best_ratio) continue;
      best_ratio = slope / error;
      best = {index[i], index[j - 1],
              slope,    y0 + sy / count + slope * (time[i] - t0 - st / count),
              error,    yy > 0 ? 1 - residual / yy : 1};
    }
  return best;
}

}  // namespace etamax
