#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "etamax/answers/verdict.h"
#include "etamax/core/cost.h"
#include "etamax/core/setting.h"

/// What `etamax map` answers: what becomes of a run in every pixel of a plane of learning rates, hyperparameters or
/// starts.
namespace etamax {

/// One axis of a map: so many pixels, evenly from one end to the other, both ends among them.
struct MapAxis {
  std::string name;  ///< "lr", a hyperparameter, a variable of the function, or "start" where it has one alone
  double from = 0, to = 0;
  bool log = false;  ///< evenly in the logarithm
  int pixels = 0;

  /// The number at pixel 0, ..., pixels - 1.
  double value(int pixel) const;
  /// The inverse, between pixels too.
  double position(double value) const;
};

/// What became of one run.
struct MapPixel {
  Verdict fate = Verdict::unclear;  ///< as `explain` says it
  bool drawn = false;               ///< false: not computed yet, and nothing else counts
  std::uint8_t period = 0;          ///< of a cycle, 2 to 64; 0: none was measured
  /// When that was plain: a converging run stayed where it ends to 1e-12 of its way, a cycle repeated, a diverging one
  /// had left the numbers.
  std::uint32_t steps = 0;
  /// The first coordinate then; NaN where it is not finite. Of a training the published measure: minus the sum of its
  /// losses where it trains, the sum of their inverses else, the losses divided by the first.
  double value = 0;
};

/// How much of a map is of one fate.
struct MapArea {
  Verdict fate = Verdict::unclear;
  double share = 0;  ///< of the pixels that are drawn
};

/// A line that theory draws into a map: where the stability edge is.
struct MapEdge {
  std::string name;  ///< "stability edge at x = 0.17"
  std::vector<double> x, y;
};

/// The network whose trainings a map shows, in place of the runs of a function.
struct MapNetwork {
  std::size_t width = 0;  ///< inputs and hidden units, both
  std::size_t weights = 0, examples = 0;
  /// The pixel that learns soonest: whose losses, summed over its steps, are lowest. None where nothing trains.
  struct Best {
    double lr0 = 0, lr1 = 0;  ///< the learning rates of the input weights and of the output weights
    double loss = 0;          ///< at its end, divided by that of the start
  };
  std::optional<Best> best;
};

/// The answer of `etamax map`.
struct FateMap {
  std::string expression;             ///< or the network's name, "network:tanh:16"
  std::optional<MapNetwork> network;  ///< its fates are trains, diverges and unclear
  std::vector<std::string> variables;
  std::string optimizer;
  std::vector<Setting>
      hyperparameters;        ///< all of the optimizer's; those that are an axis too, with what they are else
  std::optional<double> lr;   ///< none where it is an axis
  std::vector<double> start;  ///< NaN where it is an axis
  MapAxis x, y;
  std::vector<MapPixel> pixels;  ///< pixel (i, j) at j * x.pixels + i, (0, 0) being where both axes begin
  long max_steps = 0;            ///< how far a run was followed
  std::vector<MapArea> areas;    ///< the largest first
  std::vector<MapEdge> edges;
  std::vector<std::string> answer;  ///< in sentences
  Cost cost;
  bool partial = false;  ///< interrupted: some pixels are not drawn

  const MapPixel& at(int i, int j) const {
    return pixels[static_cast<std::size_t>(j) * static_cast<std::size_t>(x.pixels) + static_cast<std::size_t>(i)];
  }
};

/// The shares of the fates among the pixels that are drawn, the largest first.
std::vector<MapArea> areas_of(const std::vector<MapPixel>& pixels);

/// "53.2%", "less than 0.01%": never 0% of something, nor 100% beside something else.
std::string share_text(double share);

/// Indented; the pixels themselves are not in it.
std::string to_json(const FateMap& map);

/// A row for each pixel that is drawn: both axes, the fate, the period of a cycle, the steps, the value.
std::string to_csv(const FateMap& map);

}  // namespace etamax
