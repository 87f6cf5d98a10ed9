#include "etamax/spectra/spectra.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "etamax/core/stopwatch.h"
#include "etamax/curvature/attribution.h"
#include "etamax/curvature/probe.h"
#include "etamax/curvature/starting_position.h"
#include "etamax/problem/batches.h"
#include "etamax/problem/matrix_objective.h"
#include "etamax/spectra/diagonal.h"
#include "etamax/spectra/vectors.h"
#include "etamax/spectra/words.h"
#include "etamax/spectrum/density.h"
#include "etamax/spectrum/leading.h"
#include "etamax/spectrum/trace.h"

namespace etamax {
namespace {

constexpr double kNear = 1e-2;           // of the largest magnitude: what counts as near zero
constexpr double kOuter = 0.1;           // of the same: what counts as large
constexpr double kLeastSize = 0.1;       // of the same: what a residual is measured by at an end next to zero
constexpr double kRoundings = 8;         // of a product and sum, beside what is measured
constexpr std::size_t kLayers = 3;       // named beside an eigenvalue
constexpr std::size_t kMostTraced = 64;  // layers

MatrixKind kind_of(const std::string& matrix) {
  static const std::map<std::string, MatrixKind> kinds = {{"ggn", MatrixKind::gauss_newton},
                                                          {"fisher", MatrixKind::fisher},
                                                          {"sampled_fisher", MatrixKind::sampled_fisher}};
  const auto found = kinds.find(matrix);
  return found == kinds.end() ? MatrixKind::hessian : found->second;
}

/// -A.
class Negated {
 public:
  explicit Negated(PreconditionedHessian& a) : a_(a) {}
  std::size_t dim() const { return a_.dim(); }
  Vector random_normal(std::uint64_t seed) const { return a_.random_normal(seed); }
  void apply(const Vector& in, Vector& out) const {
    a_.apply(in, out);
    out.scale(-1);
  }

 private:
  PreconditionedHessian& a_;
};

std::optional<double> known(double x) { return std::isfinite(x) ? std::optional(x) : std::nullopt; }

struct Work {
  Problem& problem;
  const SpectrumOptions& options;
  MatrixObjective& f;
  Probe probe;
  Spectra answer = {};
  std::vector<double> values = {};   // of the vectors
  std::vector<Vector> vectors = {};  // top, then bottom
  std::optional<DiagonalSamples> diagonal = {};

