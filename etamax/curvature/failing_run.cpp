#include "etamax/curvature/failing_run.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>

#include "etamax/curvature/attribution.h"
#include "etamax/curvature/entries.h"
#include "etamax/spectrum/track.h"

namespace etamax {
namespace {

constexpr double kLastingRise = 0.5;  // of what the loss had fallen
constexpr double kLeastRise = 0.1;    // of the lowest loss
constexpr double kBegins = 0.1;       // of the rise: where it is above that, it has begun
constexpr long kLooksBefore = 12, kLooksAfter = 3;
constexpr double kBelowEdge = 0.7;  // of the edge: where the rate is held, well below
constexpr double kMostOf = 0.5;     // of the rise that the quadratic model predicts
constexpr int kDithers = 3;
constexpr double kDither = 0.05;  // of the rate, up or down

/// The top eigenvector of an optimizer's operator, followed over the steps of a run.
class TopDirection {
 public:
  /// `settled`: residual over value that is near enough.
  TopDirection(Objective& f, const Optimizer& optimizer, const ProbeOptions& options, double settled)
      : f_(f), optimizer_(optimizer), tracker_(track_options(options, settled)) {}

  /// At the run's parameters. False where there is nothing to be found: no step was made that P could be known from.
  bool look(const Run& run) {
    OptimizerPosition position = OptimizerPosition::of(run, optimizer_);
    if (edge_is_preconditioned(optimizer_) && !position.preconditioner) return false;
    probe_.emplace(f_, optimizer_, std::move(position));
    if (probe_->hessian().dim() == 0) return false;
    value_ = tracker_.look(probe_->hessian()).value;
    edge_ = probe_->edge({value_, {}}).lr.upper.value_or(INFINITY);
    return true;
  }
  Probe& probe() { return *probe_; }
  double value() const { return value_; }
  /// At most as high as this, to rounding: the eigenvalue is approached from below.
  double edge() const { return edge_; }
  const Vector& unit() const { return *tracker_.vector(); }
  /// In the parameters' space.
  Vector direction() { return probe_->hessian().in_parameters(unit()); }
  /// The coordinate of a step along direction(), the other eigenvectors being the other axes.
  double coordinate(const Vector& step) {
    Vector dual = unit();
    if (const auto& scale = probe_->hessian().scale())
      combine_entries(dual, *scale, [](double u, double d) { return d == 0 ? 0 : u / d; });
    return dual.dot(step);
  }

 private:
  static TrackOptions track_options(const ProbeOptions& options, double settled) {
    TrackOptions track;
    track.products = 2;
    track.most_products = 12;
    track.settled = settled;
    track.lost = 0.5;
    track.max_steps = 30;
    track.seed = options.seed;
    track.progress = options.progress;
    return track;
  }

  Objective& f_;
  const Optimizer& optimizer_;
  EigenvalueTracker<Vector> tracker_;
  std::optional<Probe> probe_;
  double value_ = 0, edge_ = INFINITY;
};

Vector difference(Vector a, const Vector& b) { return a.add_scaled(-1, b); }

/// Looks at the steps [from, to] of a run: what raises the loss in each.
class StepLooks final : public Steering {
 public:
  StepLooks(Problem& problem, const ProbeOptions& options, long from, long to, FailingRun& failing)
      : f_(problem.objective()),
        top_(f_, problem.optimizer(), options, 0.01),
        options_(options),
        from_(from),
        to_(to),
        failing_(failing) {}

  double rate(const Run& run, double lr) override {
    looking_ = run.steps() >= from_ && run.steps() <= to_ && top_.look(run);
    lr_ = lr;
    if (!looking_) return lr;
    before_ = run.parameters();
    direction_ = top_.direction();
    slope_ = f_.gradient();
    f_.apply(direction_, product_);
    return lr;
  }

  void stepped(Run& run) override {
    const long step = run.steps() - 1;
    if (!looking_) return;
    const Vector moved = difference(run.parameters(), before_);
    StepLook look;
    look.step = step;
    look.lr = lr_;
    look.loss = failing_.losses[static_cast<std::size_t>(step)];
    look.loss_after = failing_.losses[static_cast<std::size_t>(step) + 1];
    look.edge.upper = top_.edge();
    look.length = std::sqrt(moved.dot(moved));
    const double along = top_.coordinate(moved);
    look.along = slope_.dot(direction_) * along + product_.dot(direction_) * along * along / 2;
    f_.set_parameters(before_);
    Vector bent;
    f_.apply(moved, bent);
    look.predicted = slope_.dot(moved) + bent.dot(moved) / 2;
    if (!failing_.explained && is_explained(look)) {
      failing_.explained = step;
      certify(look);
    }
    run.resume();
    failing_.looks.push_back(look);
    if (failing_.onset == step) {
      failing_.onset_layer = layer_shares(f_, moved).front();
      failing_.onset_layer->share /= moved.dot(moved);
    }
  }

