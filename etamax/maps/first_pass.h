#pragma once

#include <span>
#include <vector>

#include "etamax/answers/map.h"
#include "etamax/maps/lanes.h"

namespace etamax {

/// All runs of a map together, until the fate of most is plain: a limit at which the rule settles by the linear law, a
/// cycle that repeats, no number any more.
class FirstPass {
 public:
  explicit FirstPass(const MapProblem& problem, const Progress& progress = {});

  /// Sets those of `pixels` whose fate is certain; of the others `steps` and `value` as they are after the last step.
  /// Throws Interrupted.
  void run(const std::vector<MapProblem::Run>& runs, std::span<MapPixel> pixels, Cost& cost, Asking& asking) const;

  const StepExpressions& step() const { return step_; }
  const StepProgram& program() const { return program_; }
  bool may_leave_domain() const { return may_leave_domain_; }

 private:
  struct Looked;
  void look(Lanes& lanes, Looked& at) const;  // and notes how far each has traveled
  bool settles(const Lanes& lanes, std::size_t lane, Asking& asking) const;
  void find_cycles(const Lanes& lanes, long step, const std::vector<std::uint8_t>& candidates,
                   std::vector<std::uint8_t>& done, std::span<MapPixel> pixels, Cost& cost, Asking& asking) const;

  const MapProblem& problem_;
  StepExpressions step_;
  StepProgram program_;
  bool may_leave_domain_;  ///< an operation of the function has no value for some numbers
  bool may_settle_;        ///< the rule has an edge, and no running size divides its steps
  bool may_cycle_;         ///< a cycle that has been seen goes on
};

}  // namespace etamax
