#include "etamax/follow/follow.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/stopwatch.h"
#include "etamax/curvature/attribution.h"
#include "etamax/curvature/probe.h"
#include "etamax/follow/following_state.h"
#include "etamax/follow/plan.h"
#include "etamax/follow/words.h"
#include "etamax/problem/batches.h"
#include "etamax/spectrum/track.h"
#include "etamax/training/training.h"

namespace etamax {
namespace {

constexpr long kFirstOfAdaptive = 10;  // steps: before them a preconditioner says little
constexpr long kMostCertifyingSteps = 200;

/// One training, looked at.
class FollowedTraining {
 public:
  /// Called after a look: whether it was a certified one, and what makes all that the training carries on from.
  using Keep = std::function<void(bool certified, const std::function<TrainingUnderWay()>&)>;

  FollowedTraining(Problem& problem, Objective& looked_at, const FollowingOptions& options, const LookPlan& plan,
                   const LookPrices& prices, double lr, SharpnessRun& into, Keep keep)
      : problem_(problem),
        f_(looked_at),
        options_(options),
        plan_(plan),
        prices_(prices),
        schedule_{options.schedule, options.steps, options.warmup},
        tracker_({.products = 2,
                  .seed = options.seed,
                  .progress = options.progress,
                  .most_products = 6,
                  .keep = prices.basis}),
        batches_(problem.objective(), options.batch_size, options.seed + 1),
        run_(problem.run({options.batch_size, options.seed, true, options.clip})),
        into_(into),
        keep_(std::move(keep)) {
    into_.lr = lr;
  }

  /// From where it was left. Throws std::invalid_argument where that was another training.
  void carry_on(const TrainingUnderWay& left) {
    run_->restore(left.run);
    batches_.go_to(left.batches);
    begun_ = left.training;
    if (left.trail.empty()) return;
    const Vector like = run_->parameters();
    if (left.trail.size() != like.size()) throw std::invalid_argument("a vector of another problem");
    tracker_.carry_on({like.with_values(left.trail), left.trail_value, left.trail_shift});
  }

  void follow() {
    Objective& all = problem_.objective();
    TrainingSettings settings{into_.lr, schedule_, divergence_threshold(all.loss(), all.baseline()), options_.progress};
    const bool begins = into_.looks.empty();
    Run& shown = *run_;
    Training training(std::move(run_), settings, std::move(begun_));
    training_ = &training;
    seconds_before_ = into_.training_seconds + into_.looking_seconds;
    try {
      if (begins && plan_.steps.front() == 0) look(shown, 0);
      training.train_to(options_.steps, [&](const Training::Shown& now) {
        if (std::isfinite(now.loss)) look_if_due(now.run, now.step);
        return true;
      });
    } catch (const Interrupted&) {
      finish();
      throw;
    }
    finish();
  }

 private:
  TrainingUnderWay under_way(const Run& run) const {
    const auto trail = tracker_.trail();
    return {training_->record(), run.save(),
            batches_.place(),    trail.vector ? trail.vector->values() : std::vector<double>{},
            trail.value,         trail.shift};
  }

  void finish() {
    const Training& training = *training_;
    into_.steps = training.steps();
    into_.lost = training.lost();
    into_.losses = training.trace().losses;
    into_.losses_stride = training.trace().stride;
    into_.training_gradients = plan_.training * static_cast<double>(into_.steps) / static_cast<double>(options_.steps);
    into_.training_seconds = seconds_before_ + watch_.seconds() - into_.looking_seconds;
    conclude(into_);
  }

  void look_if_due(const Run& run, long step) {
    while (next_ < plan_.steps.size() && plan_.steps[next_] < step) ++next_;
    if (next_ == plan_.steps.size() || plan_.steps[next_] != step) return;
    look(run, step);
  }

