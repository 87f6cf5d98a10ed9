// The eigenvalues found at either end, against their number.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/draw/chart.h"
#include "etamax/report/spectra.h"

namespace etamax::spectra::pictures {
namespace {

std::string caption(const Spectra&) {
  return "Each eigenvalue found, by its number from the end; the bar is the interval that holds it, the ring the part that the Gauss-Newton matrix has of it.";
}

std::optional<Chart> eigenvalue_chart(const Spectra& s) {
  Chart chart;
  chart.title = "The ends of the spectrum";
  double low = 0, high = 0, most = 0;
  const auto add = [&](const std::optional<SpectralEnds>& ends, Color color, Shape shape, const std::string& name) {
    if (!ends) return;
    for (std::size_t k = 0; k < ends->values.size(); ++k) {
      const SpectralEnd& e = ends->values[k];
      const double x = static_cast<double>(k + 1);
      const double from = e.bounds.lower.value_or(e.value), to = e.bounds.upper.value_or(e.value);
      low = std::min({low, from, e.value}), high = std::max({high, to, e.value}), most = std::max(most, x);
      Chart::Line bar;
      bar.paint = {color, 0.5};
      bar.width = 5;
      bar.points = {{x, from}, {x, to}};
      chart.lines.push_back(bar);
      chart.points.push_back(
          {{x, e.value}, shape, 4, {color}, "", fmt::format("{} {}: {}", name, k + 1, rounded_out(e.bounds))});
      if (e.gauss_newton) {
        low = std::min(low, *e.gauss_newton), high = std::max(high, *e.gauss_newton);
        chart.points.push_back({{x, *e.gauss_newton},
                                Shape::ring,
                                6,
                                {Color::vermillion},
                                "",
                                fmt::format("Gauss-Newton part: {}", format_number(*e.gauss_newton, 4))});
      }
    }
  };
  add(s.top, Color::blue, Shape::circle, "largest");
  add(s.bottom, Color::purple, Shape::triangle_down, "smallest");
  if (chart.points.empty()) return {};
  const double room = 0.06 * (high - low);
  chart.x = {"number from the end", linear_scale(0.5, most + 0.5), {}};
  chart.y = {"eigenvalue", linear_scale(low - room, high + room), {}};
  return chart;
}

std::optional<Drawing> draw_eigenvalues(const Spectra& s, double width) {
  const auto chart = eigenvalue_chart(s);
  if (!chart) return {};
  return draw(*chart, width, width < 600 ? 260 : 320);
}

}  // namespace

PictureSpec<Spectra> eigenvalues() {
  return {"eigenvalues", "The ends of the spectrum", 1, caption, draw_eigenvalues, nullptr, true};
}

}  // namespace etamax::spectra::pictures
