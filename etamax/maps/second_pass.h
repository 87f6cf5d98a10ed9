#pragma once

#include <span>
#include <vector>

#include "etamax/answers/map.h"
#include "etamax/dynamics/tail_tests.h"
#include "etamax/maps/lanes.h"
#include "etamax/maps/wandering_pass.h"

namespace etamax {

/// The runs that a first pass has left open, once more from their starts to the last step, watched: the boxes that
/// their quarters fill, the growth of a small distance, the last points. What `explain` would make of that is said
/// where it is beyond doubt; runs near a limit of its tests stay open.
class SecondPass {
 public:
  /// `leaves_domain`: the function has no value for some numbers.
  SecondPass(const MapProblem& problem, const StepExpressions& step, bool leaves_domain, const Progress& progress = {});

  /// `runs` and `pixels` as of the first pass; sets those of the pixels not drawn whose fate is certain.
  /// Throws Interrupted.
  void run(const std::vector<MapProblem::Run>& runs, std::span<MapPixel> pixels, Cost& cost, Asking& asking) const;

 private:
  struct Watched;
  void watch(Lanes& lanes, Watched& seen, Cost& cost, Asking& asking) const;
  enum class Judged { certain, wanders, open };
  Judged judge(const Lanes& lanes, const Watched& seen, std::size_t lane, MapPixel& pixel, Cost& cost,
               Asking& asking) const;
  bool approaches(const Lanes& lanes, const Watched& seen, std::size_t lane, Asking& asking) const;
  bool falls(std::span<const double> point, Cost& cost, Asking& asking) const;

  const MapProblem& problem_;
  std::size_t dimension_, states_;
  StepProgram program_;
  WanderingPass wandering_;
  bool leaves_domain_;
  bool rises_everywhere_;  ///< far out the function is larger than near by: gradient flow ends at a point from anywhere
  bool pulled_;            ///< by a decay that is no part of the function
};

}  // namespace etamax