  bool is_hessian() const { return kind_of(options.matrix) == MatrixKind::hessian; }
};

/// By gd the operator is the bare matrix.
const Optimizer& seen_by(Problem& problem, const SpectrumOptions& o) {
  static const Optimizer gd = make_optimizer("gd", {});
  return o.matrix == "preconditioned" ? problem.optimizer() : gd;
}

OptimizerPosition position_of(Problem& problem, const SpectrumOptions& o) {
  if (o.matrix != "preconditioned") return {};
  if (o.stage) o.stage("preconditioner");
  return starting_position(problem, {o.preconditioner_steps, o.batch_size, o.seed, true, o.progress});
}

void check(Problem& problem, const SpectrumOptions& o) {
  check_fields(o);
  check_batch_size(problem.objective(), o.batch_size);
  check_vectors_file(o.vectors);
  check_diagonal_file(o.diagonal);
  if (!o.vectors.empty() && o.top == 0 && o.bottom == 0)
    throw InputError("vectors", "there are none without `top` or `bottom`");
  const Optimizer& optimizer = problem.optimizer();
  if (o.matrix == "preconditioned" && !edge_is_preconditioned(optimizer) && !problem.lr_shares())
    throw InputError("matrix", fmt::format("preconditioned: {} divides its steps by nothing; `optimizer=adam` does",
                                           optimizer.spec->name));
  if (!problem.objective().has_matrix(kind_of(o.matrix)))
    throw InputError("matrix", fmt::format("{}: {}", o.matrix, problem.objective().why_no_matrix(kind_of(o.matrix))));
  const double loss = problem.objective().loss();
  if (!std::isfinite(loss))
    throw InputError("model",
                     fmt::format("the loss is {}: it has no curvature; look at the inputs and the weights", loss));
}

void describe_work(Work& work) {
  Spectra& a = work.answer;
  describe(work.problem, a);
  a.of_examples = work.problem.all_examples() ? work.problem.all_examples()->count() : a.examples;
  a.loss_value = work.f.loss();
  a.matrix = work.options.matrix;
  a.preconditioner = work.probe.position().origin;
  a.dimension = static_cast<long>(work.probe.hessian().dim());
  a.left_out = static_cast<long>(work.probe.hessian().left_out());
  a.confidence = work.options.confidence;
}

/// The same bounds, from the same start, as `analyze` has them.
void find_extremes(Work& work) {
  const SpectrumOptions& o = work.options;
  const Probe::Finding found = work.probe.look({o.confidence, o.gap, 200, o.seed, false, true, o.progress});
  if (!found.curvature.reason.empty()) throw InputError("matrix", found.curvature.reason);
  work.answer.lambda_max = found.curvature.lambda_max;
  work.answer.lambda_min = found.curvature.lambda_min;
  work.answer.cost.hvps += found.products_64;
  if (found.interrupted) throw Interrupted();
}

SpectralEnd end_of(Work& work, double value, const LeadingEigenvalue& from, const Vector& y, double sign) {
  SpectralEnd end;
  const Probe::Roundoff lost = work.probe.roundoff_along(y, value);
  work.answer.cost.hvps += lost.products_64;
  end.value = value;
  end.residual = from.residual;
  end.bounds = sign > 0 ? Interval{value - lost.by, known(from.upper + lost.by)}
                        : Interval{known(-from.upper - lost.by), value + lost.by};
  for (const LayerShare& layer : layer_shares(work.f, y))
    if (end.layers.size() < kLayers) end.layers.push_back({layer.name, layer.share});
  const Vector direction = work.probe.hessian().in_parameters(y);
  if (work.is_hessian() && work.problem.objective().has_matrix(MatrixKind::gauss_newton)) {
    Vector product;
    work.problem.objective().apply_matrix({MatrixKind::gauss_newton}, direction, product);
    end.gauss_newton = direction.dot(product);
  }
  return end;
}

/// `sign`: 1 for the largest, -1 for the smallest.
template <typename Operator>
void find_ends(Work& work, Operator& a, long count, double sign, std::optional<SpectralEnds>& into) {
  const SpectrumOptions& o = work.options;
  LeadingOptions wanted{static_cast<std::size_t>(count), o.tolerance, o.confidence, o.gap};
  wanted.max_products += 20 * wanted.count;
  wanted.seed = o.seed;
  wanted.progress = o.progress;
  wanted.least_size = kLeastSize * std::max(std::abs(work.answer.lambda_max.lower.value_or(0)),
                                            std::abs(work.answer.lambda_min.upper.value_or(0)));
  LeadingResult<Vector> found = leading_eigenvalues<Vector>(a, wanted);
  SpectralEnds& ends = into.emplace();
  ends.reached_tolerance = found.reached_tolerance;
  ends.others = known(sign * found.upper_of_others);
  for (std::size_t k = 0; k < found.eigenvalues.size(); ++k)
    ends.values.push_back(
        end_of(work, sign * found.eigenvalues[k].value, found.eigenvalues[k], found.vectors[k], sign));
  const Interval& largest = work.answer.lambda_max;
  if (sign > 0 && !ends.values.empty() && largest.lower && largest.upper) {
    SpectralEnd& first = ends.values.front();
    first.bounds.upper = largest.upper;
    // A vector of a coarse tolerance has a value of its own, below what the bounds know.
    if (first.value >= *largest.lower) first.bounds.lower = largest.lower;
  }
  mark_clusters(ends);
  if (!o.vectors.empty())
    for (std::size_t k = 0; k < found.vectors.size(); ++k) {
      work.values.push_back(ends.values[k].value);
      work.vectors.push_back(std::move(found.vectors[k]));
    }
  if (found.interrupted) throw Interrupted();
}

void find_density(Work& work) {
  const SpectrumOptions& o = work.options;
  const SpectralDensity found = spectral_density<Vector>(
      work.probe.hessian(),
      {static_cast<std::size_t>(o.starts), static_cast<std::size_t>(o.density_steps), o.seed, o.progress});
  if (!found.of_starts.empty()) {
    SpectralMass& mass = work.answer.density.emplace();
    mass.products = static_cast<long>(found.products);
    double largest = 0;
    for (const Quadrature& q : found.of_starts) {
      mass.starts.push_back({q.nodes, q.weights, q.residuals});
      largest = std::max({largest, std::abs(q.nodes.front()), std::abs(q.nodes.back())});
    }
    mass.near = kNear * largest, mass.outer = kOuter * largest;
    if (found.of_starts.size() > 1) {
      const auto near = found.mean([&](double x) { return std::abs(x) <= mass.near ? 1.0 : 0.0; });
      const auto negative = found.mean([&](double x) { return x < -mass.near ? 1.0 : 0.0; });
      const auto all = static_cast<double>(work.answer.dimension);
      const auto outer = found.mean([&](double x) { return std::abs(x) > mass.outer ? all : 0.0; });
      mass.count_outer = outer.mean, mass.count_outer_error = outer.error;
      mass.share_near = near.mean, mass.share_near_error = near.error;
      mass.share_negative = negative.mean, mass.share_negative_error = negative.error;
    }
  }
  if (found.interrupted) throw Interrupted();
}

/// By how much rounding may move a unit vector's y' A y: in 32 bit measured along one that the large eigenvalues
/// dominate.
double roundoff_of(Work& work) {
  const double size =
      std::max(std::abs(work.answer.lambda_max.lower.value_or(0)), std::abs(work.answer.lambda_min.upper.value_or(0)));
  const double least = kRoundings * work.f.roundoff() * size;
  if (work.f.roundoff() < std::numeric_limits<float>::epsilon() / 2) return least;
  PreconditionedHessian& a = work.probe.hessian();
  const Vector v = a.random_normal(work.options.seed + 40000);
  Vector image = v.zeros();
  a.apply(v, image);
  const double length = std::sqrt(image.dot(image));
  if (!(length > 0)) return least;
  image.scale(1 / length);
  const Probe::Roundoff lost = work.probe.roundoff_along(image, size);
  work.answer.cost.hvps += lost.products_64;
  return least + lost.by;
}

TraceValue trace_value(const TraceEstimate& t, double rounding) {
  return {t.value, t.samples > 0 ? std::optional(t.half_width() + rounding) : std::nullopt};
}

/// Each layer's by v' (A v) over its entries, v standard normal: unbiased, and no product is made for it alone.
void trace_layers(Work& work, SpectralTraces& traces) {
  const std::vector<ParameterBlock>& blocks = work.f.blocks();
  if (blocks.size() > kMostTraced) return;
  const long samples = std::max(2L, work.options.trace_products / 3);
  std::vector<std::vector<double>> of(blocks.size());
  PreconditionedHessian& a = work.probe.hessian();
  for (long i = 0; i < samples; ++i) {
    const Vector v = a.random_normal(work.options.seed + 50000 + static_cast<std::uint64_t>(i));
    Vector image = v.zeros();
    a.apply(v, image);
    ++traces.products;
    report_progress(work.options.progress, static_cast<double>(i + 1) / static_cast<double>(samples));
    for (std::size_t b = 0; b < blocks.size(); ++b)
      of[b].push_back(v.part(blocks[b].from, blocks[b].to).dot(image.part(blocks[b].from, blocks[b].to)));
  }
  for (std::size_t b = 0; b < blocks.size(); ++b)
    traces.layers.push_back({blocks[b].name,
                             static_cast<long>(blocks[b].to - blocks[b].from),
                             {mean(of[b]), student_t_975(samples - 1) * standard_error(of[b])}});
}

void find_traces(Work& work) {
  const SpectrumOptions& o = work.options;
  const Traces found =
      traces_of<Vector>(work.probe.hessian(), {static_cast<std::size_t>(o.trace_products), o.seed + 1, o.progress});
  SpectralTraces& traces = work.answer.traces.emplace();
  // As many unit vectors y add y' A y and |A y|^2, or nearly so.
  const double vectors = static_cast<double>(found.directions + 1), off = roundoff_of(work);
  traces.trace = trace_value(found.trace, vectors * off);
  traces.square = trace_value(found.square, 2 * off * std::sqrt(vectors * std::max(0.0, found.square.value)));
  traces.products = static_cast<long>(found.products);
  trace_layers(work, traces);
}

void find_diagonal(Work& work) {
  const SpectrumOptions& o = work.options;
  const std::vector<ParameterBlock>& blocks = work.f.blocks();
  work.diagonal = sample_diagonal(work.probe.hessian(), blocks, o.diagonal_products, o.seed + 90000, o.progress);
  work.answer.diagonal = {o.diagonal, layer_diagonals(*work.diagonal, blocks), o.diagonal_products};
}

void find_all(Work& work) {
  const SpectrumOptions& o = work.options;
  const auto begin = [&](const char* stage) {
    if (o.stage) o.stage(stage);
  };
  begin("bounds");
  find_extremes(work);
  PreconditionedHessian& a = work.probe.hessian();
  if (o.top > 0) {
    begin("largest eigenvalues");
    find_ends(work, a, o.top, 1, work.answer.top);
  }
  if (o.bottom > 0) {
    begin("smallest eigenvalues");
    Negated negated(a);
    find_ends(work, negated, o.bottom, -1, work.answer.bottom);
  }
  if (o.density) {
    begin("density");
    find_density(work);
  }
  if (o.trace) {
    begin("trace");
    find_traces(work);
  }
  if (!o.diagonal.empty()) {
    begin("diagonal");
    find_diagonal(work);
  }
}

}  // namespace

Spectra find_spectra(Problem& problem, const SpectrumOptions& options) {
  const Stopwatch watch;
  check(problem, options);
  Objective& objective = problem.objective();
  const Cost before = objective.cost();
  MatrixObjective f(objective, {kind_of(options.matrix), options.seed});
  OptimizerPosition position;
  Spectra answer;
  try {
    position = position_of(problem, options);
  } catch (const Interrupted&) {
    answer.partial = true;
  }
  const long gradients_64 = position.gradients_64;
  Work work{problem, options, f, Probe(f, seen_by(problem, options), std::move(position)), std::move(answer)};
  describe_work(work);
  if (!work.answer.partial) try {
      find_all(work);
    } catch (const Interrupted&) {
      work.answer.partial = true;
    }
  Spectra& a = work.answer;
  const auto write = [&](auto what) { return write_or_tell(options.file_fault, what); };
  if (!work.vectors.empty() &&
      write([&] { write_vectors(options.vectors, objective.blocks(), work.values, work.vectors); }))
    a.vectors = options.vectors;
  if (work.diagonal && !write([&] { write_diagonal(options.diagonal, objective.blocks(), *work.diagonal); }))
    a.diagonal->file.clear();
  conclude(a);
  a.cost.gradients += gradients_64 + objective.cost().gradients - before.gradients;
  a.cost.hvps += objective.cost().hvps - before.hvps;
  a.cost.forwards += objective.cost().forwards - before.forwards;
  a.cost.seconds = watch.seconds();
  return std::move(a);
}

}  // namespace etamax
