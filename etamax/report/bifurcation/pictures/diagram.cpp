#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/draw/chart.h"
#include "etamax/draw/png.h"
#include "etamax/report/bifurcation.h"
#include "etamax/report/detail_map_axis.h"

namespace etamax::bifurcation::pictures {
namespace {

constexpr double kLeft = 64, kRight = 16, kBetween = 34, kStrip = 130, kTop = 22;
constexpr double kLowest = -2, kHighest = 1;  // what the strip shows of exponents

std::string axis_words(const BifurcationDiagram& d) { return d.x.name == "lr" ? "learning rate" : d.x.name; }

/// The darker a cell, the more of the iterates fell into it.
IndexedImage density(const BifurcationDiagram& d, int every) {
  constexpr int kShades = 24;
  const Rgb ink = shade(Color::ink, false);
  IndexedImage image;
  image.width = (d.x.pixels + every - 1) / every, image.height = (d.rows + every - 1) / every;
  for (int k = 0; k < kShades; ++k) {
    const double share = k == 0 ? 0 : 0.25 + 0.75 * k / (kShades - 1);
    const auto part = [share](int to) { return static_cast<int>(std::lround(255 + (to - 255) * share)); };
    image.palette.push_back({part(ink.red), part(ink.green), part(ink.blue)});
  }
  image.pixels.assign(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height), 0);
  const double most = std::log1p(static_cast<double>(d.kept) / 4);
  for (int row = 0; row < d.rows; ++row)
    for (int column = 0; column < d.x.pixels; ++column) {
      const std::uint32_t count = d.counts[static_cast<std::size_t>(row) * static_cast<std::size_t>(d.x.pixels) +
                                           static_cast<std::size_t>(column)];
      if (count == 0) continue;
      const double share = std::min(std::log1p(static_cast<double>(count)) / most, 1.0);
      const auto dark = static_cast<std::uint8_t>(1 + std::lround(share * (kShades - 2)));
      std::uint8_t& pixel = image.at(column / every, image.height - 1 - row / every);
      pixel = std::max(pixel, dark);
    }
  return image;
}

/// Where periods double: a line through both parts, and above it the new period where there is room.
void draw_doublings(Drawing& drawing, const BifurcationDiagram& d, const Box& above, const Box& strip) {
  double free_from = above.left;
  for (const PeriodDoubling& p : d.doublings) {
    const double at = place_of(d.x, p.at, above.left, above.right);
    if (!(at >= above.left && at <= above.right)) continue;
    drawing.line({at, above.top}, {at, strip.bottom}, {Color::blue, 0.7}, 1, Dash::dotted);
    const std::string label = "period " + std::to_string(2 * p.period);
    const double half = text_width(label, kAxisText) / 2;
    if (at - half < free_from) continue;
    drawing.write({at, above.top - 6}, label, kAxisText, Color::blue, Anchor::middle);
    free_from = at + half + 8;
  }
}

void draw_strip(Drawing& drawing, const BifurcationDiagram& d, const Box& box) {
  const auto y = [&](double exponent) {
    const double share = (std::clamp(exponent, kLowest, kHighest) - kLowest) / (kHighest - kLowest);
    return box.bottom - share * (box.bottom - box.top);
  };
  for (const double exponent : {-2.0, -1.0, 0.0, 1.0}) {
    drawing.line({box.left, y(exponent)}, {box.right, y(exponent)}, {exponent == 0 ? Color::muted : Color::faint, 1});
    drawing.write({box.left - 8, y(exponent) + 0.36 * kAxisText}, format_number(exponent), kAxisText, Color::muted,
                  Anchor::end);
  }
  for (const bool chaotic : {false, true}) {
    Drawing::Path path{{}, false, {}, Paint{chaotic ? Color::purple : Color::green, 1}, 1.4, Dash::solid};
    std::vector<Point2> part;
    const auto finish = [&] {
      if (part.size() > 1) path.parts.push_back(part);
      part.clear();
    };
    for (std::size_t i = 0; i < d.columns.size(); ++i) {
      const auto& exponent = d.columns[i].lyapunov;
      const double at = place_of(d.x, d.x.value(static_cast<int>(i)), box.left, box.right);
      if (exponent && (*exponent > 0) == chaotic)
        part.push_back({at, y(*exponent)});
      else
        finish();
    }
    finish();
    if (!path.parts.empty()) drawing.add(std::move(path));
  }
  drawing.write({box.left, box.top - 8}, "Lyapunov exponent per step: above 0, neighbors part (chaos)", kAxisText,
                Color::ink);
}

std::string caption(const BifurcationDiagram& d) {
  return "Above: the points where the run stays, the darker the more often it is there. Below: how fast a small distance "
         "between two runs grows (above 0) or shrinks (below; what is below -2 is drawn there)." +
         std::string(d.doublings.empty() ? "" : " Dotted: where the period doubles.");
}

std::optional<Drawing> draw(const BifurcationDiagram& d, double width) {
  if (d.columns.empty()) return {};
  Drawing drawing;
  drawing.width = width;
  const double across = width - kLeft - kRight, high = across * d.rows / d.x.pixels;
  const double name = kAxisText, top = name + 6 + kTop;
  drawing.write({kLeft, name}, d.variable + ", where the run stays, upwards", kAxisText, Color::ink);
  const Box above{kLeft, top, kLeft + across, top + high};
  const Box strip{kLeft, above.bottom + kBetween, kLeft + across, above.bottom + kBetween + kStrip};
  int every = 1;  // more than two pixels to a unit are not seen
  while (d.x.pixels / every > 2 * across + 1) ++every;
  drawing.add(Drawing::Image{above, png_of(density(d, every))});
  const MapAxis upwards{"", d.low, d.high, false, d.rows};
  for (const Tick& tick : map_ticks(upwards, high, false)) {
    const double at = place_of(upwards, tick.value, above.bottom, above.top);
    drawing.line({kLeft - 5, at}, {kLeft, at}, {Color::muted, 1});
    drawing.write({kLeft - 8, at + 0.36 * kAxisText}, tick.label, kAxisText, Color::muted, Anchor::end);
  }
  draw_strip(drawing, d, strip);
  draw_doublings(drawing, d, above, strip);
  draw_axis_below(drawing, d.x, strip, axis_words(d));
  drawing.height = strip.bottom + 42;
  drawing.title = "Bifurcation diagram of " + d.expression;
  drawing.description = setting_sentence(d) + " " + joined(d.answer, " ");
  return drawing;
}

/// The exponents alone: a terminal's dots are too coarse for the iterates.
std::vector<std::string> lines(const BifurcationDiagram& d, const TerminalStyle& style) {
  Chart chart;
  chart.title = "Lyapunov exponent per step, against the " + axis_words(d);
  chart.x = {axis_words(d),
             d.x.log ? log_scale(std::log10(d.x.from), std::log10(d.x.to)) : linear_scale(d.x.from, d.x.to),
             {}};
  chart.y = {"exponent", linear_scale(kLowest, kHighest), {}};
  Chart::Line line{{}, {Color::purple, 1}, 1.5, Dash::solid}, zero = line;
  for (std::size_t i = 0; i < d.columns.size(); ++i)
    if (d.columns[i].lyapunov)
      line.points.push_back({d.x.value(static_cast<int>(i)), std::clamp(*d.columns[i].lyapunov, kLowest, kHighest)});
  zero.points = {{d.x.from, 0}, {d.x.to, 0}};
  zero.paint.color = Color::muted;
  chart.lines = {zero, line};
  return etamax::lines(chart, std::min(style.width, 100), 14, style);
}

}  // namespace

PictureSpec<BifurcationDiagram> diagram() {
  return {.name = "diagram",
          .heading = "Where the run stays",
          .rank = 1,
          .caption = caption,
          .draw = draw,
          .lines = lines,
          .has_title = true};
}

}  // namespace etamax::bifurcation::pictures
