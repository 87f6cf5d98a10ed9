#include "etamax/diagnose/growth.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "etamax/core/statistics.h"

namespace etamax {
namespace {

constexpr std::size_t kMostPoints = 400;  // a longer stretch is thinned to it
constexpr double kRounding = 1e-9;        // relative: what a printed number is good for at the best

/// Whether log y keeps the slope that it has in the middle, at its ends.
bool is_steady(std::span<const double> t, std::span<const double> y) {
  constexpr double kBend = 0.1;
  constexpr std::size_t kFew = 6;
  const std::size_t n = t.size();
  const auto count = static_cast<double>(n);
  // Least squares by orthogonal polynomials of u, which goes from -1 to 1: a line v, and a parabola q.
  std::vector<double> v(n), q(n), rest(y.begin(), y.end());
  for (std::size_t i = 0; i < n; ++i) v[i] = 2 * (t[i] - t[0]) / (t[n - 1] - t[0]) - 1, q[i] = v[i] * v[i];
  const auto dot = [](const std::vector<double>& a, const std::vector<double>& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  };
  const auto take_off = [&](const std::vector<double>& part, std::vector<double>& from) {
    const double share = dot(part, from) / dot(part, part);
    for (std::size_t i = 0; i < n; ++i) from[i] -= share * part[i];
    return share;
  };
  const std::vector<double> one(n, 1.0);
  take_off(one, v), take_off(one, q), take_off(v, q);
  if (!(dot(q, q) > 0)) return true;
  const double level = take_off(one, rest), slope = take_off(v, rest), bend = take_off(q, rest);
  if (n < kFew) return 2 * std::abs(bend) <= slope;  // too few to know an error by: it comes to no rest on its way
  const double floor = kRounding * (1 + std::abs(level));
  const double error = std::sqrt((dot(rest, rest) / (count - 3) + floor * floor) / dot(q, q));
  return std::abs(bend) <= student_t_975(static_cast<long>(n) - 3) * error || 2 * std::abs(bend) <= kBend * slope;
}

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
  std::size_t from = 0, to = 0;
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
      from = i, to = j;
    }
  if (best)
    best->steady = is_steady(std::span(time).subspan(from, to - from), std::span(value).subspan(from, to - from));
  return best;
}

}  // namespace etamax
