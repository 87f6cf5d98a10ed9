#include <algorithm>
#include <cmath>

#include "etamax/draw/chart.h"

namespace etamax {
namespace {

std::string sign_of(Shape shape, bool unicode) {
  switch (shape) {
    case Shape::circle:
      return unicode ? "●" : "o";
    case Shape::ring:
      return unicode ? "○" : "o";
    case Shape::square:
      return unicode ? "■" : "#";
    case Shape::diamond:
      return unicode ? "◆" : "%";
    case Shape::triangle_up:
      return unicode ? "▲" : "^";
    case Shape::triangle_down:
      return unicode ? "▼" : "v";
    case Shape::triangle_right:
      return unicode ? "▶" : ">";
    case Shape::plus:
      return unicode ? "✚" : "+";
    case Shape::cross:
      break;
  }
  return unicode ? "✖" : "x";
}

/// A chart's words in the characters that the terminal has.
std::string words(const std::string& text, const TerminalStyle& style) {
  if (style.unicode) return text;
  std::string ascii;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (text.compare(at, 2, "\u00d7") == 0)
      ascii += 'x';
    else if (byte < 0x80)
      ascii += text[at];
    else if (byte >= 0xC0 && byte != 0xC3)
      ascii += '?';
  }
  return ascii;
}

/// As many of its words as there is room for.
std::string whole_words(const std::string& text, int columns) {
  const auto width = [](const std::string& t) { return static_cast<double>(columns_of(t)); };
  std::string fitting = wrapped(text, columns, width).front();
  if (fitting.size() < text.size()) fitting.resize(fitting.find_last_not_of(";,") + 1);
  return fitting;
}

int head_of(const Chart& chart) { return (chart.title.empty() ? 0 : 1) + (chart.subtitle.empty() ? 0 : 1); }
int plot_height(const Chart& chart, int rows) { return std::max(3, rows - head_of(chart) - 2); }

std::vector<Tick> y_ticks(const Chart& chart, int height) {
  return axis_ticks(chart.y.scale, height, 0.4, [](const std::string&) { return 1.0; });
}

/// Of the vertical axis, or what room is wanted for.
std::string widest_label(const Chart& chart, int rows) {
  std::string widest = chart.y.room_for;
  for (const Tick& tick : y_ticks(chart, plot_height(chart, rows)))
    if (columns_of(tick.label) > columns_of(widest)) widest = tick.label;
  return widest;
}

}  // namespace

