#include "etamax/curvature/probe.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "etamax/core/format.h"
#include "etamax/curvature/entries.h"

namespace etamax {
namespace {

constexpr double kEstimateTolerance = 1e-3;  // of the residual, where no confidence is asked for
/// Of the error measured along a Ritz vector: others may be larger.
constexpr double kRoundoffMargin = 4;
/// Parameters up to which it is measured: beyond, a product in 64 bit, and the basis that its vectors come from, would
/// be what most memory goes to.
constexpr std::size_t kMostMeasured = 1 << 17;
/// Roundings of the operator's size that the recurrence itself adds, whose vectors are in 32 bit too.
constexpr double kRecurrenceRoundings = 32;

/// Of an eigenvalue: where the uncertainty of P moves it by more, its bounds would be those of rounding.
constexpr double kMostUncertain = 0.05;
constexpr const char* kNothingSeen =
    "every gradient so far is 0, so that it is not known by what the optimizer will divide";
constexpr const char* kOnlyRounding =
    "in 32 bit the gradients are rounding here (a minimum, or saturated outputs), and with them what the optimizer divides by; float64 would tell";

bool in_32_bit(const Objective& f) { return f.roundoff() > 1e-12; }

std::optional<double> known(double x) { return std::isfinite(x) ? std::optional(x) : std::nullopt; }

void move_outwards(Interval& x, double by) {
  if (x.lower) *x.lower -= by;
  if (x.upper) *x.upper += by;
}

/// Of the eigenvalue of a unit vector in the operator's space, by what part of itself it moves, to first order, where
/// each entry of P moves by its uncertainty.
double share_of_uncertainty(const Vector& unit, const Vector& uncertainty) {
  Vector weighted = unit;
  combine_entries(weighted, uncertainty, [](double u, double by) { return u * std::sqrt(by); });
  return weighted.dot(weighted);
}

}  // namespace

bool edge_is_preconditioned(const Optimizer& optimizer) {
  return optimizer.spec->preconditioner && optimizer.spec->recurrence;
}

OptimizerPosition OptimizerPosition::of(const Run& run, const Optimizer& optimizer) {
  OptimizerPosition position;
  if (!optimizer.spec->recurrence) return position;
  position.preconditioner = run.preconditioner();
  position.lr_scale = run.lr_scale();
  return position;
}

std::size_t basis_vectors_to_keep(const Objective& f) {
  constexpr std::size_t kBytes = std::size_t{64} << 20;
  return kBytes / (f.dim() * (in_32_bit(f) ? 4 : 8));
}

bool roundoff_is_measured(const Objective& f) { return in_32_bit(f) && f.dim() <= kMostMeasured; }

double unmeasured_roundoff(const Objective& f) {
  constexpr double kRoundings = 2048;
  return in_32_bit(f) ? kRoundings * f.roundoff() : 0;
}

Probe::Probe(Objective& f, const Optimizer& optimizer, OptimizerPosition position)
    : f_(f),
      optimizer_(optimizer),
      position_(std::move(position)),
      hessian_(f, position_.preconditioner, position_.preconditioner ? optimizer.gradient_decay() : 0) {}

Probe::Finding Probe::look(const ProbeOptions& options) {
  Finding finding;
  finding.curvature.preconditioner = position_.origin;
  finding.curvature.left_out = static_cast<long>(hessian_.left_out());
  if (hessian_.dim() == 0) {
    finding.curvature.reason = finding.edge.reason = kNothingSeen;
    return finding;
  }
  const bool widens = options.roundoff && in_32_bit(f_), measures = widens && roundoff_is_measured(f_);
  std::vector<Vector> basis;
  const LanczosResult result =
      bounds(options, finding.curvature, basis, options.direction || measures ? basis_vectors_to_keep(f_) : 0);
  finding.curvature.hvps = static_cast<long>(result.products);
  finding.interrupted = result.interrupted;

  std::vector<Vector> ends;  // the top, the bottom
  if (!finding.interrupted && (options.direction || measures)) {
    std::vector<std::vector<double>> coordinates = {top_ritz_coordinates(result.coefficients)};
    if (measures) coordinates.push_back(bottom_ritz_coordinates(result.coefficients));
    try {
      ends = ritz_vectors<Vector>(hessian_, coordinates, options.seed, basis, options.progress);
    } catch (const Interrupted&) {
      finding.interrupted = true;
    }
  }
  basis.clear();
  if (widens) {
    const std::vector<double> ritz = ritz_values(result.coefficients);
    const double size = std::max(std::abs(ritz.front()), std::abs(ritz.back()));
    const Lost lost = lost_along(measures ? ends : std::vector<Vector>{}, size);
    finding.roundoff = lost.at(0);
    move_outwards(finding.curvature.lambda_max, lost.at(0));
    move_outwards(finding.curvature.lambda_min, lost.at(1));
    finding.products_64 = lost.products_64;
    if (position_.uncertainty && ends.size() == 2) {
      const double top = kRoundoffMargin * share_of_uncertainty(ends[0], *position_.uncertainty);
      const double bottom = kRoundoffMargin * share_of_uncertainty(ends[1], *position_.uncertainty);
      if (!(top <= kMostUncertain)) {
        finding.curvature.lambda_max = finding.curvature.lambda_min = {};
        finding.curvature.reason = finding.edge.reason = kOnlyRounding;
        return finding;
      }
      finding.roundoff += top * std::abs(ritz.back());
      move_outwards(finding.curvature.lambda_max, top * std::abs(ritz.back()));
      if (bottom <= kMostUncertain)
        move_outwards(finding.curvature.lambda_min, bottom * std::abs(ritz.front()));
      else
        finding.curvature.lambda_min = {};
    }
  }
  if (options.direction && !ends.empty()) finding.direction = std::move(ends.front());
  finding.edge = edge(finding.curvature.lambda_max);
  return finding;
}

/// The bounds that were asked for, or the point estimate.
LanczosResult Probe::bounds(const ProbeOptions& options, Curvature& found, std::vector<Vector>& basis,
                            std::size_t keep) {
  ToldEigenvalue told;
  if (optimizer_.spec->recurrence)
    told = [this](const Interval& lambda_max) { return "edge so far " + rounded_out(edge(lambda_max).lr, 3); };
  LanczosResult result;
  if (!options.confidence) {
    const EigenvalueEstimate estimate = estimate_largest<Vector>(
        hessian_,
        {kEstimateTolerance, options.max_products, options.seed, options.progress, told, options.most_asymmetry},
        &basis, keep);
    result.coefficients = estimate.coefficients;
    result.products = estimate.products;
    found.lambda_max.lower = estimate.value;
    found.lambda_min.upper = ritz_values(estimate.coefficients).front();
    found.reached_gap = estimate.reached_tolerance;
    return result;
  }
  result = certify_spectrum<Vector>(hessian_,
                                    {options.gap, *options.confidence, options.max_products, options.seed,
                                     options.progress, told, options.most_asymmetry},
                                    &basis, keep);
  const CertifiedExtremes& e = result.extremes;
  found.lambda_max = {known(e.largest.lower), known(e.largest.upper)};
  found.lambda_min = {known(e.smallest.lower), known(e.smallest.upper)};
  found.confidence = options.confidence;
  found.reached_gap = result.reached_gap;
  return result;
}

Probe::Roundoff Probe::roundoff_along(const Vector& unit, double value) {
  if (!in_32_bit(f_)) return {};
  const std::vector<Vector> measured = roundoff_is_measured(f_) ? std::vector{unit} : std::vector<Vector>{};
  const Lost lost = lost_along(measured, std::abs(value));
  return {lost.at(0), static_cast<long>(measured.size()), lost.products_64};
}

/// The length of (A32 - A64) y for each of the unit vectors y, with some margin. `size`: of the operator.
Probe::Lost Probe::lost_along(const std::vector<Vector>& units, double size) {
  const double rounding = f_.roundoff() * size;
  Lost lost{{}, unmeasured_roundoff(f_) * size};
  std::vector<Vector> directions, products;  // all in 32 bit first: f rests while there is one in 64
  for (const Vector& y : units) {
    directions.push_back(hessian_.in_parameters(y));
    f_.apply(directions.back(), products.emplace_back());
  }
  const std::unique_ptr<Objective> exact = units.empty() ? nullptr : f_.in_64_bit();
  if (!exact) return lost;
  for (std::size_t i = 0; i < units.size(); ++i) {
    Vector difference;
    {
      Vector direction = exact->parameters();
      combine_entries(direction, std::exchange(directions[i], {}), [](double, double y) { return y; });
      exact->apply(direction, difference);
    }
    combine_entries(difference, std::exchange(products[i], {}), std::minus<>());
    if (hessian_.scale()) combine_entries(difference, *hessian_.scale(), std::multiplies<>());
    const double length = kRoundoffMargin * std::sqrt(difference.dot(difference));
    lost.measured.push_back(std::isfinite(length) ? length + kRecurrenceRoundings * rounding : lost.unmeasured);
  }
  lost.products_64 = exact->cost().hvps;
  return lost;
}

StabilityEdge Probe::edge(const Interval& lambda_max) const {
  StabilityEdge edge;
  const OptimizerSpec& rule = *optimizer_.spec;
  if (!rule.recurrence) {
    edge.reason = rule.no_recurrence_reason;
    return edge;
  }
  edge.formula =
      rule.edge_formula ? rule.edge_formula(optimizer_.values) : "where the recurrence's spectral radius is 1";
  const double decay = position_.preconditioner ? 0 : optimizer_.gradient_decay();
  const auto at = [&](std::optional<double> lambda) -> std::optional<double> {
    if (!lambda) return std::nullopt;
    const auto lr = stability_edge(rule, optimizer_.values, *lambda + decay);
    return lr ? std::optional(*lr / position_.lr_scale) : std::nullopt;
  };
  edge.lr = {at(lambda_max.upper), at(lambda_max.lower)};
  if (!edge.lr.upper && lambda_max.lower)
    edge.reason = "no positive eigenvalue was found: curvature sets no limit here";
  return edge;
}

}  // namespace etamax
