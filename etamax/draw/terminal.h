#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/draw/drawing.h"

namespace etamax {

struct TerminalStyle {
  bool color = false;    ///< 24-bit escape sequences
  bool unicode = false;  ///< else plain ASCII
  int width = 80;        ///< columns, 40 to 400
};

/// The columns that a text takes: its UTF-8 characters (everything that is drawn here is one column wide).
int columns_of(const std::string& text);
/// The same for text that may hold the escape sequences of colors.
int visible_columns(const std::string& text);
/// The text in a color, where the style has colors.
std::string colored(const std::string& text, Color color, const TerminalStyle& style, bool bold = false);
/// Wraps a paragraph at the style's width: the first line after `first`, the others after `rest`.
std::string paragraph(const std::string& text, const TerminalStyle& style, const std::string& first = "",
                      const std::string& rest = "");

/// A paragraph behind the colored sign of an outcome; in ASCII, where signs say little, behind `ascii`.
std::string signed_paragraph(const Appearance& appearance, const std::string& text, const TerminalStyle& style,
                             const std::string& ascii = "");
/// A name, and at a column (on a narrow terminal: below it) what is known under it. An empty name continues the
/// one before.
std::string definition(const std::string& name, const std::string& text, int column, const TerminalStyle& style);

/// A rectangle of characters to draw on. Lines are made of braille dots, 2 by 4 to a character, each
/// character in the color of what was drawn there last; in ASCII of one sign per character. Text covers
/// lines.
class Canvas {
 public:
  Canvas(int columns, int rows, const TerminalStyle& style);
  /// A straight line, in characters with fractions: (0, 0) is the upper left corner, (columns, rows) the
  /// lower right one. What lies outside is cut off.
  void line(Point2 from, Point2 to, Color color, char ascii);
  /// UTF-8 text, one character per cell, cut off at the edges. ASCII where the style is: the caller's
  /// business.
  void text(int column, int row, const std::string& text, Color color = Color::ink, bool bold = false);
  /// A sign (or none) for one cell, and a background where the style has colors.
  void fill(int column, int row, Color color, const std::string& sign);
  /// True where no text stands on these cells of a row, and all of them are inside.
  bool is_free(int column, int row, int count) const;
  /// Copies another canvas of the same style, its upper left corner at (column, row).
  void set(int column, int row, const Canvas& other);
  std::vector<std::string> lines() const;

 private:
  struct Cell {
    unsigned dots = 0;
    std::string sign;  ///< covers the dots
    Color color = Color::ink;
    bool bold = false;
    std::optional<Color> background;
  };
  Cell* cell(int column, int row);
  int columns_, rows_;
  TerminalStyle style_;
  std::vector<Cell> cells_;
};

}  // namespace etamax