  /// Nothing is begun that may go beyond the budget, nor what would leave nothing for the looks to come.
  void look(const Run& run, long step) {
    const double left = plan_.allowance - plan_.reserved(step) - into_.looking_gradients;
    const long steps = plan_.is_certified(step) ? prices_.certified_within(left) : 0;
    const bool certified = steps >= kLeastCertifyingSteps;
    const long products = prices_.tracked_within(left);
    const bool ahead = !into_.looks.empty() && into_.looking_gradients + plan_.tracked_cost > plan_.allowed_by(step);
    if (!certified && (products < kTrackedProducts || ahead)) {
      ++into_.left_out;
      return;
    }
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
    if (!std::isfinite(found.loss)) return;
    const long before = f_.cost().hvps;
    const bool is_found = certified ? certify(probe, steps, found) : track(probe, products, found);
    found.products = f_.cost().hvps - before;
    into_.looking_gradients += prices_.tracked(found.products) - prices_.batch_sharpness;
    if (!is_found) {
      ++into_.left_out;
      return;
    }
    add_edge(probe, decay, found);
    if (certified) add_gauss_newton(probe, found);
    add_batch_sharpness(found);
    into_.looks.push_back(std::move(found));
    into_.looking_seconds += watch.seconds();
    into_.training_seconds = seconds_before_ + watch_.seconds() - into_.looking_seconds;
    keep_(certified, [&] { return under_way(run); });
  }

  bool certify(Probe& probe, long steps, SharpnessLook& found) {
    const auto most = static_cast<std::size_t>(std::min(kMostCertifyingSteps, steps));
    const Probe::Finding top =
        probe.look({options_.confidence, options_.gap, most, options_.seed, true, true, options_.progress});
    if (top.interrupted) throw Interrupted();
    into_.looking_gradients += prices_.roundoff(top.products_64);
    found.bounds = top.curvature.lambda_max;
    if (!top.direction) {
      found.sharpness = found.bounds.lower.value_or(0);
      return found.bounds.lower.has_value();
    }
    // The bounds are widened by rounding; the value is the quotient of the vector.
    Vector image;
    probe.hessian().apply(top.direction, image);
    found.sharpness = top.direction.dot(image);
    image.add_scaled(-found.sharpness, top.direction);
    found.residual = std::sqrt(image.dot(image));
    tracker_.begin_at(top.direction, found.sharpness, top.curvature.lambda_min.upper.value_or(0));
    add_layer(top.direction, found);
    return true;
  }

  bool track(Probe& probe, long products, SharpnessLook& found) {
    const auto now = tracker_.look(probe.hessian(), static_cast<std::size_t>(products));
    if (now.astray) return false;
    found.sharpness = now.value;
    found.residual = now.residual;
    add_layer(*tracker_.vector(), found);
    return true;
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
    into_.looking_gradients += prices_.gauss_newton;
  }

  void add_batch_sharpness(SharpnessLook& found) {
    if (batches_.full_batch()) return;
    Examples& examples = *problem_.objective().examples();
    double sum = 0, spent = 0;
    for (int i = 0; i < kLookBatches; ++i) {
      const Rows rows = batches_.next();
      const Vector g = examples.batch_gradient(rows).gradient;
      const double size = g.dot(g);
      if (!(size > 0)) return;
      sum += g.dot(examples.batch_product(rows, g)) / size;
      spent += (1 + prices_.product.first) * static_cast<double>(rows.size()) / static_cast<double>(examples.count());
    }
    found.batch_sharpness = sum / kLookBatches;
    into_.looking_gradients += spent;
  }

