#pragma once

#include "etamax/dynamics/detail_flow.h"

/// Where a flow leads that was followed for as long as it could be.
namespace etamax::detail {

/// The flow has come to a point. A gradient of 0 may also be that of a place so flat that it underflows: then the
/// flow comes there in one leap.
bool has_settled(const Differentiable& objective, const Flow& flow);

/// It has come to a minimum, beyond doubt: the curvature there is positive along every axis, is that by which the slope
/// turns around on both sides of the point, and puts the minimum no farther away than a small part of the way. That
/// settles where the flow leads, however slowly it came: the steps behind it say nothing more.
bool is_at_minimum(const Differentiable& objective, const Flow& flow);

/// The function bends within the last digits of x as much as on the way there: that its slope is 0 is not known.
bool is_unresolved(const Differentiable& objective, const Flow& flow);

/// It has stopped where the slope is as steep as ever and more than rounding: no step was short enough, or none that
/// the last digits of x show was long enough. That is no end.
bool stands_on_a_slope(const Differentiable& objective, const Flow& flow);

/// Falls that shrink, doubling of time by doubling, and not ever more slowly: they come to 0, at a minimum farther out
/// than the flow's longest time leads, as that of (log(x) - 500)^2 or ^4.
bool falls_run_out(const Flow& flow);

/// Falls that keep their size lead to minus infinity, be it at infinity or, in ever shorter steps, at a pole (log(x)
/// at 0).
bool falls_without_bound(const Differentiable& objective, const Flow& flow, FlowEnd end);

/// The way does not shrink from doubling to doubling of the time while the value settles: the infimum lies at infinity.
/// Near a point it shrinks. (Steps will not do: rounding cuts some of them short.)
bool has_no_end(const Flow& flow);

/// Its last steps, each of twice the time at most, were slower and slower, as where it comes to a point of some
/// curvature: no end at infinity is approached so, nor one without curvature.
bool settles_fast(const Flow& flow);

/// It was underway still when it stopped, be it that the last digits showed no more of the slope: the last doublings of
/// the time led about as far as those before.
bool was_underway(const Flow& flow);

/// The machine's numbers end here, and not the way: it has not become shorter, and what stops the flow (a slope of 0,
/// or one that jumps) is what has become of intermediate results that are too large or too small for them.
bool ends_with_the_numbers(const Differentiable& objective, const Flow& flow, const Vector& start);

/// The flow without its last steps, which were cut short by the end of the numbers.
void leave_out_short_steps(Flow& flow);

/// How far the flow still had to go if its way went on to shrink, over many doublings of the time, as it did.
double way_left(const Flow& flow);

}  // namespace etamax::detail
