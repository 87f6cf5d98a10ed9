#include <Eigen/Cholesky>
#include <cmath>
#include <limits>
#include <optional>

#include "etamax/dynamics/detail_flow.h"

namespace etamax::detail {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

/// The point y = x - time * gradient(y), by Newton's method. None where it is not found, or not the only one nearby:
/// where the curvature is as negative as 1 / time.
std::optional<Vector> implicit_step(const Differentiable& objective, const Vector& x, double time, Cost& cost) {
  constexpr int kIterations = 16;
  constexpr double kNear = 1e-8;  // of the step: far below what a step is allowed to stray
  Vector y = x;
  for (int k = 0; k < kIterations; ++k) {
    Matrix matrix = known_hessian_at(objective, y);
    const Vector g = gradient_at(objective, y);
    ++cost.gradients, cost.hvps += x.size();
    if (!g.allFinite()) return {};
    matrix.diagonal().array() += 1 / time;
    const Eigen::LLT<Matrix> factors(matrix);
    if (factors.info() != Eigen::Success) return {};
    const Vector change = factors.solve(g + (y - x) / time);
    y -= change;
    if (!y.allFinite()) return {};
    if (change.stableNorm() <= std::max(kNear * (y - x).stableNorm(), kEpsilon * y.stableNorm())) return y;
  }
  return {};
}

}  // namespace

bool step_along_valley(const Differentiable& objective, Flow& flow, Cost& cost) {
  constexpr int kTrials = 200;
  constexpr double kStray = 0.2;              // of the step: what two halves of it may differ from the whole
  constexpr double kRounding = 8 * kEpsilon;  // of the two values: what may seem a rise
  constexpr double kShorter = 3;              // no power of 2, by which times grow: every trial is another
  for (int trial = 0; trial < kTrials; ++trial, flow.time /= kShorter) {
    const auto whole = implicit_step(objective, flow.x, flow.time, cost);
    const auto half = whole ? implicit_step(objective, flow.x, flow.time / 2, cost) : std::nullopt;
    const auto y = half ? implicit_step(objective, *half, flow.time / 2, cost) : std::nullopt;
    if (!y || *y == flow.x || (*whole - *y).stableNorm() > kStray * (*y - flow.x).stableNorm()) continue;
    const double f = value_at(objective, *y);
    const Vector g = gradient_at(objective, *y);
    ++cost.forwards, ++cost.gradients;
    if (!std::isfinite(f) || !g.allFinite() || f > flow.f + kRounding * (std::abs(flow.f) + std::abs(f)) ||
        objective.pole_between(view(flow.x), view(*y)))
      continue;
    flow.move_to(*y, f, g);
    return true;
  }
  return false;
}

}  // namespace etamax::detail
