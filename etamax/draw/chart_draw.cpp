#include <algorithm>
#include <cmath>

#include "etamax/draw/chart.h"
#include "etamax/draw/label_placer.h"

namespace etamax {
namespace {

constexpr double kTick = 11, kLabel = 12, kTitle = 13.5, kPointLabel = 11.5, kNote = 11.5;

Box text_box(double left, double top, const std::string& text, double size, bool bold = false) {
  return {left, top, left + text_width(text, size, bold), top + size};
}

/// Leaves out points that lie within a third of a pixel of the line through their neighbors (Douglas and
/// Peucker).
void simplify(const std::vector<Point2>& points, std::size_t from, std::size_t to, std::vector<Point2>& kept) {
  double farthest = 0;
  std::size_t at = from;
  const Point2 a = points[from], b = points[to];
  const double length = std::hypot(b.x - a.x, b.y - a.y);
  for (std::size_t i = from + 1; i < to; ++i) {
    const Point2 p = points[i];
    const double distance = length < 1e-9 ? std::hypot(p.x - a.x, p.y - a.y)
                                          : std::abs((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x)) / length;
    if (distance > farthest) farthest = distance, at = i;
  }
  if (farthest > 0.33) {
    simplify(points, from, at, kept);
    simplify(points, at, to, kept);
  } else {
    kept.push_back(b);
  }
}

std::vector<Point2> simplified(const std::vector<Point2>& points) {
  if (points.size() < 3) return points;
  std::vector<Point2> kept = {points.front()};
  simplify(points, 0, points.size() - 1, kept);
  return kept;
}

/// The part of a polygon inside a box (Sutherland and Hodgman).
std::vector<Point2> polygon_inside(std::vector<Point2> points, const Box& box) {
  const auto cut = [&](auto distance) {  // keeps where the distance is not negative
    std::vector<Point2> kept;
    for (std::size_t i = 0; i < points.size(); ++i) {
      const Point2 a = points[i], b = points[(i + 1) % points.size()];
      const double da = distance(a), db = distance(b);
      if (da >= 0) kept.push_back(a);
      if ((da >= 0) != (db >= 0))
        kept.push_back({a.x + da / (da - db) * (b.x - a.x), a.y + da / (da - db) * (b.y - a.y)});
    }
    points = std::move(kept);
  };
  cut([&](Point2 p) { return p.x - box.left; });
  cut([&](Point2 p) { return box.right - p.x; });
  cut([&](Point2 p) { return p.y - box.top; });
  cut([&](Point2 p) { return box.bottom - p.y; });
  return points;
}

class ChartDrawing {
 public:
  ChartDrawing(const Chart& chart, double width, double height)
      : chart_(chart), frame_(frame(chart, width, height)), placer_(frame_) {
    picture_.width = width;
    picture_.height = height;
    picture_.title = chart.title;
    picture_.description = chart.subtitle;
    axes();
    for (const Chart::Region& region : chart.regions) draw_region(region);
    picture_.add(Drawing::Path{{{{frame_.left, frame_.top},
                                 {frame_.right, frame_.top},
                                 {frame_.right, frame_.bottom},
                                 {frame_.left, frame_.bottom}}},
                               true,
                               {},
                               Paint{Color::muted, 0.6},
                               1,
                               Dash::solid});
    for (const Chart::Line& line : chart.lines) last_inside_.push_back(draw_line(line));
    for (const Chart::Arrow& arrow : chart.arrows) draw_arrow(arrow);
    for (const Chart::Point& point : chart.points) draw_point(point);
    for (const Chart::Note& note : chart.notes) draw_note(note);
    ends();
    for (const Chart::Point& point : chart.points) label_point(point);
  }

  Drawing take() { return std::move(picture_); }

  static Box frame(const Chart& chart, double width, double height) {
    double right = 10;
    for (const Chart::End& end : chart.ends) right = std::max(right, 26 + text_width(end.text, kLabel));
    return {text_width(widest_label(chart, width, height), kTick) + 12, top(chart, width),
            width - std::min(right, 0.56 * width), bottom(chart, height)};
  }

  /// Of the vertical axis, or what room is wanted for.
  static std::string widest_label(const Chart& chart, double width, double height) {
    std::string widest = chart.y.room_for;
    for (const Tick& tick : y_ticks(chart, bottom(chart, height) - top(chart, width)))
      if (text_width(tick.label, kTick) > text_width(widest, kTick)) widest = tick.label;
    return widest;
  }

