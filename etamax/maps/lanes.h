#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "etamax/dynamics/step_expressions.h"
#include "etamax/expr/step_program.h"
#include "etamax/maps/asking.h"
#include "etamax/maps/problem.h"

namespace etamax {

/// Runs side by side, each in a lane of its own, in the layout of a StepProgram: state[i][lane]. Lanes are taken out as
/// soon as their fate is known, so that the others stand close together.
struct Lanes {
  std::size_t live = 0;                    ///< lanes in use; behind them, up to a whole group, stand copies
  std::vector<std::uint32_t> number;       ///< of the pixel, in the order asked for
  std::vector<std::vector<double>> state;  ///< the coordinates first
  std::vector<std::vector<double>> parameter;
  std::vector<std::vector<double>> start;   ///< of the coordinates
  std::vector<std::vector<double>> before;  ///< the coordinates one step ago
  std::vector<std::vector<double>> lap;     ///< the coordinates when the last lap began
  std::vector<double> travel;               ///< the farthest from the start that was seen

  /// The number of lanes with those that only fill a group.
  std::size_t padded() const { return (live + StepProgram::kGroup - 1) / StepProgram::kGroup * StepProgram::kGroup; }
  /// Makes `steps` steps, numbered from `first` on. Throws Interrupted in the midst of them.
  void run(const StepProgram& program, long first, long steps, Asking& asking);
  /// Keeps the lanes whose flag is 0.
  void drop(const std::vector<std::uint8_t>& done);
  /// A copy of the lanes whose flag is not 0.
  Lanes chosen(const std::vector<std::uint8_t>& flags) const;
  /// The coordinates of one lane.
  std::vector<double> point(std::size_t lane) const;

 private:
  template <typename Act>
  void each_row(Act act) {
    for (auto* rows : {&state, &parameter, &start, &before, &lap})
      for (auto& row : *rows) act(row);
    act(travel);
  }
  void fill_group();
};

/// Points of all lanes, one moment after the other.
class History {
 public:
  void add(const Lanes& lanes);
  std::size_t size() const { return lanes_ == 0 ? 0 : points_.size() / lanes_ / dimension_; }
  /// Coordinate i of the lane at moment k.
  double at(std::size_t k, std::size_t i, std::size_t lane) const {
    return points_[(k * dimension_ + i) * lanes_ + lane];
  }
  std::vector<double> point(std::size_t k, std::size_t lane) const;
  /// Maximum norm of the difference of two moments.
  double distance(std::size_t a, std::size_t b, std::size_t lane) const;
  std::size_t dimension() const { return dimension_; }

 private:
  std::size_t lanes_ = 0, dimension_ = 0;
  std::vector<double> points_;
};

/// These runs at their starts, with so many coordinates and numbers of state; lane k is number k.
Lanes lanes_of(const MapProblem& problem, std::size_t dimension, std::size_t states,
               const std::vector<MapProblem::Run>& runs);

}  // namespace etamax
