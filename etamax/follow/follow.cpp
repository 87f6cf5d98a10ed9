#include "etamax/follow/follow.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/stopwatch.h"
#include "etamax/curvature/attribution.h"
#include "etamax/curvature/probe.h"
#include "etamax/follow/plan.h"
#include "etamax/follow/words.h"
#include "etamax/problem/batches.h"
#include "etamax/spectrum/track.h"
#include "etamax/training/training.h"

namespace etamax {
namespace {

constexpr long kFirstOfAdaptive = 10;  // steps: before them a preconditioner says little
constexpr int kBatches = 2;            // of a look at the batch sharpness

/// One training, looked at.
class FollowedTraining {
 public:
  FollowedTraining(Problem& problem, Objective& looked_at, const FollowingOptions& options, const LookPlan& plan,
                   double lr, SharpnessRun& into)
      : problem_(problem),
        f_(looked_at),
        options_(options),
        plan_(plan),
        schedule_{options.schedule, options.steps, options.warmup},
        tracker_({.products = 2, .seed = options.seed, .progress = options.progress, .most_products = 6}),
        batches_(problem.objective(), options.batch_size, options.seed + 1),
        into_(into) {
    into_.lr = lr;
  }

  void follow() {
    Objective& all = problem_.objective();
    const Stopwatch watch;
    TrainingSettings settings{into_.lr, schedule_, divergence_threshold(all.loss(), all.baseline()), options_.progress};
    std::unique_ptr<Run> run = problem_.run({options_.batch_size, options_.seed, true, options_.clip});
    Run& shown = *run;
    Training training(std::move(run), settings);
    try {
      if (plan_.steps.front() == 0) look(shown, 0);
      training.train_to(options_.steps, [&](const Training::Shown& now) {
        if (std::isfinite(now.loss)) look_if_due(now.run, now.step);
        return true;
      });
    } catch (const Interrupted&) {
      finish(training, watch.seconds());
      throw;
    }
    finish(training, watch.seconds());
  }

 private:
  void finish(const Training& training, double seconds) {
    into_.steps = training.steps();
    into_.lost = training.lost();
    into_.losses = training.trace().losses;
    into_.losses_stride = training.trace().stride;
    into_.training_gradients = plan_.training * static_cast<double>(into_.steps) / static_cast<double>(options_.steps);
    into_.training_seconds = seconds - into_.looking_seconds;
    conclude(into_);
  }

  void look_if_due(const Run& run, long step) {
    while (next_ < plan_.steps.size() && plan_.steps[next_] < step) ++next_;
    if (next_ == plan_.steps.size() || plan_.steps[next_] != step) return;
    look(run, step);
  }

  bool is_certified(long step) const {
    return std::find(plan_.certified.begin(), plan_.certified.end(), step) != plan_.certified.end();
  }

  /// What certified looks to come will cost.
  double reserved(long after) const {
    const auto left = std::count_if(plan_.certified.begin(), plan_.certified.end(), [&](long s) { return s > after; });
    return static_cast<double>(left) * plan_.certified_cost;
  }

  void look(const Run& run, long step) {
    const bool certified = is_certified(step);
    if (!certified && !into_.looks.empty() &&
        into_.looking_gradients + plan_.tracked_cost + reserved(step) > plan_.allowance)
      return;
    const Stopwatch watch;
    const Optimizer& optimizer = problem_.optimizer();
    OptimizerPosition position = OptimizerPosition::of(run, optimizer);
    const double decay = position.preconditioner ? 0 : optimizer.gradient_decay();
    Probe probe(f_, optimizer, std::move(position));
    if (probe.hessian().dim() == 0) return;  // every gradient so far was 0
    SharpnessLook found;
    found.step = step;
    found.lr = into_.lr * schedule_.factor(std::min(step, options_.steps - 1));
    found.loss = f_.loss();
    const long before = f_.cost().hvps;
    if (!std::isfinite(found.loss)) return;
    if (certified)
      certify(probe, found);
    else
      track(probe, found);
    found.products = f_.cost().hvps - before;
    into_.looking_gradients += share() * (products_cost(found.products) + 1.0 / 3);
    add_edge(probe, decay, found);
    if (certified) add_gauss_newton(probe, found);
    add_batch_sharpness(found);
    into_.looks.push_back(std::move(found));
    into_.looking_seconds += watch.seconds();
  }

  double share() const {
    const Examples* all = problem_.objective().examples();
    return all ? static_cast<double>(plan_.examples) / static_cast<double>(all->count()) : 1;
  }

  void certify(Probe& probe, SharpnessLook& found) {
    const Probe::Finding top =
        probe.look({options_.confidence, options_.gap, 200, options_.seed, true, true, options_.progress});
    if (top.interrupted) throw Interrupted();
    found.bounds = top.curvature.lambda_max;
    if (!top.direction) {
      found.sharpness = found.bounds.lower.value_or(0);
      return;
    }
    // The bounds are widened by rounding; the value is the quotient of the vector.
    Vector image;
    probe.hessian().apply(top.direction, image);
    found.sharpness = top.direction.dot(image);
    image.add_scaled(-found.sharpness, top.direction);
    found.residual = std::sqrt(image.dot(image));
    tracker_.begin_at(top.direction, found.sharpness, top.curvature.lambda_min.upper.value_or(0));
    add_layer(top.direction, found);
  }