 private:
  static double top(const Chart& chart, double width) {
    return (chart.title.empty() ? 4 : 22) + (chart.subtitle.empty() ? 0 : 16) + 4 +
           14 * static_cast<double>(y_label(chart, width).size());
  }
  static double bottom(const Chart& chart, double height) { return height - (chart.x.label.empty() ? 22 : 36); }

  /// Not turned, but above its axis, where it can be read.
  static std::vector<std::string> y_label(const Chart& chart, double width) {
    return wrapped(chart.y.label, width - 4, [](const std::string& text) { return text_width(text, kTick); });
  }

  /// The font size at which a text is no wider than there is room.
  static double fitting(const std::string& text, double size, bool bold, double room) {
    return std::min(size, size * room / std::max(1.0, text_width(text, size, bold)));
  }

  static std::vector<Tick> y_ticks(const Chart& chart, double length) {
    return axis_ticks(chart.y.scale, length, 14, [](const std::string&) { return kTick; });
  }

  Point2 at(Point2 data) const {
    return {frame_.left + chart_.x.scale.position(data.x) * (frame_.right - frame_.left),
            frame_.bottom - chart_.y.scale.position(data.y) * (frame_.bottom - frame_.top)};
  }
  bool inside(Point2 p) const {
    return p.x >= frame_.left - 0.5 && p.x <= frame_.right + 0.5 && p.y >= frame_.top - 0.5 &&
           p.y <= frame_.bottom + 0.5;
  }
  static bool drawable(Point2 p) { return std::isfinite(p.x) && std::isfinite(p.y); }

  void axes() {
    double y = 14;
    if (!chart_.title.empty()) {
      double x = 2;
      if (chart_.title_appearance) {
        picture_.add(Drawing::Marker{
            {x + 6, y - 4.5}, chart_.title_appearance->shape, 5.5, {chart_.title_appearance->color, 1}, ""});
        x += 18;
      }
      picture_.write({x, y}, chart_.title, fitting(chart_.title, kTitle, true, picture_.width - x - 2), Color::ink,
                     Anchor::start, true);
      y += 18;
    }
    if (!chart_.subtitle.empty())
      picture_.write({2, y - 2}, chart_.subtitle, fitting(chart_.subtitle, kLabel, false, picture_.width - 4),
                     Color::muted);
    picture_.rectangle(frame_, {Color::panel, 1});
    const auto extent = [](const std::string& text) { return text_width(text, kTick); };
    for (const Tick& tick : axis_ticks(chart_.x.scale, frame_.right - frame_.left, 16, extent)) {
      const double x = frame_.left + chart_.x.scale.position(tick.value) * (frame_.right - frame_.left);
      if (tick.label.empty()) continue;
      picture_.line({x, frame_.top}, {x, frame_.bottom}, {Color::faint, 1}, 1);
      const double half = extent(tick.label) / 2;
      picture_.write({std::clamp(x, half, picture_.width - half), frame_.bottom + 16}, tick.label, kTick, Color::muted,
                     Anchor::middle);
    }
    for (const Tick& tick : y_ticks(chart_, frame_.bottom - frame_.top)) {
      if (tick.label.empty() || (chart_.y.ticks_from && tick.value < *chart_.y.ticks_from)) continue;
      const double line = frame_.bottom - chart_.y.scale.position(tick.value) * (frame_.bottom - frame_.top);
      picture_.line({frame_.left, line}, {frame_.right, line}, {Color::faint, 1}, 1);
      picture_.write({frame_.left - 6, line + 4}, tick.label, kTick, Color::muted, Anchor::end);
    }
    const std::vector<std::string> label = y_label(chart_, picture_.width);
    for (std::size_t i = 0; i < label.size(); ++i)
      picture_.write({2, frame_.top - 8 - 14 * static_cast<double>(label.size() - 1 - i)}, label[i], kTick,
                     Color::muted);
    if (!chart_.x.label.empty())
      picture_.write({(frame_.left + frame_.right) / 2, picture_.height - 5}, chart_.x.label, kTick, Color::muted,
                     Anchor::middle);
  }

  void draw_region(const Chart::Region& region) {
    Drawing::Path path{{}, true, region.fill, region.stroke, 1, Dash::solid};
    for (const auto& ring : region.rings) {
      std::vector<Point2> points;
      for (const Point2 p : ring) points.push_back(at(p));
      points = simplified(polygon_inside(std::move(points), frame_));
      if (points.size() > 2) path.parts.push_back(std::move(points));
    }
    if (!path.parts.empty()) picture_.add(std::move(path));
  }