  long products_64() const { return products_64_; }

 private:
  bool is_explained(const StepLook& look) const {
    return look.loss_after > look.loss && *look.edge.upper < look.lr && look.predicted > 0 &&
           look.along >= kMostOf * look.predicted;
  }

  /// The edge there, and the layer that has most of the top eigenvector.
  void certify(StepLook& look) {
    Probe& here = top_.probe();
    const Probe::Roundoff roundoff = here.roundoff_along(top_.unit(), top_.value());
    ProbeOptions certify = options_;
    certify.direction = true;
    const Probe::Finding found = here.look(certify);
    products_64_ += found.products_64 + roundoff.products_64;
    if (found.interrupted) throw Interrupted();
    Interval lambda_max = found.curvature.lambda_max;
    const double tracked = top_.value() - roundoff.by;
    lambda_max.lower = std::max(lambda_max.lower.value_or(tracked), tracked);  // both hold
    look.edge = here.edge(lambda_max).lr;
    failing_.layer = layer_shares(f_, found.direction).front();
  }

  Objective& f_;
  TopDirection top_;
  const ProbeOptions& options_;
  long from_, to_;
  FailingRun& failing_;
  bool looking_ = false;
  double lr_ = 0;
  Vector before_, direction_, slope_, product_;
  long products_64_ = 0;
};

/// A little more or less of the rate in each step, which has nothing to do with the edge.
class Dithers : public Steering {
 public:
  explicit Dithers(unsigned seed) : random_(seed) {}
  double rate(const Run&, double lr) override { return lr * (1 + (random_() % 2 == 0 ? kDither : -kDither)); }

 private:
  std::mt19937 random_;
};

/// Where the rate is beyond the edge, from a step on: what is done to the steps is counted.
class AtTheEdge : public Steering {
 public:
  AtTheEdge(Problem& problem, const ProbeOptions& options, Intervention& made)
      : top_(problem.objective(), problem.optimizer(), options, 0.1), made_(made) {}

 protected:
  bool beyond(const Run& run, double lr) {
    if (run.steps() < made_.from || !top_.look(run) || !(lr > kBelowEdge * top_.edge())) return false;
    if (made_.steps == 0) made_.first = run.steps();
    ++made_.steps;
    return true;
  }
  TopDirection top_;
  Intervention& made_;
};

class HoldsRate final : public AtTheEdge {
 public:
  using AtTheEdge::AtTheEdge;
  HoldsRate(Problem& problem, const ProbeOptions& options, Intervention& made, unsigned dithers)
      : AtTheEdge(problem, options, made), dithers_(dithers) {}
  double rate(const Run& run, double lr) override {
    if (dithers_) lr = dithers_->rate(run, lr);
    if (!beyond(run, lr)) return lr;
    lr = kBelowEdge * top_.edge();
    made_.lowest_lr = std::min(made_.lowest_lr, lr);
    return lr;
  }

 private:
  std::optional<Dithers> dithers_;
};

class TakesDirectionOut final : public AtTheEdge {
 public:
  using AtTheEdge::AtTheEdge;
  double rate(const Run& run, double lr) override {
    beyond_ = beyond(run, lr);
    if (beyond_) before_ = run.parameters();
    return lr;
  }
  void stepped(Run& run) override {
    if (!beyond_) return;
    const double along = top_.coordinate(difference(run.parameters(), before_));
    run.move(top_.direction().scale(-along));
  }

