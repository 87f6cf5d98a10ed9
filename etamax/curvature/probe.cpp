#include "etamax/curvature/probe.h"

#include <algorithm>
#include <cmath>

namespace etamax {
namespace {

constexpr double kEstimateTolerance = 1e-3;  // of the residual, where no confidence is asked for
/// Of the error measured along a Ritz vector: others may be larger.
constexpr double kRoundoffMargin = 4;
/// Parameters up to which it is measured: beyond, a product in 64 bit would be what most memory goes to.
constexpr std::size_t kMostMeasured = 1 << 17;
/// Roundings of the operator's size that the recurrence itself adds, whose vectors are in 32 bit too.
constexpr double kRecurrenceRoundings = 32;

bool in_32_bit(const Objective& f) { return f.roundoff() > 1e-12; }

/// How many vectors of a Krylov basis are worth their memory, 64 MiB in all: kept, they spare the second pass for the
/// eigenvector.
std::size_t basis_vectors_to_keep(const Objective& f) {
  constexpr std::size_t kBytes = std::size_t{64} << 20;
  return kBytes / (f.dim() * (in_32_bit(f) ? 4 : 8));
}

std::optional<double> known(double x) { return std::isfinite(x) ? std::optional(x) : std::nullopt; }

void widen(Interval& x, double by) {
  if (x.lower) *x.lower -= by;
  if (x.upper) *x.upper += by;
}

/// The same entries in the kind of `like`.
Vector converted(const Vector& x, const Vector& like) {
  Vector copy = like.zeros();
  VectorBody* const to[] = {&copy.body()};
  const VectorBody* const from[] = {&x.body()};
  to[0]->for_each_block(to, from, [](VectorBody::Blocks out, VectorBody::Blocks in) {
    std::copy(in.front().begin(), in.front().end(), out.front().begin());
  });
  return copy;
}

}  // namespace

bool edge_is_preconditioned(const Optimizer& optimizer) {
  return optimizer.spec->preconditioner && optimizer.spec->recurrence;
}

OptimizerPosition OptimizerPosition::of(const Run& run, const Optimizer& optimizer) {
  OptimizerPosition position;
  if (!edge_is_preconditioned(optimizer)) return position;
  position.preconditioner = run.preconditioner();
  position.lr_scale = run.lr_scale();
  return position;
}

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
  const bool widens = options.roundoff && in_32_bit(f_), measure = widens && f_.dim() <= kMostMeasured;
  const std::size_t room = basis_vectors_to_keep(f_);
  std::vector<Vector> basis;
  const LanczosResult result =
      bounds(options, finding.curvature, basis, options.direction || (measure && room > 0) ? room : 0);
  finding.curvature.hvps = static_cast<long>(result.products);
  finding.curvature.preconditioner = position_.origin;
  finding.interrupted = result.interrupted;
  const bool free = basis.size() == result.coefficients.steps();
  if (!finding.interrupted && (options.direction || (measure && free)))
    finding.direction = top_ritz_vector<Vector>(hessian_, result.coefficients, options.seed, basis);
  if (widens) {
    std::vector<Vector> ends;
    if (measure && finding.direction) ends.push_back(finding.direction);
    if (measure && finding.direction && free)
      ends.push_back(combined(basis, bottom_ritz_coordinates(result.coefficients)));
    const std::vector<double> ritz = ritz_values(result.coefficients), lost = products_roundoff(ends, finding);
    const double size = std::max(std::abs(ritz.front()), std::abs(ritz.back()));
    const double unmeasured = unmeasured_roundoff(f_) * size, recurrence = kRecurrenceRoundings * f_.roundoff() * size;
    finding.roundoff = lost.size() > 0 ? lost[0] + recurrence : unmeasured;
    widen(finding.curvature.lambda_max, finding.roundoff);
    widen(finding.curvature.lambda_min, lost.size() > 1 ? lost[1] + recurrence : unmeasured);
  }
  finding.edge = edge(finding.curvature.lambda_max);
  return finding;
}

/// The bounds that were asked for, or the point estimate.
LanczosResult Probe::bounds(const ProbeOptions& options, Curvature& found, std::vector<Vector>& basis,
                            std::size_t keep) {
  LanczosResult result;
  if (!options.confidence) {
    const EigenvalueEstimate estimate = estimate_largest<Vector>(
        hessian_, {kEstimateTolerance, options.max_products, options.seed, options.progress}, &basis, keep);
    result.coefficients = estimate.coefficients;
    result.products = estimate.products;
    found.lambda_max.lower = estimate.value;
    found.lambda_min.upper = ritz_values(estimate.coefficients).front();
    found.reached_gap = estimate.reached_tolerance;
    return result;
  }
  result = certify_spectrum<Vector>(
      hessian_, {options.gap, *options.confidence, options.max_products, options.seed, options.progress}, &basis, keep);
  const CertifiedExtremes& e = result.extremes;
  found.lambda_max = {known(e.largest.lower), known(e.largest.upper)};
  found.lambda_min = {known(e.smallest.lower), known(e.smallest.upper)};
  found.confidence = options.confidence;
  found.reached_gap = result.reached_gap;
  return result;
}

/// The length of (A32 - A64) y for each of the unit vectors y, with some margin; empty where there is no 64 bit to be
/// had, or the difference is not finite.
std::vector<double> Probe::products_roundoff(const std::vector<Vector>& directions, Finding& finding) {
  std::vector<Vector> products;
  for (const Vector& y : directions) f_.apply(hessian_.in_parameters(y), products.emplace_back());
  const std::unique_ptr<Objective> exact = directions.empty() ? nullptr : f_.in_64_bit();
  if (!exact) return {};
  const Vector like = exact->parameters();
  std::vector<double> lost;
  for (std::size_t i = 0; i < directions.size(); ++i) {
    Vector difference;
    exact->apply(converted(hessian_.in_parameters(directions[i]), like), difference);
    difference.add_scaled(-1, converted(products[i], like));
    if (hessian_.scale()) difference.multiply(converted(*hessian_.scale(), like));
    lost.push_back(kRoundoffMargin * std::sqrt(difference.dot(difference)));
    if (!std::isfinite(lost.back())) return {};
  }
  finding.products_64 = exact->cost().hvps;
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