  /// Returns the last place where the line is inside the frame.
  std::optional<Point2> draw_line(const Chart::Line& line) {
    std::optional<Point2> last;
    Drawing::Path path{{}, false, {}, line.paint, line.width, line.dash};
    std::vector<Point2> run;
    const auto end_run = [&] {
      if (run.size() > 1) path.parts.push_back(simplified(run));
      run.clear();
    };
    for (std::size_t i = 0; i + 1 < line.points.size(); ++i) {
      const Point2 a = at(line.points[i]), b = at(line.points[i + 1]);
      const auto part = drawable(a) && drawable(b) ? clipped(a, b, frame_) : std::nullopt;
      if (!part) {
        end_run();
        continue;
      }
      placer_.avoid_segment(part->first, part->second);
      if (run.empty() || std::hypot(run.back().x - part->first.x, run.back().y - part->first.y) > 1e-6) {
        end_run();
        run.push_back(part->first);
      }
      run.push_back(part->second);
      last = part->second;
    }
    end_run();
    if (!path.parts.empty()) picture_.add(std::move(path));
    return last;
  }

  void draw_arrow(const Chart::Arrow& arrow) {
    const Point2 a = at(arrow.from), b = at(arrow.to);
    if (!drawable(a) || !drawable(b)) return;
    const auto part = clipped(a, b, frame_);
    if (!part) return;
    const Point2 from = part->first, to = part->second;
    placer_.avoid_segment(from, to);
    const double length = std::hypot(to.x - from.x, to.y - from.y);
    if (length < 1e-9) return;
    const double apart = std::min(arrow.apart, length / 3);
    const Point2 step{(to.x - from.x) / length * apart, (to.y - from.y) / length * apart};
    const double at_start = inside(a) ? 1 : 0, at_end = inside(b) ? 1 : 0;
    picture_.arrow({from.x + at_start * step.x, from.y + at_start * step.y},
                   {to.x - at_end * step.x, to.y - at_end * step.y}, arrow.paint, arrow.width);
  }

  void draw_point(const Chart::Point& point) {
    const Point2 p = at(point.at);
    if (!drawable(p) || !inside(p)) return;
    const Drawing::Marker marker{p, point.shape, point.radius, point.paint, point.tip};
    placer_.avoid(box_of(marker));
    picture_.add(marker);
  }

  void label_point(const Chart::Point& point) {
    const Point2 p = at(point.at);
    if (point.label.empty() || !drawable(p) || !inside(p)) return;
    const double w = text_width(point.label, kPointLabel, true), h = kPointLabel, r = point.radius + 3;
    std::vector<Box> candidates;
    for (const double far : {0.0, 8.0})
      for (const Point2 side : {Point2{0, -1}, Point2{1, -1}, Point2{-1, -1}, Point2{1, 0}, Point2{-1, 0}, Point2{1, 1},
                                Point2{-1, 1}, Point2{0, 1}}) {
        const double diagonal = side.x != 0 && side.y != 0 ? 0.6 : 1;
        const Point2 middle{p.x + side.x * (w / 2 + (r + far) * diagonal),
                            p.y + side.y * (h / 2 + (r + far) * diagonal)};
        candidates.push_back({middle.x - w / 2, middle.y - h / 2, middle.x + w / 2, middle.y + h / 2});
      }
    if (const auto best = placer_.place(candidates)) {
      const Box& box = candidates[*best];
      picture_.write({(box.left + box.right) / 2, box.bottom - 0.22 * kPointLabel}, point.label, kPointLabel,
                     Color::ink, Anchor::middle, true);
    }
  }

  void draw_note(const Chart::Note& note) {
    Point2 p = at(note.at);
    if (!drawable(p)) return;
    p = {std::clamp(p.x, frame_.left, frame_.right), std::clamp(p.y, frame_.top, frame_.bottom)};
    const double w = text_width(note.text, kNote, false);
    std::vector<Box> candidates;
    for (const double down : {6.0, 20.0, 34.0, 48.0, 62.0, -18.0, -32.0, -46.0})
      for (const double along : {0.0, 0.15, 0.3, 0.5, 0.7, 0.85, 1.0}) {
        const double left =
            std::clamp(p.x - along * w, frame_.left + 6, std::max(frame_.left + 6, frame_.right - 6 - w));
        candidates.push_back(text_box(left, p.y + down, note.text, kNote));
      }
    if (const auto best = placer_.place(candidates)) {
      const Box& box = candidates[*best];
      picture_.write({box.left, box.bottom - 0.22 * kNote}, note.text, kNote, note.color);
    }
  }

