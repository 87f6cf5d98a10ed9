#pragma once

#include <span>
#include <vector>

#include "etamax/answers/explanation.h"
#include "etamax/core/progress.h"
#include "etamax/dynamics/detail_eigen.h"

/// Gradient flow dx/dt = -grad f, by steps of an exponential integrator, and by implicit ones along valleys that bend:
/// what a descent is read from.
namespace etamax::detail {

inline constexpr double kLongestTime = 1e306;  ///< of a step of the flow; as long as all before it

/// Gradient flow on its way: where it is, and the steps that led there.
struct Flow {
  Vector x, g;
  double f = 0, f_start = 0;
  double time = 0;  ///< of the flow, for the next step; 0 before the first
  Vector reach;     ///< by coordinate: how far from 0 it has been
  std::vector<double> lengths, falls;
  std::vector<double> clock;          ///< the time after each step
  double traveled = 0, steepest = 0;  ///< the sum of the lengths; the largest gradient

  std::size_t steps() const { return lengths.size(); }
  double fall() const { return f_start - f; }
  /// A step of `time` to y, where the value is f and the gradient g; the next one may take twice the time.
  void move_to(const Vector& y, double f, const Vector& g);
};

Flow flow_from(const Differentiable& objective, std::span<const double> start);

/// What ended the flow.
enum class FlowEnd {
  still,     ///< it moves no more: a zero slope, or steps and slopes that are nothing but rounding
  none,      ///< no step is short enough: a corner, or the last digits of a smooth minimum
  underway,  ///< far out, or late: it would go on
  used_up,   ///< all steps were made, and none of that holds
  escaped,   ///< to infinity
};

/// Moves the flow until it stands still.
FlowEnd follow_flow(const Differentiable& objective, Flow& flow, Cost& cost, const Progress& progress);

/// Its time has grown by little over the later half of its steps: they stay short, beside what there is to go.
bool crawls(const Flow& flow);

/// The Hessian, with 0 where an entry of it is no number, such as 0 * inf beside max(x, 0)^1.5: there the gradient
/// alone says where the flow goes.
Matrix known_hessian_at(const Differentiable& objective, const Vector& x);

/// One step along a valley whose walls are so steep, and that bends so much, that the integrator's steps are short
/// beside it: by backward Euler, which keeps to the bottom. Its time shrinks until two halves of it lead to the same
/// place. False: no time was short enough.
bool step_along_valley(const Differentiable& objective, Flow& flow, Cost& cost);

/// A kink at which the slope jumps but keeps its sign, in one variable: no step is short enough to pass it as the flow
/// does, which goes on beyond. Moves the flow there.
bool passes_kink(const Differentiable& objective, Flow& flow);

/// At a saddle from whose ridge the start lies to one side: the flow turns before it gets there, by less than the last
/// digits show. Moves it off, to the side where it falls, or that it came from.
bool slides_off_ridge(const Differentiable& objective, Flow& flow, const Vector& start);

/// The last step was in the last digits of x.
bool moves_last_digits(const Flow& flow);

}  // namespace etamax::detail
