#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "etamax/answers/map.h"

/// What `etamax map --bifurcation` answers: where the runs of one start stay, at each value of one axis.
namespace etamax {

/// Where a cycle gives way to one of twice its period: the multiplier over one round is -1 there.
struct PeriodDoubling {
  int period = 1;  ///< before
  double at = 0;   ///< the value of the axis, to 1e-10 of it
  std::optional<double>
      ratio;  ///< how many times shorter this period's range is than the one before: tends to 4.669...
};

/// One value of the axis.
struct BifurcationColumn {
  Verdict fate = Verdict::unclear;  ///< diverges, or what the exponent and the period say: cycles, converges, chaotic
  int period = 0;                   ///< 1 to 64; 0: none was found
  std::optional<double>
      lyapunov;  ///< mean logarithm of the growth of a small distance, per step; none of runs that end
};

struct BifurcationDiagram {
  std::string expression;
  std::string variable;
  std::string optimizer;
  std::vector<Setting> hyperparameters;
  std::optional<double> lr;  ///< none where it is the axis
  double start = 0;
  MapAxis x;
  double low = 0, high = 0;  ///< what the picture shows of the iterates
  int rows = 0;
  /// How many of the iterates fell into each cell: row 0 is the lowest, rows * x.pixels of them.
  std::vector<std::uint32_t> counts;
  std::vector<BifurcationColumn> columns;
  long skipped = 0, kept = 0;  ///< steps made before, and iterates counted
  std::vector<PeriodDoubling> doublings;
  std::vector<std::string> answer;
  Cost cost;
  bool partial = false;
};

std::string to_json(const BifurcationDiagram& diagram);
/// A row for each column: the axis, the fate, the period, the exponent.
std::string to_csv(const BifurcationDiagram& diagram);

}  // namespace etamax
