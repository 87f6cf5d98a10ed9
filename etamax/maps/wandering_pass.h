#pragma once

#include <span>
#include <vector>

#include "etamax/answers/map.h"
#include "etamax/dynamics/experiment.h"
#include "etamax/maps/lanes.h"

namespace etamax {

/// What decides on runs that stay in one region without a period that shows: whether neighbors part. It is measured
/// where `explain` measures it, in the steps behind the last one (lyapunov_exponent): there with two runs, here with
/// the derivative of one. Where no digit of that can turn the verdict, the pixel has it.
class WanderingPass {
 public:
  WanderingPass(const MapProblem& problem, const StepExpressions& step, const Progress& progress = {});

  /// `lanes` stand behind their last step, their state is the rule's alone; lane k is the run number[k] of `runs` and
  /// `pixels`, and doublings[k] is how often a small distance beside it doubled (Distances::most_doublings). Sets the
  /// pixels whose fate is certain. Throws Interrupted.
  void run(Lanes lanes, std::span<const double> doublings, const std::vector<MapProblem::Run>& runs,
           std::span<MapPixel> pixels, Cost& cost, Asking& asking) const;

 private:
  struct Exponent {
    double mean = 0, error = 0;
  };
  std::vector<Exponent> measure(Lanes& lanes, Cost& cost, Asking& asking) const;

  const MapProblem& problem_;
  std::size_t dimension_, states_;
  StepProgram program_;  ///< the rule's state, then a small distance in every part of it
};

}  // namespace etamax
