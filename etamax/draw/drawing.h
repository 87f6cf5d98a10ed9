#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace etamax {

/// Colors by their part in a picture; the medium decides the shade (light, dark, terminal). The hues are
/// those of Okabe and Ito, which color-blind people can tell apart; a shape or a word always says the same.
enum class Color { ink, muted, faint, paper, panel, blue, sky, green, yellow, orange, vermillion, purple, grey };
struct Rgb {
  int red = 0, green = 0, blue = 0;
};
Rgb shade(Color color, bool dark);
/// The name of the color in a style sheet: "ink", "blue", ...
const char* name(Color color);
constexpr int kColors = 13;

enum class Shape { circle, ring, square, diamond, triangle_up, triangle_down, triangle_right, cross, plus };

/// How one kind of thing looks in every medium: its color, its shape, and a sign for terminals.
struct Appearance {
  Color color;
  Shape shape;
  const char* sign;  ///< one column of Unicode
  char ascii;
};

struct Point2 {
  double x = 0, y = 0;
};

struct Box {
  double left = 0, top = 0, right = 0, bottom = 0;
  bool overlaps(const Box& other, double gap = 0) const {
    return left < other.right + gap && other.left < right + gap && top < other.bottom + gap && other.top < bottom + gap;
  }
};

struct Paint {
  Color color = Color::ink;
  double opacity = 1;
};

enum class Anchor { start, middle, end };
enum class Dash { solid, dashed, dotted };

/// A finished picture: shapes in pixels, y downwards, in the order in which they are painted. All coordinates
/// are finite.
struct Drawing {
  struct Path {
    std::vector<std::vector<Point2>> parts;
    bool closed = false;
    std::optional<Paint> fill, stroke;  ///< several closed parts fill by the even-odd rule
    double width = 1;
    Dash dash = Dash::solid;
  };
  struct Marker {
    Point2 at;
    Shape shape = Shape::circle;
    double radius = 5;
    Paint paint;
    std::string tip;  ///< shown when pointed at
  };
  struct Text {
    Point2 at;  ///< on the base line
    std::string text;
    double size = 12;
    Anchor anchor = Anchor::start;
    bool bold = false;
    Color color = Color::ink;
  };
  struct Image {
    Box box;
    std::string png;  ///< the bytes of a PNG file, whose pixels are shown as they are
  };
  double width = 0, height = 0;
  std::string title, description;  ///< for those who do not see it
  std::vector<std::variant<Path, Marker, Text, Image>> items;

  void line(Point2 from, Point2 to, Paint paint, double line_width = 1, Dash dash = Dash::solid);
  void rectangle(const Box& box, Paint fill);
  /// Diagonal lines over a box: "measured", where plain filling says "theory".
  void hatch(const Box& box, Paint paint, double spacing = 6);
  void arrow(Point2 from, Point2 to, Paint paint, double line_width = 1.5, Dash dash = Dash::solid);
  void write(Point2 at, const std::string& text, double size, Color color, Anchor anchor = Anchor::start,
             bool bold = false) {
    add(Text{at, text, size, anchor, bold, color});
  }
  void add(Text text) { items.emplace_back(std::move(text)); }
  void add(Marker marker) { items.emplace_back(std::move(marker)); }
  void add(Path path) { items.emplace_back(std::move(path)); }
  void add(Image image) { items.emplace_back(std::move(image)); }
  /// Paints another drawing with its corner at `at`.
  void add(const Drawing& other, Point2 at);
};

/// Estimated: the widths of DejaVu Sans, one of the widest faces that a browser takes for sans-serif.
double text_width(const std::string& text, double size, bool bold = false);
Box box_of(const Drawing::Text& text);
Box box_of(const Drawing::Marker& marker);

/// The part of a segment inside a box, if any.
std::optional<std::pair<Point2, Point2>> clipped(Point2 from, Point2 to, const Box& box);

/// Breaks text into lines no wider than `width` (a word that is wider stands alone). A formula stays
/// together: no break beside an operator. `width_of` measures.
template <typename Measure>
std::vector<std::string> wrapped(const std::string& text, double width, Measure width_of);

/// The words of a text, formulas such as "1 - 1.2 x 2 = -1.4" as one.
std::vector<std::string> unbreakable_parts(const std::string& text);

template <typename Measure>
std::vector<std::string> wrapped(const std::string& text, double width, Measure width_of) {
  std::vector<std::string> lines;
  for (const std::string& part : unbreakable_parts(text)) {
    if (!lines.empty() && width_of(lines.back() + " " + part) <= width)
      lines.back() += " " + part;
    else
      lines.push_back(part);
  }
  return lines;
}

}  // namespace etamax