  /// Names a line that leaves the frame before its right side, right there if there is room.
  bool name_in_place(const Chart::End& end, Point2 p) {
    const double w = text_width(end.text, kLabel);
    std::vector<Box> candidates;
    for (const double down : {8.0, -20.0, 22.0, -34.0, -48.0})
      for (const double along : {9.0, -9.0 - w, -w / 2, -0.8 * w})
        candidates.push_back(text_box(p.x + along, p.y + down, end.text, kLabel));
    const auto best = placer_.place(candidates);
    if (!best) return false;
    const Box& box = candidates[*best];
    picture_.add(Drawing::Marker{p, end.shape, 4.5, {end.color, 1}, end.text});
    picture_.write({box.left, box.bottom - 0.22 * kLabel}, end.text, kLabel, Color::ink);
    return true;
  }

  /// Spread over the right margin in the order of the lines' ends, as near to them as the others allow.
  void ends() {
    if (chart_.ends.empty()) return;
    constexpr double kStep = 16;
    struct Row {
      const Chart::End* end;
      Point2 from;
      double y;
    };
    std::vector<Row> rows;
    for (const Chart::End& end : chart_.ends) {
      const auto last = last_inside_.at(end.line);
      if (!last) continue;
      if (!end.as_key && last->x < frame_.right - 20 && name_in_place(end, *last)) continue;
      rows.push_back({&end, *last, last->y});
    }
    std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.from.y < b.from.y; });
    double limit = frame_.top + kStep / 2 - 4;
    for (Row& row : rows) limit = row.y = std::max(row.y, limit), limit += kStep;
    limit = frame_.bottom + 4;
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) limit = row->y = std::min(row->y, limit), limit -= kStep;
    const double x = frame_.right + 12;
    for (const Row& row : rows) {
      if (std::hypot(row.from.x - x, row.from.y - row.y) > 14) {
        if (row.from.x > frame_.right - 1)
          picture_.line({row.from.x, row.from.y}, {x - 2, row.y}, {row.end->color, 0.7}, 1);
        else  // the line ended before the border: its sign stands there and beside its name
          picture_.add(Drawing::Marker{row.from, row.end->shape, 4.5, {row.end->color, 1}, row.end->text});
      }
      picture_.add(Drawing::Marker{{x + 2, row.y}, row.end->shape, 4.5, {row.end->color, 1}, ""});
      picture_.write({x + 11, row.y + 4}, row.end->text, kLabel, Color::ink);
    }
  }

  const Chart& chart_;
  Box frame_;
  Drawing picture_;
  LabelPlacer placer_;
  std::vector<std::optional<Point2>> last_inside_;  // of each line
};

}  // namespace

Drawing draw(const Chart& chart, double width, double height) { return ChartDrawing(chart, width, height).take(); }

Box frame_of(const Chart& chart, double width, double height) { return ChartDrawing::frame(chart, width, height); }

Drawing stacked(std::vector<Chart> charts, const std::vector<double>& heights, double width) {
  constexpr double kGap = 10;
  std::string widest;
  for (std::size_t i = 0; i < charts.size(); ++i) {
    charts[i].y.room_for = widest;
    widest = ChartDrawing::widest_label(charts[i], width, heights.at(i));
  }
  Drawing all;
  for (std::size_t i = 0; i < charts.size(); ++i) {
    charts[i].y.room_for = widest;
    const double from = all.height + (i > 0 ? kGap : 0);
    all.add(draw(charts[i], width, heights[i]), {0, from});
    all.height = from + heights[i];
  }
  all.width = width;
  return all;
}

Drawing side_by_side(const std::vector<Chart>& charts, std::size_t across, double width, double height) {
  Drawing all;
  constexpr double kGap = 18;
  const std::size_t count = std::max<std::size_t>(1, std::min(across, charts.size()));
  const double each = (width - kGap * static_cast<double>(count - 1)) / static_cast<double>(count);
  const bool subtitles = std::any_of(charts.begin(), charts.end(), [](const Chart& c) { return !c.subtitle.empty(); });
  for (std::size_t i = 0; i < charts.size(); ++i) {
    Chart chart = charts[i];
    if (subtitles && chart.subtitle.empty()) chart.subtitle = " ";  // the frames then stand at one height
    const Point2 corner{static_cast<double>(i % count) * (each + kGap),
                        static_cast<double>(i / count) * (height + kGap)};
    all.add(draw(chart, each, height), corner);
    all.height = corner.y + height;
  }
  all.width = width;
  return all;
}

}  // namespace etamax