  Problem& problem_;
  Objective& f_;
  const FollowingOptions& options_;
  const LookPlan& plan_;
  const LookPrices prices_;
  Schedule schedule_;
  EigenvalueTracker<Vector> tracker_;
  Batches batches_;
  std::unique_ptr<Run> run_;
  TrainingRecord begun_;
  SharpnessRun& into_;
  Keep keep_;
  const Training* training_ = nullptr;
  const Stopwatch watch_;
  double seconds_before_ = 0;  ///< of the same training
  std::size_t next_ = 0;
};

/// What makes it this job and no other.
StateJob job_of(Problem& problem, const FollowingOptions& o, double start_loss) {
  const ProblemDescription about = problem.description();
  const Optimizer& optimizer = problem.optimizer();
  const Vector start = problem.objective().parameters();
  std::string rates;
  for (const double lr : o.lr) rates += (rates.empty() ? "" : ", ") + format_number(lr, 17);
  StateJob job = {{"model", about.model},
                  {"data", about.data},
                  {"loss", about.loss},
                  {"optimizer", optimizer.spec->name},
                  {"lr", rates},
                  {"steps", std::to_string(o.steps)},
                  {"batch size", std::to_string(o.batch_size)},
                  {"schedule", o.schedule},
                  {"warmup", std::to_string(o.warmup)},
                  {"clip", o.clip ? format_number(*o.clip, 17) : "none"},
                  {"budget", format_number(o.budget, 17)},
                  {"certified looks", std::to_string(o.certify)},
                  {"examples looked at", std::to_string(o.look_examples)},
                  {"gap", format_number(o.gap, 17)},
                  {"confidence", format_number(o.confidence, 17)},
                  {"seed", std::to_string(o.seed)},
                  {"dtype", about.dtype},
                  {"device", about.device},
                  {"loss at the start", format_number(start_loss, 17)},
                  {"norm of the weights", format_number(std::sqrt(start.dot(start)), 17)}};
  for (const Setting& s : shown_settings(*optimizer.spec, optimizer.values))
    job.push_back({s.name, format_number(s.value, 17)});
  return job;
}

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
  const double loss = f.loss();
  if (!std::isfinite(loss))
    throw InputError("model", fmt::format("before any step the loss is {}: look at the inputs and the weights", loss));
  const Cost before = f.cost();
  Following a = described(problem, options);
  const LookPlan plan = plan_looks(f, options, edge_is_preconditioned(problem.optimizer()) ? kFirstOfAdaptive : 0);
  a.looked_at = static_cast<long>(plan.examples);
  std::unique_ptr<Objective> sample;
  if (f.examples() && plan.examples < f.examples()->count())
    sample = f.examples()->objective_on(f.examples()->sample(plan.examples, options.seed));
  const LookPrices prices = look_prices(f, sample ? *sample : f, options);
  FollowingState state(options.state, job_of(problem, options, loss), options.state_fault);
  FollowedSoFar begun = state.open();
  if (begun.runs.size() > options.lr.size()) state.refuse_as_damaged();
  const auto cost_by_now = [&] {
    const Cost now = f.cost(), looked = sample ? sample->cost() : Cost{}, earlier = begun.cost;
    return Cost{earlier.gradients + now.gradients - before.gradients + looked.gradients,
                earlier.hvps + now.hvps - before.hvps + looked.hvps,
                earlier.forwards + now.forwards - before.forwards + looked.forwards,
                earlier.seconds + watch.seconds(),
                {}};
  };
  const KeepParameters keep(f);
  const auto follow = [&](double lr, SharpnessRun& run, const TrainingUnderWay* left) {
    f.set_parameters(keep.parameters());
    FollowedTraining training(problem, sample ? *sample : f, options, plan, prices, lr, run,
                              [&](bool certified, const std::function<TrainingUnderWay()>& under_way) {
                                if (certified || state.is_due()) state.save({a.runs, under_way(), cost_by_now()});
                              });
    try {
      if (left) training.carry_on(*left);
    } catch (const std::invalid_argument&) {
      state.refuse_as_damaged();
    }
    training.follow();
    state.save({a.runs, {}, cost_by_now()});
  };
  a.runs = std::move(begun.runs);
  const std::size_t over = a.runs.size() - (begun.under_way ? 1 : 0);
  for (std::size_t i = 0; i < over; ++i) conclude(a.runs[i]);
  try {
    if (begun.under_way) follow(options.lr[a.runs.size() - 1], a.runs.back(), &*begun.under_way);
    for (std::size_t i = a.runs.size(); i < options.lr.size(); ++i) {
      if (options.stage) options.stage("lr " + format_rate(options.lr[i]));
      follow(options.lr[i], a.runs.emplace_back(), nullptr);
    }
  } catch (const Interrupted&) {
    a.partial = true;
  }
  conclude(a);
  a.cost = cost_by_now();
  return a;
}

}  // namespace etamax