 private:
  bool beyond_ = false;
  Vector before_;
};

/// A rate at which the run fails whatever chance does to its steps, as the lowest that fails need not: near the limit
/// little decides. False where there is none; `failing` is then that of the first rate.
bool find_failing(Problem& problem, const FailingRates& rates, const RunStart& start, const ShortRunSettings& settings,
                  const RunReference& reference, FailingRun& failing) {
  for (double lr = rates.from; lr < rates.below; lr *= std::sqrt(2.0)) {
    FailingRun here;
    here.lr = lr;
    here.run = short_run(problem, lr, start, settings);
    judge(here.run, reference);
    bool all_fail = fails(here.run);
    for (unsigned seed = 0; seed < kDithers && all_fail; ++seed) {
      Dithers dithers(seed);
      here.dithered.push_back(short_run(problem, lr, start, settings, {}, &dithers));
      judge(here.dithered.back(), reference);
      all_fail = fails(here.dithered.back());
    }
    if (all_fail || lr == rates.from) failing = std::move(here);
    if (all_fail) return true;
  }
  return false;
}

/// After every step, on all the data.
std::vector<double> losses_along(Problem& problem, double lr, const RunStart& start, const ShortRunSettings& settings) {
  std::vector<double> losses = {start.loss};
  const double lost = divergence_threshold(start.loss, settings.baseline);
  short_run(problem, lr, start, settings, [&](const Training::Shown&) {
    losses.push_back(problem.objective().loss());
    return std::isfinite(losses.back()) && losses.back() <= lost;
  });
  return losses;
}

/// From where, up to the step that is explained, the rate was beyond the edge without a break.
long beyond_since(const FailingRun& failing) {
  long since = *failing.explained;
  for (auto look = failing.looks.rbegin(); look != failing.looks.rend(); ++look)
    if (look->step == since - 1 && *look->edge.upper < look->lr) since = look->step;
  return since;
}

/// What a run that was interfered with shows: the rate was its trouble, it was not, or neither.
FailureCause shown_by(const RunRecord& run) {
  if (run.verdict == Verdict::trains) return FailureCause::curvature;
  return fails(run) ? FailureCause::other : FailureCause::unclear;
}

}  // namespace

std::optional<long> onset_of_rise(const std::vector<double>& losses) {
  const auto height = [&](std::size_t k) { return std::isfinite(losses[k]) ? losses[k] : INFINITY; };
  double lowest = losses.empty() ? 0 : height(0);
  for (std::size_t k = 1; k < losses.size(); ++k) {
    const double rise = height(k) - lowest;
    if (rise > kLastingRise * (height(0) - lowest) && rise > kLeastRise * std::abs(lowest)) {
      std::size_t from = k - 1;
      while (from > 0 && height(from) > lowest + (std::isfinite(rise) ? kBegins * rise : kLeastRise * std::abs(lowest)))
        --from;
      return static_cast<long>(from);
    }
    lowest = std::min(lowest, height(k));
  }
  return {};
}

long explain_failing_run(Problem& problem, const FailingRates& rates, const RunStart& start,
                         const ShortRunSettings& settings, const RunReference& reference, const ProbeOptions& probe,
                         FailingRun& failing) {
  if (!find_failing(problem, rates, start, settings, reference, failing)) return 0;
  Objective& f = problem.objective();
  const long before = f.cost().hvps;
  failing.losses = losses_along(problem, failing.lr, start, settings);
  failing.onset = onset_of_rise(failing.losses);
  long products_64 = 0;
  if (failing.onset) {
    // The last step of a run whose loss is lost has one loss after it too, and no more.
    const long last = std::min(*failing.onset + kLooksAfter, static_cast<long>(failing.losses.size()) - 2);
    StepLooks looks(problem, probe, *failing.onset - kLooksBefore, last, failing);
    ShortRunSettings part = settings;
    part.steps = last + 1;
    short_run(problem, failing.lr, start, part, {}, &looks);
    products_64 = looks.products_64();
  }
  const auto made_again = [&]<typename Kind>(long from, auto... more) {
    Intervention made;
    made.from = from;
    made.lowest_lr = failing.lr;
    Kind steering(problem, probe, made, more...);
    made.run = short_run(problem, failing.lr, start, settings, {}, &steering);
    judge(made.run, reference);
    return made;
  };
  if (failing.explained) {
    failing.held = made_again.operator()<HoldsRate>(beyond_since(failing));
    failing.cause = shown_by(failing.held->run);
  }
  if (failing.cause != FailureCause::curvature) {
    failing.held_from_start = made_again.operator()<HoldsRate>(0);
    failing.cause = shown_by(failing.held_from_start->run);
    // No step that the loss rises in is behind this: chance must not be either.
    for (unsigned seed = 0; seed < kDithers && failing.cause == FailureCause::curvature; ++seed) {
      failing.held_again.push_back(made_again.operator()<HoldsRate>(0, seed).run);
      if (failing.held_again.back().verdict != Verdict::trains) failing.cause = FailureCause::unclear;
    }
  }
  if (failing.cause == FailureCause::curvature) {
    failing.direction_out = made_again.operator()<TakesDirectionOut>(held_run(failing)->first);
  }
  failing.hvps = f.cost().hvps - before + products_64;
  return products_64;
}

}  // namespace etamax