std::vector<std::string> lines(const Chart& chart, int columns, int rows, const TerminalStyle& style) {
  const int head = head_of(chart), height = plot_height(chart, rows);
  const std::vector<Tick> ticks = y_ticks(chart, height);
  const int left = columns_of(widest_label(chart, rows)) + 1;
  int right = 0;
  for (const Chart::End& end : chart.ends) right = std::max(right, columns_of(end.text) + 3);
  right = std::min(right, columns / 2);
  const int width = std::max(8, columns - left - right);
  // Several canvases in one would need offsets: the plot is drawn on its own and set into the frame.
  Canvas plot(width, height, style);
  const auto at = [&](Point2 data) {
    return Point2{chart.x.scale.position(data.x) * (width - 1) + 0.5,
                  (1 - chart.y.scale.position(data.y)) * (height - 1) + 0.5};
  };
  const auto drawable = [](Point2 p) { return std::isfinite(p.x) && std::isfinite(p.y); };
  const auto segment = [&](Point2 from, Point2 to, Color color, char ascii) {
    const Point2 a = at(from), b = at(to);
    if (drawable(a) && drawable(b)) plot.line(a, b, color, ascii);
  };
  for (const Chart::Region& region : chart.regions)
    for (const auto& ring : region.rings)
      for (std::size_t i = 0; i < ring.size(); ++i) segment(ring[i], ring[(i + 1) % ring.size()], Color::muted, '.');
  for (const Chart::Line& line : chart.lines)
    for (std::size_t i = 0; i + 1 < line.points.size(); ++i)
      segment(line.points[i], line.points[i + 1], line.paint.color == Color::ink ? Color::muted : line.paint.color,
              '.');
  for (const Chart::Arrow& arrow : chart.arrows) segment(arrow.from, arrow.to, arrow.paint.color, '-');
  const auto cell = [&](Point2 data) -> std::optional<std::pair<int, int>> {
    const Point2 p = at(data);
    if (!drawable(p) || p.x < 0 || p.x >= width || p.y < 0 || p.y >= height) return {};
    return std::pair{static_cast<int>(p.x), static_cast<int>(p.y)};
  };
  for (const Chart::Point& point : chart.points)
    if (const auto place = cell(point.at)) {
      const std::string sign = point.label.size() == 1 ? point.label : sign_of(point.shape, style.unicode);
      plot.text(place->first, place->second, sign, point.paint.color, true);
    }
  int note_row = 0;
  for (const Chart::Note& note : chart.notes) {
    const int length = columns_of(note.text);
    const auto place = at(note.at);
    if (!drawable(place)) continue;
    const int column = std::clamp(static_cast<int>(place.x) - length / 2, 0, std::max(0, width - length));
    for (int row = note_row; row < height; ++row)
      if (plot.is_free(column, row, length)) {
        plot.text(column, row, note.text, Color::ink);
        break;
      }
  }

  Canvas canvas(columns, height + 2, style);
  const char* const bar = style.unicode ? "│" : "|";
  for (int row = 0; row < height; ++row) canvas.text(left - 1, row, bar, Color::muted);
  canvas.text(left - 1, height, style.unicode ? "└" : "+", Color::muted);
  for (int column = 0; column < width; ++column)
    canvas.text(left + column, height, style.unicode ? "─" : "-", Color::muted);
  for (const Tick& tick : ticks) {
    if (tick.label.empty() || (chart.y.ticks_from && tick.value < *chart.y.ticks_from)) continue;
    const int row = static_cast<int>((1 - chart.y.scale.position(tick.value)) * (height - 1) + 0.5);
    canvas.text(left - 1 - columns_of(tick.label), row, tick.label, Color::muted);
    canvas.text(left - 1, row, style.unicode ? "┤" : "+", Color::muted);
  }
  const auto extent = [](const std::string& text) { return static_cast<double>(columns_of(text)); };
  for (const Tick& tick : axis_ticks(chart.x.scale, width, 2, extent)) {
    if (tick.label.empty()) continue;
    const int column = left + static_cast<int>(chart.x.scale.position(tick.value) * (width - 1) + 0.5),
              length = columns_of(tick.label);
    canvas.text(column, height, style.unicode ? "┬" : "+", Color::muted);
    const int begin = std::clamp(column - length / 2, 0, std::max(0, columns - length));
    if (canvas.is_free(begin, height + 1, length)) canvas.text(begin, height + 1, tick.label, Color::muted);
  }
  const int name_at = columns - right - columns_of(chart.x.label);
  if (!chart.x.label.empty() && canvas.is_free(name_at - 1, height + 1, columns_of(chart.x.label) + 1))
    canvas.text(name_at, height + 1, chart.x.label, Color::muted);
  std::vector<bool> taken(static_cast<std::size_t>(height), false);
  for (const Chart::End& end : chart.ends) {
    std::optional<Point2> last;
    const std::vector<Point2>& points = chart.lines.at(end.line).points;
    for (std::size_t k = 0; k + 1 < points.size(); ++k) {
      const Point2 a = at(points[k]), b = at(points[k + 1]);
      if (!drawable(a) || !drawable(b)) continue;
      if (const auto part = clipped(a, b, {0, 0, width * 1.0, height * 1.0})) last = part->second;
    }
    if (!last) continue;
    const int wanted = std::clamp(static_cast<int>(last->y), 0, height - 1);
    for (int off = 0; off < 2 * height; ++off) {  // the nearest free row
      const int row = wanted + (off % 2 ? (off + 1) / 2 : -off / 2);
      if (row < 0 || row >= height || taken[static_cast<std::size_t>(row)]) continue;
      taken[static_cast<std::size_t>(row)] = true;
      canvas.text(left + width + 1, row, sign_of(end.shape, style.unicode), end.color);
      canvas.text(left + width + 3, row, end.text);
      break;
    }
  }
  canvas.set(left, 0, plot);

  std::vector<std::string> out;
  Canvas title(columns, std::max(1, head), style);
  int row = 0;
  if (!chart.title.empty()) {
    int column = 0;
    if (chart.title_appearance) {
      title.text(0, 0, sign_of(chart.title_appearance->shape, style.unicode), chart.title_appearance->color);
      column = 2;
    }
    title.text(column, row++, words(chart.title, style), Color::ink, true);
  }
  if (!chart.subtitle.empty()) title.text(0, row, whole_words(words(chart.subtitle, style), columns), Color::muted);
  if (head > 0) out = title.lines();
  for (std::string& line : canvas.lines()) out.push_back(std::move(line));
  return out;
}

std::vector<std::string> stacked(std::vector<Chart> charts, const std::vector<int>& rows, int columns,
                                 const TerminalStyle& style) {
  std::string widest;
  for (std::size_t i = 0; i < charts.size(); ++i) {
    charts[i].y.room_for = widest;
    widest = widest_label(charts[i], rows.at(i));
  }
  std::vector<std::string> out;
  for (std::size_t i = 0; i < charts.size(); ++i) {
    charts[i].y.room_for = widest;
    out.push_back(words(charts[i].y.label, style));
    for (std::string& line : lines(charts[i], columns, rows[i], style)) out.push_back(std::move(line));
  }
  return out;
}

std::vector<std::string> side_by_side(const std::vector<Chart>& charts, int least_columns, int rows,
                                      const TerminalStyle& style) {
  if (charts.empty()) return {};
  constexpr int kGap = 2;
  const int across = std::clamp((style.width + kGap) / (least_columns + kGap), 1, static_cast<int>(charts.size()));
  const int each = std::min((style.width - kGap * (across - 1)) / across, 100);
  std::vector<std::string> out;
  for (std::size_t first = 0; first < charts.size(); first += static_cast<std::size_t>(across)) {
    if (first > 0) out.emplace_back();
    std::vector<std::string> merged;
    for (std::size_t i = first; i < std::min(charts.size(), first + static_cast<std::size_t>(across)); ++i) {
      const std::vector<std::string> part = lines(charts[i], each, rows, style);
      merged.resize(std::max(merged.size(), part.size()));
      for (std::size_t row = 0; row < merged.size(); ++row) {
        const int indent = static_cast<int>(i - first) * (each + kGap) - visible_columns(merged[row]);
        if (row < part.size() && !part[row].empty())
          merged[row] += std::string(static_cast<std::size_t>(std::max(0, indent)), ' ') + part[row];
      }
    }
    out.insert(out.end(), merged.begin(), merged.end());
  }
  return out;
}

}  // namespace etamax