  void track(Probe& probe, SharpnessLook& found) {
    const auto now = tracker_.look(probe.hessian());
    found.sharpness = now.value;
    found.residual = now.residual;
    add_layer(*tracker_.vector(), found);
  }

  void add_layer(const Vector& unit, SharpnessLook& found) {
    const std::vector<LayerShare> layers = layer_shares(f_, unit);
    found.layer = layers.front().name;
    found.layer_share = layers.front().share;
  }

  /// The edge is inversely proportional to the curvature with decay.
  void add_edge(const Probe& probe, double decay, SharpnessLook& found) {
    found.edge = probe.edge({found.sharpness, {}}).lr.upper;
    if (found.edge && found.lr > 0) found.critical = (found.sharpness + decay) * *found.edge / found.lr - decay;
  }

  void add_gauss_newton(Probe& probe, SharpnessLook& found) {
    if (!tracker_.vector() || !f_.has_matrix(MatrixKind::gauss_newton)) return;
    const Vector direction = probe.hessian().in_parameters(*tracker_.vector());
    Vector product;
    f_.apply_matrix({MatrixKind::gauss_newton}, direction, product);
    found.gauss_newton = direction.dot(product);
    into_.looking_gradients += share() * kGaussNewtonProduct;
  }

  void add_batch_sharpness(SharpnessLook& found) {
    if (batches_.full_batch()) return;
    Examples& examples = *problem_.objective().examples();
    double sum = 0, spent = 0;
    for (int i = 0; i < kBatches; ++i) {
      const Rows rows = batches_.next();
      const Vector g = examples.batch_gradient(rows).gradient;
      const double size = g.dot(g);
      if (!(size > 0)) return;
      sum += g.dot(examples.batch_product(rows, g)) / size;
      spent += (1 + kFirstProduct) * static_cast<double>(rows.size()) / static_cast<double>(examples.count());
    }
    found.batch_sharpness = sum / kBatches;
    into_.looking_gradients += spent;
  }

  Problem& problem_;
  Objective& f_;
  const FollowingOptions& options_;
  const LookPlan& plan_;
  Schedule schedule_;
  EigenvalueTracker<Vector> tracker_;
  Batches batches_;
  SharpnessRun& into_;
  std::size_t next_ = 0;
};

Following described(Problem& problem, const FollowingOptions& o) {
  Following a;
  describe(problem, a);
  const Optimizer& optimizer = problem.optimizer();
  a.preconditioned = edge_is_preconditioned(optimizer);
  if (!optimizer.spec->recurrence) a.no_edge_reason = optimizer.spec->no_recurrence_reason;
  a.batch_size = is_full_batch(problem.objective(), o.batch_size) ? a.examples : o.batch_size;
  a.steps = o.steps;
  a.manner = {o.schedule, o.warmup, o.clip};
  a.budget = o.budget;
  a.confidence = o.confidence;
  return a;
}

}  // namespace

Following follow_training(Problem& problem, const FollowingOptions& options) {
  const Stopwatch watch;
  check_fields(options);
  if (options.lr.empty()) throw InputError("lr", "which rate is followed? Give one, or several");
  if (options.warmup > options.steps)
    throw InputError("warmup", fmt::format("{} is more than the {} steps", options.warmup, options.steps));
  Objective& f = problem.objective();
  check_batch_size(f, options.batch_size);
  if (const double loss = f.loss(); !std::isfinite(loss))
    throw InputError("model", fmt::format("before any step the loss is {}: look at the inputs and the weights", loss));
  const Cost before = f.cost();
  Following a = described(problem, options);
  const LookPlan plan = plan_looks(f, options, edge_is_preconditioned(problem.optimizer()) ? kFirstOfAdaptive : 0);
  a.looked_at = static_cast<long>(plan.examples);
  std::unique_ptr<Objective> sample;
  if (f.examples() && plan.examples < f.examples()->count())
    sample = f.examples()->objective_on(f.examples()->sample(plan.examples, options.seed));
  const KeepParameters keep(f);
  try {
    for (const double lr : options.lr) {
      if (options.stage) options.stage("lr " + format_rate(lr));
      f.set_parameters(keep.parameters());
      FollowedTraining(problem, sample ? *sample : f, options, plan, lr, a.runs.emplace_back()).follow();
    }
  } catch (const Interrupted&) {
    a.partial = true;
  }
  conclude(a);
  const Cost after = f.cost(), looked = sample ? sample->cost() : Cost{};
  a.cost.gradients = after.gradients - before.gradients + looked.gradients;
  a.cost.hvps = after.hvps - before.hvps + looked.hvps;
  a.cost.forwards = after.forwards - before.forwards + looked.forwards;
  a.cost.seconds = watch.seconds();
  return a;
}

}  // namespace etamax
