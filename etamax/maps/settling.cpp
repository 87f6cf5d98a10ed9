#include "etamax/maps/settling.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "etamax/dynamics/detail_eigen.h"
#include "etamax/dynamics/iteration.h"
#include "etamax/dynamics/tail_tests.h"

namespace etamax {
namespace {

/// Of the way: how near Newton's step must put the stationary point.
constexpr double kNear = 1e-8;
/// How far below the edge a rate must be for the linear law to say that the run settles.
constexpr double kBelowEdge = 1e-6;

HyperparameterValues values_of(const MapProblem& problem, const Lanes& lanes, std::size_t lane) {
  const std::vector<std::string> free = problem.free_hyperparameters();
  if (free.empty()) return problem.values();
  std::vector<double> all = problem.values().values();
  for (std::size_t k = 0; k < free.size(); ++k)
    for (std::size_t h = 0; h < all.size(); ++h)
      if (problem.optimizer().hyperparameters[h].name == free[k]) all[h] = lanes.parameter[1 + k][lane];
  return HyperparameterValues(std::move(all));
}

/// Value, slope and curvature at a point, with the rule's decay of the gradient.
struct Ground {
  Ground(const Function& f, std::span<const double> x, double decay) {
    using detail::vector_of;
    const detail::Vector at = vector_of(x);
    slope = detail::gradient_at(f, at) + decay * at;
    curvature = detail::hessian_at(f, at);
    curvature.diagonal().array() += decay;
    if (at.size() == 1) {
      least = most = curvature(0, 0);
      return;
    }
    const Eigen::SelfAdjointEigenSolver<detail::Matrix> solver(curvature, Eigen::EigenvaluesOnly);
    least = solver.eigenvalues()(0), most = solver.eigenvalues()(at.size() - 1);
  }
  detail::Vector slope;
  detail::Matrix curvature;
  double least = 0, most = 0;  ///< eigenvalues
};

double decay_of(const MapProblem& problem, const HyperparameterValues& values) {
  const OptimizerSpec& spec = problem.optimizer();
  return spec.gradient_decay ? spec.gradient_decay(values) : 0;
}

bool holds(const MapProblem& problem, const HyperparameterValues& values, double lr, const Ground& ground) {
  const OptimizerSpec& spec = problem.optimizer();
  if (!spec.closed_form_edge || spec.preconditioner || !(ground.least > 0) || !std::isfinite(ground.most)) return false;
  return lr < (1 - kBelowEdge) * spec.closed_form_edge(values, ground.most);
}

}  // namespace

bool has_decoupled_decay(const MapProblem& problem) {
  const OptimizerSpec& spec = problem.optimizer();
  if (spec.gradient_decay) return false;
  const std::vector<std::string> free = problem.free_hyperparameters();
  return hyperparameter(spec, problem.values(), "weight_decay", 0) > 0 ||
         std::find(free.begin(), free.end(), "weight_decay") != free.end();
}

bool settles_here(const MapProblem& problem, const Lanes& lanes, std::size_t lane) {
  const HyperparameterValues values = values_of(problem, lanes, lane);
  const std::vector<double> x = lanes.point(lane);
  const Ground ground(problem.function(), x, decay_of(problem, values));
  if (!holds(problem, values, lanes.parameter[0][lane], ground)) return false;
  return ground.slope.norm() / ground.least <= kNear * lanes.travel[lane] + tail::kRounding * size_of(x);
}

std::optional<std::vector<double>> minimum_near(const MapProblem& problem, const Lanes& lanes, std::size_t lane,
                                                std::span<const double> x, Asking& asking) {
  constexpr int kMostSteps = 30, kPlaces = 5;
  constexpr double kArrived = 1e-13;
  const HyperparameterValues values = values_of(problem, lanes, lane);
  const double decay = decay_of(problem, values);
  const Function& f = problem.function();
  std::vector<double> point(x.begin(), x.end());
  bool arrived = false;
  for (int k = 0; k < kMostSteps && !arrived; ++k) {
    asking.now();
    const Ground ground(f, point, decay);
    if (!(ground.least > 0) || !std::isfinite(ground.most)) return {};
    const detail::Vector step = ground.curvature.ldlt().solve(ground.slope);
    for (std::size_t i = 0; i < point.size(); ++i) point[i] -= step(static_cast<Eigen::Index>(i));
    arrived = step.norm() <= kArrived * (size_of(point) + distance(x, point));
  }
  if (!arrived || !holds(problem, values, lanes.parameter[0][lane], Ground(f, point, decay))) return {};
  for (int k = 0; k < kPlaces; ++k) {
    std::vector<double> between(point.size());
    const double share = static_cast<double>(k) / kPlaces;
    double downhill = 0;
    for (std::size_t i = 0; i < point.size(); ++i) between[i] = x[i] + (point[i] - x[i]) * share;
    const Ground ground(f, between, decay);
    for (std::size_t i = 0; i < point.size(); ++i)
      downhill += ground.slope(static_cast<Eigen::Index>(i)) * (x[i] - point[i]);
    if (!(ground.least > 0) || !(downhill > 0)) return {};
  }
  return point;
}

int period_of(const History& points, std::size_t lane, double least, Asking& asking) {
  const std::size_t n = points.size();
  double extent = 0;
  for (std::size_t i = 0; i < points.dimension(); ++i) {
    double low = points.at(0, i, lane), high = low;
    for (std::size_t k = 1; k < n; ++k)
      low = std::min(low, points.at(k, i, lane)), high = std::max(high, points.at(k, i, lane));
    extent = std::max(extent, high - low);
  }
  asking.after(static_cast<double>(n * points.dimension()) * kLongestPeriod);
  if (!(extent > least)) return 0;
  for (std::size_t p = 2; p <= static_cast<std::size_t>(kLongestPeriod); ++p) {
    bool repeats = true;
    for (std::size_t k = n; repeats && k-- > p;) repeats = points.distance(k, k - p, lane) <= tail::kRepeats * extent;
    if (repeats) return static_cast<int>(p);
  }
  return 0;
}

}  // namespace etamax
