// The distribution of the eigenvalues on an axis that is logarithmic to both sides of zero, with its band over starts.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "etamax/draw/chart.h"
#include "etamax/report/spectra.h"

namespace etamax::spectra::pictures {
namespace {

constexpr double kWidth = 0.12;  // of the curve's smoothing at least, in units of asinh(x / near)
constexpr int kPlaces = 240;

std::string caption(const Spectra&) {
  return "How the eigenvalues are distributed, smoothed as far as their places are known: the share of them per unit of the axis, which is logarithmic to both sides and linear near zero. The line is the mean over random starts, the band from the least to the most of them. Dots: eigenvalues found at the ends.";
}

/// A node of the quadrature, spread over the places that it stands for.
struct Spread {
  double at = 0, width = 0, weight = 0;
};

/// As far as its residual, and no farther than half-way to the next node: what lies between two nodes has no more
/// weight than both (Chebyshev, Markov and Stieltjes). So there is no gap between nodes that are no eigenvalues.
std::vector<Spread> spread(const SpectralMass::Start& start, double near) {
  const auto place = [&](double x) { return std::asinh(x / near); };
  std::vector<Spread> found;
  const std::vector<double>& x = start.nodes;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double r = start.residuals[i], uncertain = (place(x[i] + r) - place(x[i] - r)) / 2;
    const double before = i > 0 ? place(x[i]) - place(x[i - 1]) : 0;
    const double after = i + 1 < x.size() ? place(x[i + 1]) - place(x[i]) : 0;
    found.push_back(
        {place(x[i]), std::max(kWidth, std::min(uncertain, std::max(before, after) / 2)), start.weights[i]});
  }
  return found;
}

double smoothed(const std::vector<Spread>& nodes, double at) {
  double sum = 0;
  for (const Spread& node : nodes) {
    const double z = (node.at - at) / node.width;
    sum += node.weight / node.width * std::exp(-z * z / 2);
  }
  return sum / std::sqrt(2 * std::numbers::pi);
}

std::optional<Chart> density_chart(const Spectra& s) {
  if (!s.density || s.density->starts.empty() || !(s.density->near > 0)) return {};
  const SpectralMass& mass = *s.density;
  const double near = mass.near / 10;  // linear as far as here
  double left = 0, right = 0;
  std::vector<std::vector<Spread>> starts;
  for (const SpectralMass::Start& start : mass.starts) {
    starts.push_back(spread(start, near));
    left = std::min(left, std::asinh(start.nodes.front() / near)),
    right = std::max(right, std::asinh(start.nodes.back() / near));
  }
  left -= 4 * kWidth, right += 4 * kWidth;
  const double floor = 0.05 / static_cast<double>(std::max(1L, s.dimension));
  double highest = floor;
  Chart::Line line;
  line.paint = {Color::blue};
  std::vector<Point2> below, above;
  for (int i = 0; i <= kPlaces; ++i) {
    const double u = left + (right - left) * i / kPlaces, x = near * std::sinh(u);
    double least = INFINITY, most = 0, sum = 0;
    for (const std::vector<Spread>& start : starts) {
      const double here = smoothed(start, u);
      least = std::min(least, here), most = std::max(most, here), sum += here;
    }
    highest = std::max(highest, most);
    below.push_back({x, std::max(least, floor)});
    above.push_back({x, std::max(most, floor)});
    line.points.push_back({x, std::max(sum / static_cast<double>(mass.starts.size()), floor)});
  }
  Chart chart;
  chart.title = "The density of the eigenvalues";
  chart.subtitle = std::to_string(mass.starts.size()) + " random starts";
  chart.x = {"eigenvalue", symmetric_log_scale(near * std::sinh(left), near * std::sinh(right), near), {}};
  chart.y = {"share per unit of the axis", log_scale(std::log10(floor), std::log10(highest) + 0.2), {}};
  above.insert(above.end(), below.rbegin(), below.rend());
  chart.regions.push_back({{above}, {Color::sky, 0.35}, {Color::sky, 0.35}});
  chart.lines.push_back(line);
  for (const auto* ends : {&s.top, &s.bottom})
    if (*ends)
      for (const SpectralEnd& e : (*ends)->values)
        chart.points.push_back({{e.value, floor * 1.6}, Shape::circle, 3, {Color::ink}, "", ""});
  return chart;
}

std::optional<Drawing> draw_density(const Spectra& s, double width) {
  const auto chart = density_chart(s);
  if (!chart) return {};
  return draw(*chart, width, width < 600 ? 300 : 380);
}

std::vector<std::string> text(const Spectra& s, const TerminalStyle& style) {
  const auto chart = density_chart(s);
  if (!chart) return {};
  return lines(*chart, std::min(style.width, 100), 16, style);
}

}  // namespace

PictureSpec<Spectra> density() {
  return {"density", "The density of the eigenvalues", 2, caption, draw_density, text, /*has_title=*/true};
}

}  // namespace etamax::spectra::pictures
