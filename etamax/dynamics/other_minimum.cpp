#include "etamax/dynamics/other_minimum.h"

#include <algorithm>
#include <span>
#include <vector>

#include "etamax/dynamics/trajectory.h"

namespace etamax {
namespace {

/// They are as low, beside `top`, and nothing rises above both on the straight way between them: they are parts of one
/// flat bottom.
bool share_a_bottom(const Differentiable& objective, std::span<const double> a, std::span<const double> b, double top) {
  constexpr int kPoints = 16;
  constexpr double kAsLow = 1e-6;  // of the way down
  const double bottom = objective.value(b);
  if (std::abs(objective.value(a) - bottom) > kAsLow * std::abs(top - bottom)) return false;
  const double height = std::max(objective.value(a), objective.value(b));
  std::vector<double> between(a.size());
  for (int k = 1; k < kPoints; ++k) {
    for (std::size_t i = 0; i < a.size(); ++i) between[i] = a[i] + (b[i] - a[i]) * k / kPoints;
    if (!(objective.value(between) <= height)) return false;
  }
  return true;
}

}  // namespace

bool ends_at_another_minimum(const FunctionRun& run, const Experiment& experiment) {
  constexpr double kIsolated = 1e-9;    // of the largest curvature
  constexpr double kOtherPlace = 1e-3;  // of the way: it ended elsewhere, however slowly it comes nearer
  const Descent& descent = experiment.descent;
  if (run.verdict != Verdict::converges || run.kind != PointKind::minimum || !run.limit) return false;
  const bool isolated =
      !descent.eigenvalues.empty() && descent.eigenvalues.front() > kIsolated * descent.eigenvalues.back();
  return descent.outcome == Descent::Outcome::minimum && isolated &&
         distance(*run.limit, descent.point) > kOtherPlace * distance(experiment.start, descent.point) &&
         !share_a_bottom(experiment.decayed, *run.limit, descent.point, experiment.decayed.value(experiment.start));
}

std::optional<double> edge_of_other_minimum(const FunctionRun& run, const Experiment& experiment) {
  if (!ends_at_another_minimum(run, experiment)) return {};
  Cost unused;
  const Descent here = descend(experiment.decayed, *run.limit, unused);
  const LocalTheory there = experiment.theory.at(here);
  return there.applies() ? there.edge() : std::nullopt;
}

}  // namespace etamax
