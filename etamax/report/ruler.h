#pragma once

#include <array>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "etamax/answers/ruler.h"
#include "etamax/draw/drawing.h"
#include "etamax/draw/scale.h"
#include "etamax/draw/terminal.h"

/// The learning-rate ruler. One logarithmic axis: inside it the bands; above it flags for what is known (the
/// marks that are not "yours"); below it a dot for each run, and your learning rates. `draw` and `lines`
/// share the layout.
namespace etamax {

/// A label on a pole: the pole stands at `at`, the label covers [at - before, at + after] at `level` (0 is
/// next to the ruler), and the pole crosses the levels below.
struct Flag {
  double at = 0, before = 0, after = 0;
  int level = 0;
};

/// Gives each flag the lowest level at which labels keep `gap` from each other and from the poles of others.
/// From right to left: a pole then never meets a label placed before, except where it stands within `before`
/// of one. None goes above `most` levels: whoever finds one there has too many for names.
void place_flags(std::vector<Flag>& flags, double gap, int most = std::numeric_limits<int>::max());

/// Gives each dot, a flag without a pole, the first row where it touches no other; where `most_rows` are
/// full, the row where it overlaps least. Returns how many rows are used.
int place_dots(std::vector<Flag>& dots, double gap, int most_rows);

/// A stretch of the ruler with one name. Measured bands cover what theory says, for they are about this very
/// start.
struct RulerSegment {
  double left = 0, right = 0;  ///< positions on the ruler, 0..1
  const Ruler::Band* band = nullptr;
};

/// What stands on one pole.
struct RulerLabel {
  double lr = 0;
  std::string name, value, basis;  ///< "stability edge", "1", "theory"
  std::optional<std::array<double, 2>> interval;
  std::optional<Verdict> verdict;  ///< of the run that the label is about
  bool yours = false;
};

struct RulerLayout {
  Scale scale;
  std::vector<RulerSegment> segments;
  std::vector<RulerLabel> upper, lower;  ///< marks; runs and your learning rates
  std::vector<Flag> upper_flags;
  /// Runs without words crowd in the first `dot_rows` rows, a dot's level being its row; named ones, on
  /// poles, below them.
  std::vector<Flag> lower_flags;
  int dot_rows = 0;
};

/// How much room a label takes to the right of its pole, and a dot to either side, in the units of `length`.
struct RulerMeasure {
  double length = 1000;
  double gap = 8;
  double dot = 6;
  bool whole = false;              ///< poles stand on whole units: a terminal's columns
  std::vector<double> reach = {};  ///< learning rates that the ruler reaches to at least
  std::function<double(const RulerLabel&)> upper, lower;
};

/// None where the ruler holds no positive finite learning rate.
std::optional<RulerLayout> lay_out(const Ruler& ruler, const RulerMeasure& measure);

struct BandAppearance {
  Color color;
  const char* words;  ///< in full: "oscillating but stable"
};
BandAppearance appearance(const Ruler::Band& band);

/// The ruler in pixels, as wide as asked for (300 to 2000) and as high as its labels need.
std::optional<Drawing> draw(const Ruler& ruler, double width);
/// The same, reaching to those learning rates at least, with `below` pixels free under `body` for what a page puts
/// there; and where on it a learning rate stands: the scale fills `body`.
struct PlacedRuler {
  Drawing drawing;
  Box body;
  Scale scale;
};
std::optional<PlacedRuler> placed(const Ruler& ruler, double width, const std::vector<double>& reach = {},
                                  double below = 0);
/// The ruler as lines of a terminal.
std::vector<std::string> lines(const Ruler& ruler, const TerminalStyle& style);

}  // namespace etamax
