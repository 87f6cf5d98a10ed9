#include "etamax/report/map.h"

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/report/appearance.h"
#include "etamax/report/detail_map_axis.h"
#include "etamax/report/map/detail_raster.h"
#include "etamax/report/map/detail_words.h"

namespace etamax::map::pictures {
namespace {

constexpr double kTop = 4, kBottom = 42, kRight = 16;

/// Places in a picture of one map.
struct Frame {
  const FateMap& map;
  Box box;

  double x(double value) const { return place_of(map.x, value, box.left, box.right); }
  double y(double value) const { return place_of(map.y, value, box.bottom, box.top); }
};

/// In steps of some units, so that it is the same for a map that is hardly smaller.
double left_margin(const FateMap& map, double across) {
  constexpr double kStep = 16;
  double widest = 0;
  for (const Tick& tick : map_ticks(map.y, across * map.y.pixels / map.x.pixels, false))
    widest = std::max(widest, text_width(tick.label, kAxisText));
  return std::ceil((widest + 14) / kStep) * kStep;
}

void draw_axes(Drawing& drawing, const Frame& frame) {
  const Box& box = frame.box;
  draw_axis_below(drawing, frame.map.x, box, axis_label(frame.map.x, frame.map));
  for (const Tick& tick : map_ticks(frame.map.y, box.bottom - box.top, false)) {
    const double at = frame.y(tick.value);
    drawing.line({box.left - (tick.label.empty() ? 3 : 5), at}, {box.left, at}, {Color::muted, 1});
    drawing.write({box.left - 8, at + 0.36 * kAxisText}, tick.label, kAxisText, Color::muted, Anchor::end);
  }
}

void draw_edges(Drawing& drawing, const Frame& frame) {
  for (const MapEdge& edge : frame.map.edges) {
    Drawing::Path halo{{}, false, {}, Paint{Color::paper, 0.75}, 3.5, Dash::solid};
    std::vector<Point2> part;
    const auto finish = [&] {
      if (part.size() > 1) halo.parts.push_back(part);
      part.clear();
    };
    for (std::size_t k = 0; k < edge.x.size(); ++k) {
      const Point2 at{frame.x(edge.x[k]), frame.y(edge.y[k])};
      const bool inside = std::isfinite(at.x) && std::isfinite(at.y) && at.x >= frame.box.left &&
                          at.x <= frame.box.right && at.y >= frame.box.top - 1 && at.y <= frame.box.bottom + 1;
      if (inside)
        part.push_back(at);
      else
        finish();
    }
    finish();
    if (halo.parts.empty()) continue;
    Drawing::Path line = halo;
    line.stroke = Paint{Color::ink, 1};
    line.width = 1.4, line.dash = Dash::dashed;
    drawing.add(std::move(halo)), drawing.add(std::move(line));
  }
}

void draw_labels(Drawing& drawing, const Frame& frame) {
  constexpr double kLabel = 13;
  const Box& box = frame.box;
  for (const MapLabel& label : map_labels(frame.map, box.right - box.left, box.bottom - box.top, kLabel)) {
    const Point2 at{box.left + label.x * (box.right - box.left), box.bottom - label.y * (box.bottom - box.top)};
    const std::string word = to_string(label.fate);
    const double half = text_width(word, kLabel, true) / 2 + 5;
    drawing.rectangle({at.x - half, at.y - 0.8 * kLabel, at.x + half, at.y + 0.8 * kLabel}, {Color::paper, 0.82});
    drawing.write({at.x, at.y + 0.36 * kLabel}, word, kLabel, Color::ink, Anchor::middle, true);
  }
}

/// Each fate with its shades and its share, in as many rows as that takes. Returns the height.
double draw_key(Drawing& drawing, const FateMap& map, double left, double right) {
  constexpr double kRow = 22, kCell = 7;
  constexpr int kShown = 5;
  double x = left, y = kTop;
  for (const MapArea& area : map.areas) {
    const Appearance look = appearance(area.fate);
    const std::string words = to_string(area.fate) + " " + share_text(area.share);
    const double width = 18 + kShown * kCell + 6 + text_width(words, kAxisText) + 20;
    if (x > left && x + width - 20 > right) x = left, y += kRow;
    drawing.add(Drawing::Marker{{x + 6, y + 8}, look.shape, 5, {look.color, 1}, ""});
    IndexedImage strip{kShown, 1, {}, {}};
    for (int k = 0; k < kShown; ++k) {
      strip.palette.push_back(map_shade(area.fate, k, kShown));
      strip.pixels.push_back(static_cast<std::uint8_t>(k));
    }
    drawing.add(Drawing::Image{{x + 18, y + 2, x + 18 + kShown * kCell, y + 14}, png_of(strip)});
    drawing.write({x + 18 + kShown * kCell + 6, y + 12}, words, kAxisText, Color::ink);
    x += width;
  }
  if (!map.edges.empty()) {
    const std::string words = "stability edge (theory)";
    const double width = 30 + text_width(words, kAxisText);
    if (x > left && x + width > right) x = left, y += kRow;
    drawing.line({x, y + 8}, {x + 24, y + 8}, {Color::ink, 1}, 1.4, Dash::dashed);
    drawing.write({x + 30, y + 12}, words, kAxisText, Color::ink);
  }
  return y + kRow + 4;
}

std::optional<Drawing> draw(const FateMap& map, double width) {
  if (map.pixels.empty()) return {};
  Drawing drawing;
  drawing.width = width;
  const double aspect = static_cast<double>(map.y.pixels) / map.x.pixels;
  const double left = left_margin(map, width - 4 * kRight);
  const double across = width - left - kRight, high = across * aspect;
  const double key = draw_key(drawing, map, left, width - kRight);
  const double label = key + kAxisText;
  drawing.write({left, label}, axis_label(map.y, map) + " upwards", kAxisText, Color::ink);
  Frame frame{map, {left, label + 8, left + across, label + 8 + high}};
  int every = 1;  // more than two pixels to a unit are not seen
  while (map.x.pixels / every > 2 * across + 1) ++every;
  drawing.add(Drawing::Image{frame.box, png_of(map_image(map, every))});
  draw_edges(drawing, frame);
  draw_labels(drawing, frame);
  draw_axes(drawing, frame);
  drawing.height = frame.box.bottom + kBottom;
  drawing.title = "Map of " + map.expression;
  drawing.description = setting_sentence(map) + " " + joined(map.answer, " ");
  return drawing;
}

/// What becomes of most of the runs in each cell of a coarse grid.
std::vector<std::string> lines(const FateMap& map, const TerminalStyle& style) {
  constexpr int kRows = 20, kMargin = 12;
  if (map.pixels.empty()) return {};
  const int columns = std::min(style.width - kMargin - 2, std::min(map.x.pixels, 100));
  const int rows = std::min(kRows, map.y.pixels);
  if (columns < 8) return {};
  Canvas canvas(kMargin + columns, rows + 1, style);
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column) {
      std::vector<int> counts(static_cast<std::size_t>(Verdict::unclear) + 1, 0);
      constexpr int kSamples = 4;
      int most = -1;
      for (int a = 0; a < kSamples * kSamples; ++a) {
        const double x = (column + (a % kSamples + 0.5) / kSamples) / columns;
        const double y = (rows - 1 - row + (a / kSamples + 0.5) / kSamples) / rows;
        const MapPixel& pixel = map.at(std::min(static_cast<int>(x * map.x.pixels), map.x.pixels - 1),
                                       std::min(static_cast<int>(y * map.y.pixels), map.y.pixels - 1));
        if (!pixel.drawn) continue;
        const int fate = static_cast<int>(pixel.fate);
        ++counts[static_cast<std::size_t>(fate)];
        if (most < 0 || counts[static_cast<std::size_t>(fate)] > counts[static_cast<std::size_t>(most)]) most = fate;
      }
      if (most < 0) continue;
      const Appearance look = appearance(static_cast<Verdict>(most));
      canvas.text(kMargin + column, row, style.unicode ? look.sign : std::string(1, look.ascii), look.color);
    }
  const auto put_left = [&](int row, double value) {
    const std::string text = format_number(value, 4);
    canvas.text(std::max(kMargin - 1 - columns_of(text), 0), row, text);
  };
  put_left(0, map.y.to), put_left(rows - 1, map.y.from);
  const std::string from = format_number(map.x.from, 4), to = format_number(map.x.to, 4);
  canvas.text(kMargin, rows, from);
  canvas.text(kMargin + columns - columns_of(to), rows, to);
  const std::string name = axis_label(map.x, map);
  const int middle = kMargin + (columns - columns_of(name)) / 2;
  if (canvas.is_free(middle, rows, columns_of(name))) canvas.text(middle, rows, name);
  std::vector<std::string> all = {axis_label(map.y, map) + " upwards"};
  for (std::string& line : canvas.lines()) all.push_back(std::move(line));
  return all;
}

}  // namespace

PictureSpec<FateMap> map() {
  return {.name = "map",
          .heading = "What becomes of each run",
          .rank = 1,
          .caption = shades_sentence,
          .draw = draw,
          .lines = lines};
}

}  // namespace etamax::map::pictures

namespace etamax {

double map_margins(const FateMap& map, double across) {
  return map::pictures::left_margin(map, across) + map::pictures::kRight;
}

}  // namespace etamax
