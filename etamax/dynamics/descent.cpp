#include "etamax/dynamics/descent.h"

#include <algorithm>

#include "etamax/dynamics/detail_flow_end.h"
#include "etamax/dynamics/stationary_point.h"
#include "etamax/dynamics/trajectory.h"

namespace etamax {
namespace {

using namespace detail;

/// What there is to say of the point that the flow has come to; `steep`: the slope is steep right beside it;
/// `at_minimum`: it is known to be one, with its curvature.
void describe_end(const Differentiable& objective, const Flow& flow, bool steep, bool at_minimum, Descent& descent) {
  constexpr double kLastDigits = 1e-7;               // of the mean curvature of the way: that of the last digits of x
  constexpr double kBeside = 1e-3, kNearest = 1e-7;  // of the way
  constexpr double kFallRadius = 1e3;                // of the nearest: from where a fall of high order shows
  constexpr double kBeyond = 4;                      // times the way that is left: on all sides of where it leads
  const bool moved = flow.traveled > 0;
  const double negligible = moved && !at_minimum ? kLastDigits * flow.steepest / flow.traveled : 0;
  Spectrum spectrum = spectrum_at(objective, descent.point, negligible, kBeside * flow.traveled);
  descent.eigenvalues = std::move(spectrum.eigenvalues);
  descent.vectors = std::move(spectrum.vectors);
  descent.bounded_curvature = !moved || !curvature_is_unbounded(objective, descent.point, flow.traveled);
  descent.even_curvature = !moved || !curvature_jumps(objective, descent.point, descent.vectors, flow.traveled);
  const bool corner = steep && descent.bounded_curvature;
  descent.smooth = !corner;
  const Surroundings around = look_around(objective, descent.point);
  descent.at_domain_edge = around.at_domain_edge;
  const bool flat = std::find(descent.eigenvalues.begin(), descent.eigenvalues.end(), 0.0) != descent.eigenvalues.end();
  descent.kind = corner ? around.kind : classify_point(objective, descent.point);
  if (corner || !moved) return;
  // Where some direction has no curvature but that of its last digits, the Hessian's signs are those of rounding, and
  // the flow has not quite come to the point: what counts is what lies around it on the scale of the way.
  if (flat) {
    const double radius = std::max(kNearest * flow.traveled, kBeyond * way_left(flow));
    descent.kind = look_around(objective, descent.point, radius).kind;
    // Beside a curvature such as that of x^2 - y^4, the fall along y is nothing.
    if (descent.kind == PointKind::minimum &&
        falls_where_flat(objective, descent.point, descent.eigenvalues, descent.vectors, kFallRadius * radius))
      descent.kind = PointKind::saddle;
  }
  // No way leads down to a maximum: the slope has no bound there, as that of abs(x)^0.5 at 0.
  if (descent.kind != PointKind::maximum) return;
  descent.kind = around.kind;
  descent.smooth = false;
}

/// Going on as from the start to the point, the function has no value.
bool has_no_value_beyond(const Differentiable& objective, std::span<const double> start,
                         std::span<const double> point) {
  constexpr double kBeyond = 1e-3;  // of the way
  std::vector<double> beyond(point.begin(), point.end());
  for (std::size_t i = 0; i < beyond.size(); ++i) beyond[i] += kBeyond * (point[i] - start[i]);
  return all_finite(beyond) && objective.domain_fault(beyond).has_value();
}

}  // namespace

Descent descend(const Differentiable& objective, std::span<const double> start, Cost& cost, const Progress& progress) {
  constexpr int kKinks = 20, kSaddles = 4;
  constexpr double kBeside = 1e-11;   // of the point: more than its last digits
  constexpr std::size_t kLeast = 20;  // steps that show where a flow leads that no end was seen of
  Descent descent;
  Flow flow = flow_from(objective, start);
  if (!std::isfinite(flow.f) || !flow.g.allFinite()) {
    descent.outcome = Descent::Outcome::undefined;
    return descent;
  }
  FlowEnd end = follow_flow(objective, flow, cost, progress);
  for (int kink = 0; kink < kKinks && (end == FlowEnd::none || end == FlowEnd::still) && passes_kink(objective, flow);
       ++kink)
    end = follow_flow(objective, flow, cost, progress);
  for (int saddle = 0;
       saddle < kSaddles && end == FlowEnd::still && slides_off_ridge(objective, flow, vector_of(start)); ++saddle)
    end = follow_flow(objective, flow, cost, progress);
  descent.point.assign(flow.x.data(), flow.x.data() + flow.x.size());
  const bool at_minimum = is_at_minimum(objective, flow);
  const bool cut_short = !at_minimum && end != FlowEnd::underway && end != FlowEnd::used_up &&
                         ends_with_the_numbers(objective, flow, vector_of(start));
  if (cut_short) leave_out_short_steps(flow), end = FlowEnd::underway;
  if (end == FlowEnd::underway && !cut_short && !at_minimum && flow.steps() < kLeast) return descent;  // unclear
  if (end == FlowEnd::underway && !at_minimum && falls_run_out(flow)) return descent;                  // unclear
  if (!at_minimum && (end == FlowEnd::escaped || falls_without_bound(objective, flow, end))) {
    descent.outcome = Descent::Outcome::unbounded_below;
    descent.at_domain_edge = has_no_value_beyond(objective, start, descent.point);
    return descent;
  }
  if (end == FlowEnd::used_up && !at_minimum) return descent;  // unclear
  const bool moved = flow.steps() > 0;
  const bool stopped = end == FlowEnd::still || end == FlowEnd::none;
  if (!moved && stopped && !flow.g.isZero(0) &&
      !slope_vanishes_beside(objective, descent.point, kBeside * size_of(descent.point)))
    return descent;  // unclear
  bool steep = moved && stopped && slope_jumps(objective, descent.point, flow.traveled, flow.steepest);
  if (stopped && !at_minimum && !steep && stands_on_a_slope(objective, flow)) {
    if (look_around(objective, descent.point).kind != PointKind::minimum) return descent;  // unclear
    steep = true;  // ever more toward the point, as that of abs(x)^0.5
  }
  if (stopped && !at_minimum && !steep && is_unresolved(objective, flow)) return descent;  // unclear
  const bool settled = at_minimum || (stopped && settles_fast(flow));
  if (end == FlowEnd::none && !settled && !steep && has_no_end(flow)) return descent;  // unclear: what stopped it?
  const bool no_end = !settled && !steep && has_no_end(flow);
  if (!cut_short && no_end && falls_run_out(flow)) return descent;  // unclear
  if (cut_short || no_end) {
    descent.outcome = Descent::Outcome::drifts;
    return descent;
  }
  if (stopped && !settled && !steep && was_underway(flow) &&
      !curvature_is_unbounded(objective, descent.point, flow.traveled))
    return descent;  // unclear
  describe_end(objective, flow, steep, at_minimum, descent);
  const bool bottom = descent.kind == PointKind::minimum || (descent.kind == PointKind::flat && moved);
  descent.outcome = bottom ? Descent::Outcome::minimum : Descent::Outcome::other_point;
  // The flow goes on along a kink (abs(x) + abs(y) at x = 0), where steps that follow the slope do not.
  if (steep && descent.kind == PointKind::saddle && flow.x.size() > 1) descent.outcome = Descent::Outcome::unclear;
  return descent;
}

}  // namespace etamax
