#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/draw/drawing.h"
#include "etamax/draw/scale.h"
#include "etamax/draw/terminal.h"

namespace etamax {

/// What a picture with two axes shows, in the units of its data. `draw` makes pixels of it, `lines` a
/// terminal's text. Data may hold NaN (a line breaks there) and anything outside the axes (cut off).
struct Chart {
  struct Axis {
    std::string label;
    Scale scale;
    std::optional<double> ticks_from;  ///< no ticks below it: the place there is for something else
    std::string room_for{};            ///< there is room for this label at least, beside the vertical axis
  };
  struct Line {
    std::vector<Point2> points;
    Paint paint;
    double width = 2;
    Dash dash = Dash::solid;
  };
  struct Region {  ///< closed rings, filled by the even-odd rule and outlined
    std::vector<std::vector<Point2>> rings;
    Paint fill, stroke;
  };
  struct Arrow {
    Point2 from, to;
    Paint paint;
    double width = 1.6;
    double apart = 0;  ///< pixels that it keeps from both of its points, so that their markers do not cover it
  };
  struct Point {
    Point2 at;
    Shape shape = Shape::circle;
    double radius = 4.5;
    Paint paint;
    std::string label;  ///< stands beside it where there is room
    std::string tip;
  };
  struct Note {  ///< words as near to a place as there is room; a place outside counts as the border nearest
                 ///< to it
    Point2 at;
    std::string text;
    Color color = Color::ink;
  };
  struct End {             ///< names a line in the right margin, at the height of the last place where it is inside the
                           ///< picture
    std::size_t line = 0;  ///< its index
    Shape shape = Shape::circle;
    Color color = Color::ink;
    std::string text;
    bool as_key = false;  ///< in the margin also where there is room in the picture: for lines that end at one place
  };
  std::string title, subtitle;
  std::optional<Appearance> title_appearance;  ///< a marker before the title
  Axis x, y;
  std::vector<Region> regions;
  std::vector<Line> lines;
  std::vector<Arrow> arrows;
  std::vector<Point> points;
  std::vector<Note> notes;
  std::vector<End> ends;
};

Drawing draw(const Chart& chart, double width, double height);
/// Where that drawing has the data: the box that the axes' scales fill, in pixels.
Box frame_of(const Chart& chart, double width, double height);

/// The chart on `columns` by `rows` characters in all, title and axes included.
std::vector<std::string> lines(const Chart& chart, int columns, int rows, const TerminalStyle& style);

/// Charts of one horizontal axis, one below another, with their frames in line. `heights`: of each, in
/// pixels.
Drawing stacked(std::vector<Chart> charts, const std::vector<double>& heights, double width);
/// The same for a terminal, each chart below the name of its vertical axis. `rows`: of each.
std::vector<std::string> stacked(std::vector<Chart> charts, const std::vector<int>& rows, int columns,
                                 const TerminalStyle& style);

/// Several charts in rows of `across`, each as wide as fits, `height` pixels high.
Drawing side_by_side(const std::vector<Chart>& charts, std::size_t across, double width, double height);
/// The same for a terminal, with as many across as keep `least_columns` each.
std::vector<std::string> side_by_side(const std::vector<Chart>& charts, int least_columns, int rows,
                                      const TerminalStyle& style);

}  // namespace etamax
