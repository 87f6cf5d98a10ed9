// Which learning rate to use, within a budget: a bracket from the edge, many short runs, fewer and longer ones of the
// promising rates (successive halving, the runs carried on), other seeds, and a margin.
#include <fmt/format.h>

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "etamax/core/cost_meter.h"
#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/model/analyze.h"
#include "etamax/model/fitting.h"
#include "etamax/model/preconditioned.h"
#include "etamax/model/sampling.h"
#include "etamax/model/tensor_space.h"
#include "etamax/model/trial.h"
#include "etamax/model/tune_answer.h"
#include "etamax/model/tune_state.h"
#include "etamax/spectrum/lanczos.h"

namespace etamax {
namespace {

using torch::Tensor;

constexpr long kLeastSteps = 16;
constexpr double kEdgeShare = 0.03;  // of the budget
constexpr std::size_t kEdgeProducts = 15;
/// For each example: the products at most.
constexpr std::int64_t kUnitsOfEdge = Budget::kProduct * static_cast<std::int64_t>(kEdgeProducts);
constexpr int kWarmupLooks = 3;  // at the edge, along a warmup
constexpr double kEdgeGap = 0.3, kEdgeConfidence = 0.99;
constexpr int64_t kLeastEdgeExamples = 8;
constexpr long kTuneWarmSteps = 10;  // for the preconditioner
constexpr double kTuneWarmRate = 1e-6;
constexpr double kUsualStart = 1e-3;  // where no edge is known
constexpr double kBelowEdge =
    0.25;                         // where to begin: batches and momentum make the edge too high more often than too low
constexpr int kOctave = 4;        // rates stand on a grid of quarters of an octave
constexpr int kMargin = 1;        // on that grid, above the recommended rate
constexpr int kMostOctaves = 20;  // from the first rate, up or down
constexpr double kLossTolerance = 0.02;  // what counts as as good as the best
constexpr double kTurn = 0.002;          // the held-out loss has turned where it has risen by that share
constexpr double kLeastHalfWidth = 0.5;  // on that grid: nearer rates were never told apart
constexpr double kWarmupHelps = 0.1;     // one seed's runs differ by that much of themselves
constexpr double kFlat = 0.03;           // in one seed's shortened run: of rates so close the lower one

void check_options(const TuneOptions& o) {
  const auto refuse = refuse_option;
  if (o.steps < kLeastSteps)
    refuse("steps", std::to_string(o.steps),
           fmt::format("at least {}: a shorter run has no learning rate worth tuning", kLeastSteps));
  if (o.batch_size < 0) refuse("batch-size", std::to_string(o.batch_size), "a positive whole number");
  if (!(o.budget > 0 && std::isfinite(o.budget)))
    refuse("budget", format_number(o.budget), "a positive finite number of runs");
  if (o.seeds < 1) refuse("seeds", std::to_string(o.seeds), "a positive whole number");
  if (!(o.validation >= 0 && o.validation <= 0.9))
    refuse("validation", format_number(o.validation), "a share in [0, 0.9]");
  if (o.chunk < 1) refuse("chunk", std::to_string(o.chunk), "a positive whole number");
  if (o.schedule != "constant" && o.schedule != "cosine" && o.schedule != "linear")
    refuse("schedule", "'" + o.schedule + "'", "constant, cosine or linear");
}

TuneState::Job job_of(const TuneRequest& request, const TuningTask& task) {
  const TuneOptions& o = task.options();
  TuneState::Job job = {{"model", request.model},
                        {"data", request.data},
                        {"loss", task.loss().name},
                        {"optimizer", task.optimizer().name},
                        {"steps", std::to_string(o.steps)},
                        {"batch size", std::to_string(task.batch_size())},
                        {"schedule", o.schedule},
                        {"validation", format_number(o.validation)},
                        {"standardize", o.standardize ? "yes" : "no"},
                        {"budget", format_number(o.budget)},
                        {"seeds", std::to_string(o.seeds)},
                        {"seed", std::to_string(o.seed)},
                        {"dtype", o.dtype},
                        {"device", o.device},
                        {"examples", std::to_string(task.training_data().examples())},
                        {"loss at the start", format_number(task.start_loss(), 6)}};
  for (const Setting& s : shown_settings(task.optimizer(), task.values()))
    job.push_back({s.name, format_number(s.value)});
  return job;
}

bool works(const Trial& t) { return t.verdict == Verdict::converges; }
/// Lost to the learning rate: not merely slow.
bool fails(const Trial& t) { return t.verdict == Verdict::diverges || t.verdict == Verdict::collapses; }

class Tuner {
 public:
  Tuner(const TuneRequest& request, TuningTask& task)
      : task_(task),
        options_(task.options()),
        budget_(static_cast<std::int64_t>(options_.budget * static_cast<double>(run_cost()))),
        state_(options_.state, job_of(request, task)),
        bracket_steps_(std::max<long>(8, options_.steps / 16)) {
    answer_.model = task.network().name;
    answer_.data = task.training_data().name;
    answer_.loss = task.loss().name;
    answer_.optimizer = task.optimizer().name;
    answer_.schedule = options_.schedule;
    answer_.hyperparameters = shown_settings(task.optimizer(), task.values());
    answer_.parameters = static_cast<long>(task.training().dim());
    answer_.training_examples = task.training().examples();
    answer_.validation_examples = task.validation_examples();
    answer_.batch_size = task.batch_size();
    answer_.horizon_steps = options_.steps;
    answer_.seeds = options_.seeds;
    answer_.start_loss = task.start_loss();
    answer_.chance_loss = task.chance_loss();
    answer_.budget.limit = budget_.limit();
    answer_.budget.run = run_cost();
    const double least = 0.01 * std::ceil(100 * static_cast<double>(least_budget()) / static_cast<double>(run_cost()));
    if (!budget_.affords(least_budget()))
      throw InputError(fmt::format("--budget: {} runs are too few for an answer; {} is the smallest that may do",
                                   format_number(options_.budget), format_number(least, 4)));
  }

  Tuning run() {
    const CostMeter meter;
    try {
      find_edge();
      find_limit();
      if (highest_that_works_) {
        halve();
        check_seeds();
        finish();
        try_warmup();
      }
    } catch (const Interrupted&) {
      answer_.partial = true;
    }
    recommend();
    answer_.budget.spent = budget_.spent();
    answer_.cost.gradients = task_.training().cost().gradients;
    answer_.cost.hvps = edge_products_;
    answer_.cost.forwards = task_.training().cost().forwards;
    conclude(answer_);
    meter.read(answer_.cost);
    return std::move(answer_);
  }

 private:
  std::int64_t run_cost() const { return task_.steps_cost(options_.steps) + task_.judging_cost(); }
  /// Four runs of the bracket, and one to the end.
  std::int64_t least_budget() const {
    return 4 * (task_.steps_cost(bracket_steps_) + task_.looks_cost(0, bracket_steps_) +
                task_.judging_cost(bracket_steps_)) +
           task_.steps_cost(options_.steps) + task_.looks_cost(0, options_.steps) + 2 * task_.judging_cost();
  }
  /// The first `of`-th of the horizon, but not shorter than the bracket's runs.
  long part(long of) const { return std::max(bracket_steps_, options_.steps / of); }
  double rate(int k) const { return first_rate_ * std::exp2(k / static_cast<double>(kOctave)); }
  void stage(const std::string& name) const {
    if (options_.stage) options_.stage(name);
  }

  /// The curvature at the start, on as many examples as a small share of the budget pays for.
  void find_edge() {
    stage("edge");
    const OptimizerSpec& optimizer = task_.optimizer();
    answer_.edge.formula =
        optimizer.edge_formula ? optimizer.edge_formula(task_.values()) : "where the recurrence's spectral radius is 1";
    if (!optimizer.recurrence) {
      answer_.edge.reason = optimizer.no_recurrence_reason;
      return;
    }
    const std::int64_t warm = optimizer.preconditioner ? task_.steps_cost(kTuneWarmSteps) : 0;
    const auto share = static_cast<std::int64_t>(kEdgeShare * static_cast<double>(budget_.limit()));
    const std::int64_t examples =
        std::min<std::int64_t>(task_.training().examples(), (share - warm) / (kUnitsOfEdge + Budget::kGradient));
    if (examples < kLeastEdgeExamples) {
      answer_.edge.reason = "the budget does not pay for the curvature of enough examples";
      return;
    }
    answer_.edge_examples = examples;
    answer_.budget.edge = warm + (kUnitsOfEdge + Budget::kGradient) * examples;
    budget_.spend(answer_.budget.edge);
    if (const auto known = state_.start()) {
      answer_.edge = known->edge;
      polyak_rate_ = known->polyak_rate;
      return;
    }
    task_.training().set_parameters(task_.start(options_.seed));
    Tensor p;
    if (warm > 0) p = warmed_up_preconditioner();
    ModelObjective f = objective_on(examples);
    answer_.edge.lr = edge_at(f, p);
    if (!answer_.edge.lr.upper)
      answer_.edge.reason = "no direction is known to curve upwards: curvature sets no limit here";
    const auto [loss, gradient] = f.loss_and_gradient();
    const double slope = Space<Tensor>::dot(gradient, p.defined() ? gradient / p : gradient);
    if (slope > 0 && std::isfinite(slope)) polyak_rate_ = loss / slope;
    state_.set_start({answer_.edge, polyak_rate_});
  }

  /// The loss on so many of the examples to train on, at the weights as they are.
  ModelObjective objective_on(std::int64_t examples) {
    const Dataset sample =
        take_rows(task_.training_data(), sample_rows(task_.training_data().examples(), examples, options_.seed + 1));
    return ModelObjective(task_.network(), sample, task_.loss(), task_.objective_options());
  }

  /// The certified edge at the weights as they are, with that preconditioner if there is one.
  Interval edge_at(ModelObjective& f, const Tensor& p) {
    const OptimizerSpec& optimizer = task_.optimizer();
    PreconditionedHessian hessian(f, p, optimizer.gradient_decay ? optimizer.gradient_decay(task_.values()) : 0);
    const LanczosResult result =
        certify_spectrum<Tensor>(hessian, {kEdgeGap, kEdgeConfidence, kEdgeProducts, options_.seed, options_.progress});
    if (result.interrupted) throw Interrupted();
    edge_products_ += static_cast<long>(result.products);
    const auto at = [&](double lambda) {
      return std::isfinite(lambda) && lambda > 0 ? stability_edge(optimizer, task_.values(), lambda) : std::nullopt;
    };
    return {at(result.extremes.largest.upper), at(result.extremes.largest.lower)};
  }

  /// P of the gradients at the start: the weights stay there.
  Tensor warmed_up_preconditioner() {
    Tensor x = task_.start(options_.seed).clone();
    TensorOptimizer optimizer(task_.optimizer(), task_.values(), x);
    Batches batches(task_.training().examples(), options_.batch_size, options_.seed);
    for (long i = 0; i < kTuneWarmSteps; ++i)
      optimizer.step(kTuneWarmRate, x, batches.next_gradient(task_.training()).gradient);
    return optimizer.preconditioner();
  }

  /// The result of a run of that rate's first `steps` steps; none where the budget does not pay for it.
  std::optional<Trial> evaluate(int k, std::uint64_t seed, long warmup, long steps, const std::string& purpose) {
    Place& place = places_[{k, seed, warmup}];
    if (place.last && (place.last->steps >= steps || fails(*place.last))) {
      for (const Trial& t : answer_.trials)
        if (t.lr == rate(k) && t.seed == seed && t.warmup_steps == warmup && t.steps == steps) return t;
      return place.last;
    }
    const long made = place.last ? place.last->steps : 0;
    const std::int64_t most =
        task_.steps_cost(steps - made) + task_.looks_cost(made, steps) + task_.judging_cost(steps);
    if (!budget_.affords(most + reserve_)) return std::nullopt;
    Trial wanted;
    wanted.lr = rate(k);
    wanted.seed = seed;
    wanted.warmup_steps = warmup;
    wanted.steps = steps;
    std::optional<Trial> result = state_.find(wanted);
    if (!result) {
      stage(fmt::format("{} {} to step {}, seed {}", purpose, format_number(rate(k), 3), steps, seed));
      if (!place.run) {
        place.run = std::make_unique<TrialRun>(task_, rate(k), seed, warmup);
        if (made > 0) place.run->train_to(made);  // carried on from a state file: made again up to there
      }
      result = place.run->train_to(steps);
      state_.add(*result, steps);
    }
    if (result->units > most) throw InputError("--state: " + options_.state + ": is damaged; name a new file");
    result->purpose = purpose;
    budget_.spend(result->units);
    place.last = result;
    if (fails(*result)) place.run.reset();
    answer_.trials.push_back(*result);
    return result;
  }

  /// A rate that trains, and half an octave above it one that does not; or the rate from which the loss of short runs
  /// only rises. Then downwards, until the loss of short runs only rises that way too.
  void find_limit() {
    const Interval& edge = answer_.edge.lr;
    // Where the loss is saturated the curvature is still to come: no step beyond Polyak's, loss / |gradient|^2, which
    // goes to zero loss where the loss is linear (Polyak, Introduction to Optimization, 1987; all losses here are at
    // least 0).
    std::optional<double> first = polyak_rate_;
    if (edge.upper)
      first = std::min(first.value_or(INFINITY),
                       kBelowEdge * (edge.lower ? std::sqrt(*edge.lower * *edge.upper) : *edge.upper));
    first_rate_ = first.value_or(kUsualStart);
    std::map<int, double> losses;
    const auto good = [&](int k) -> std::optional<bool> {
      const auto trial = evaluate(k, options_.seed, 0, bracket_steps_, "bracket");
      if (!trial) return std::nullopt;
      if (works(*trial)) losses[k] = *trial->loss;
      return works(*trial);
    };
    const auto best = [&] {
      return std::min_element(losses.begin(), losses.end(),
                              [](const auto& a, const auto& b) { return a.second < b.second; })
          ->first;
    };
    const auto may_go_on = [&] { return budget_.affords(budget_.limit() / 2); };  // never all of it for the bracket
    constexpr int kMost = kMostOctaves * kOctave;
    // Downwards in strides that double: the edge at the start may be far too high, where curvature is still to come.
    int k = 0;
    std::optional<bool> now = good(k);
    for (int stride = kOctave; now == false && k > -kMost && may_go_on(); stride *= 2) now = good(k -= stride);
    if (now != true) return;
    int works_at = k;
    const auto lost = lowest_that_fails();
    int fails_at = lost.value_or(kMost);
    while (!lost && works_at < kMost && works_at - best() < 2 * kOctave && may_go_on()) {
      now = good(k = works_at + kOctave);
      if (now != true) break;
      works_at = k;
    }
    if (!lost && now == false) fails_at = k;
    while (fails_at < kMost && fails_at - works_at > kOctave / 2 && may_go_on()) {
      const int middle = works_at + (fails_at - works_at) / 2;
      now = good(middle);
      if (!now) break;
      (*now ? works_at : fails_at) = middle;
    }
    highest_that_works_ = works_at;
    for (int low = losses.begin()->first - kOctave; low > best() - 2 * kOctave && may_go_on(); low -= kOctave)
      if (!good(low)) break;
  }

  /// The lowest rate that was lost, or did not learn where a lower one did; with any seed.
  std::optional<int> lowest_that_fails() const {
    std::optional<double> trains;
    for (const Trial& t : answer_.trials)
      if (works(t) && t.warmup_steps == 0) trains = std::min(trains.value_or(t.lr), t.lr);
    std::optional<int> lowest;
    for (const auto& [key, place] : places_) {
      const auto& [k, seed, warmup] = key;
      if (warmup > 0 || !place.last) continue;
      const bool lost = fails(*place.last) || (!works(*place.last) && trains && *trains < place.last->lr);
      if (lost) lowest = std::min(lowest.value_or(k), k);
    }
    return lowest;
  }

  /// The rates that still compete, after so many steps of the first seed: by loss, the lowest first.
  std::vector<int> ranked(const std::vector<int>& rates, long steps, const std::string& purpose) {
    std::vector<std::pair<double, int>> results;
    for (const int k : rates)
      if (const auto trial = evaluate(k, options_.seed, 0, steps, purpose); trial && works(*trial))
        results.push_back({trial->mean_loss.value_or(*trial->loss), k});
    std::sort(results.begin(), results.end());
    std::vector<int> order;
    for (const auto& [loss, k] : results) order.push_back(k);
    if (results.size() >= 2) {
      losses_.clear();
      for (const auto& [loss, k] : results) losses_[k] = loss;
      if (results.size() >= 3) valley_losses_ = losses_, valley_steps_ = steps;
    }
    return order;
  }

  void halve() {
    reserve_ = task_.steps_cost(options_.steps) * 7 / 8 + task_.judging_cost();
    const Trial* least = nullptr;
    for (const Trial& t : answer_.trials)
      if (works(t) && (!least || *t.loss < *least->loss)) least = &t;
    const int best = grid_place(least->lr);
    // Longer runs want rates that are lower, seldom higher: more candidates below.
    std::vector<int> rates;
    for (const int step : {kOctave / 2, 0, -kOctave / 2, -kOctave})
      if (best + step <= *highest_that_works_) rates.push_back(best + step);
    std::vector<int> order = ranked(rates, part(8), "candidate");
    while (rates.size() < 8) {
      const int lowest = *std::min_element(rates.begin(), rates.end());
      if (!order.empty() && order.front() > lowest) break;
      rates.push_back(lowest - kOctave);
      const std::vector<int> again = ranked(rates, part(8), "candidate");
      if (again.size() <= order.size()) break;
      order = again;
    }
    if (order.size() > 2) order.resize(2);
    reserve_ = task_.steps_cost(options_.steps) * 3 / 4 + task_.judging_cost();
    if (const auto longer = ranked(order, part(4), "candidate"); !longer.empty()) order = longer;
    best_ = order;
  }

  int grid_place(double lr) const { return static_cast<int>(std::lround(kOctave * std::log2(lr / first_rate_))); }

  /// Of the two best rates the higher one, and one a margin above it, must work with the other seeds too; else lower
  /// ones are asked. For an eighth of the horizon where the budget pays for that and for both to the end, else for as
  /// long as the bracket's runs.
  void check_seeds() {
    if (best_.empty()) return;
    const long eighth = part(8);
    const std::int64_t finals = 2 * (task_.steps_cost(options_.steps - part(4)) + 2 * task_.judging_cost());
    const std::int64_t others = (options_.seeds - 1) * (task_.steps_cost(eighth) + task_.judging_cost(eighth));
    const long steps = budget_.affords(finals + others) ? eighth : bracket_steps_;
    int k = *std::max_element(best_.begin(), best_.end());
    const auto holds = [&] {
      if (const auto lost = lowest_that_fails(); lost && k + kMargin >= *lost) return false;
      for (long s = 1; s < options_.seeds; ++s) {
        const auto trial = evaluate(k + kMargin, options_.seed + static_cast<std::uint64_t>(s), 0, steps, "other seed");
        if (!trial) return true;  // as far as the budget goes
        if (!works(*trial)) return false;
      }
      return true;
    };
    for (int tries = 0; tries < 2 * kOctave && !holds(); ++tries) k -= kMargin;
    const std::size_t asked = best_.size();
    std::erase_if(best_, [&](int other) { return other > k; });
    if (best_.size() < asked && std::find(best_.begin(), best_.end(), k) == best_.end()) best_.insert(best_.begin(), k);
  }

  /// Of those as good as the best, the lowest.
  int preferred() const {
    int chosen = best_.front();
    const auto known = losses_.find(chosen);
    if (known == losses_.end()) return chosen;
    for (const int k : best_)
      if (const auto found = losses_.find(k); found != losses_.end() && found->second <= known->second * (1 + kFlat))
        chosen = std::min(chosen, k);
    return chosen;
  }

  /// The better of two goes on to the horizon, and the other one too where the budget pays for it; where the held-out
  /// loss has turned, a lower rate that is where it turned only then.
  void finish() {
    if (best_.empty()) return;
    const auto keep_one = [&](int k, long steps) {
      const auto trial = evaluate(k, options_.seed, 0, steps, "finalist");
      if (trial && works(*trial) && steps == options_.steps) final_[k] = *trial;
      return trial;
    };
    reserve_ = task_.steps_cost(options_.steps) / 2 + task_.judging_cost();
    if (!slower_rate()) keep_one(preferred(), part(2));
    reserve_ = 0;
    if (const auto slower = slower_rate()) {
      if (beyond_edge(*slower)) keep_one(*slower, warmup_trial());  // to be held against one with warmup
      const auto trial = keep_one(*slower, options_.steps);
      if (trial && works(*trial)) {
        best_ = {*slower};
        return;
      }
    }
    reserve_ = task_.steps_cost(options_.steps) / 2 + task_.judging_cost();
    if (const auto order = ranked(best_, part(2), "finalist"); !order.empty()) best_ = order;
    reserve_ = 0;
    int k = preferred();
    std::optional<Trial> last = keep_one(k, options_.steps);
    if (beyond_edge(k)) reserve_ = warmup_cost();
    for (const int other : best_) keep_one(other, options_.steps);
    reserve_ = 0;
    while (final_.empty() && last && !works(*last))
      last = keep_one(k -= kOctave, options_.steps);  // lost late: lower, while it can be paid
    if (final_.empty()) {
      best_ = {k};
      return;
    }
    // The lowest rate, and a higher one only where it is clearly better.
    best_ = {final_.begin()->first};
    for (const auto& [other, trial] : final_)
      if (*trial.loss < *final_.at(best_.front()).loss * (1 - kFlat)) best_ = {other};
  }

  /// Where the held-out loss of a competing rate was lower earlier in its run, though the training loss fell on: the
  /// rate whose run is there only at the horizon, since along a steady descent what counts is rate times steps. From
  /// the lowest such rate, the nearest to the answer. None with batches, where the loss goes up and down anyway.
  std::optional<int> slower_rate() const {
    for (const auto& [k, loss] : losses_) {
      const Trial* last = nullptr;
      std::optional<Trial::Look> lowest;
      bool steady = task_.look_every() > 0;
      for (const Trial& t : answer_.trials) {
        if (t.lr != rate(k) || t.seed != options_.seed || t.warmup_steps > 0 || !t.lowest) continue;
        steady = steady && t.steady;
        if (!lowest || t.lowest->loss < lowest->loss) lowest = t.lowest;
        last = &t;
      }
      if (!steady || !last || *last->loss <= lowest->loss * (1 + kTurn) ||
          *last->training_loss >= lowest->training_loss)
        continue;
      const double share = static_cast<double>(lowest->step) / static_cast<double>(options_.steps);
      return k + static_cast<int>(std::lround(kOctave * std::log2(share)));
    }
    return {};
  }

  /// Whether the first steps at that rate are beyond the edge at the start.
  bool beyond_edge(int k) const { return !answer_.edge.lr.lower || rate(k) > *answer_.edge.lr.lower; }

  std::int64_t warmup_edges_cost() const {
    return answer_.edge_examples == 0
               ? 0
               : task_.steps_cost(bracket_steps_) + kWarmupLooks * kUnitsOfEdge * warmup_examples();
  }
  std::int64_t warmup_cost() const {
    return warmup_edges_cost() + task_.steps_cost(warmup_trial()) + task_.looks_cost(0, warmup_trial()) +
           task_.judging_cost(warmup_trial());
  }
  long warmup_trial() const { return std::min(options_.steps, std::max(part(4), 2 * bracket_steps_)); }
  std::int64_t warmup_examples() const {
    return std::max<std::int64_t>(kLeastEdgeExamples, answer_.edge_examples / kWarmupLooks);
  }

  /// How the edge moves while the rate rises to `lr` over as many steps as the bracket's runs have.
  void follow_edge(double lr) {
    if (answer_.edge_examples == 0 || !budget_.affords(warmup_cost())) return;
    stage("edge along a warmup");
    budget_.spend(warmup_edges_cost());
    answer_.budget.edge += warmup_edges_cost();
    Tensor x = task_.start(options_.seed).clone();
    TensorOptimizer optimizer(task_.optimizer(), task_.values(), x);
    Batches batches(task_.training().examples(), options_.batch_size, options_.seed);
    task_.training().set_parameters(x);
    ModelObjective f = objective_on(warmup_examples());
    for (long step = 1; step <= bracket_steps_; ++step) {
      const double factor = schedule_factor(options_.schedule, step - 1, options_.steps, bracket_steps_);
      optimizer.step(lr * factor, x, batches.next_gradient(task_.training()).gradient);
      if (!x.isfinite().all().item<bool>()) return;
      task_.training().set_parameters(x);
      report_progress(options_.progress, static_cast<double>(step) / static_cast<double>(bracket_steps_));
      for (int look = 1; look <= kWarmupLooks; ++look) {  // the last at the end, each one before at half as many steps
        if (step != bracket_steps_ >> (kWarmupLooks - look)) continue;
        f.set_parameters(x);
        answer_.warmup_edges.push_back(
            {step, edge_at(f, task_.optimizer().preconditioner ? optimizer.preconditioner() : Tensor())});
      }
    }
  }

  /// None below the edge. Else for as long as the edge takes to rise above the rate, where a run with warmup does
  /// better than one without.
  void try_warmup() {
    if (best_.empty()) return;
    const int k = best_.front();
    if (!beyond_edge(k)) {
      answer_.warmup_steps = 0;
      answer_.warmup_reason = "the rate is below the edge at the start: the first steps are stable as they are";
      return;
    }
    follow_edge(rate(k));
    long warmup = bracket_steps_;
    std::string edges;
    for (const Tuning::EdgeThen& then : answer_.warmup_edges) {
      if (then.lr.lower && rate(k) <= *then.lr.lower) {
        warmup = then.step;
        edges = fmt::format("along a warmup the edge is above the rate after {} steps; ", then.step);
        break;
      }
      edges = fmt::format("along a warmup the edge stays below the rate for {} steps; ", then.step);
    }
    const auto without = evaluate(k, options_.seed, 0, warmup_trial(), "warmup");
    const long steps =
        without && works(*without) ? without->steps : warmup_trial();  // as long as the run that there is
    const auto with = evaluate(k, options_.seed, warmup, steps, "warmup");
    if (!without || !with) {
      answer_.warmup_reason = edges + "the budget did not pay for a run with warmup";
      return;
    }
    const bool helps = works(*with) && (!works(*without) || *with->loss < *without->loss * (1 - kWarmupHelps));
    answer_.warmup_steps = helps ? warmup : 0;
    answer_.warmup_reason =
        edges + (works(*with)
                     ? fmt::format("measured: after {} steps the loss is {} with {} steps of warmup, {} without", steps,
                                   format_number(*with->loss, 3), warmup,
                                   without->loss ? format_number(*without->loss, 3) : "lost")
                     : fmt::format("measured: with {} steps of warmup the run does not train", warmup));
    if (!helps) return;
    const auto last = evaluate(k, options_.seed, warmup, options_.steps, "finalist");
    if (last && works(*last)) final_[k] = *last;
  }

  /// A parabola through log loss against log2 lr, around the best; the rates within the tolerance of its least value.
  /// Where longer runs moved the recommendation out of those, its width around the recommendation.
  void fit_valley() {
    if (valley_losses_.size() < 3) return;
    const auto n = static_cast<Eigen::Index>(valley_losses_.size());
    Eigen::MatrixXd a(n, 3);
    Eigen::VectorXd b(n);
    Eigen::Index i = 0;
    for (const auto& [k, loss] : valley_losses_) {
      a.row(i) << 1, k, k * k;
      b(i++) = std::log(std::max(loss, 1e-300));
    }
    const Eigen::Vector3d c = a.colPivHouseholderQr().solve(b);
    const double low = valley_losses_.begin()->first, high = valley_losses_.rbegin()->first;
    if (!c.allFinite()) return;
    Tuning::Valley valley;
    valley.steps = valley_steps_;
    double best = INFINITY, from = INFINITY, to = -INFINITY;
    const auto at = [&](double k) { return c(0) + c(1) * k + c(2) * k * k; };
    constexpr int kPoints = 64;
    for (int j = 0; j <= kPoints; ++j) best = std::min(best, at(low + (high - low) * j / kPoints));
    for (int j = 0; j <= kPoints; ++j) {
      const double k = low + (high - low) * j / kPoints;
      valley.points.push_back({first_rate_ * std::exp2(k / kOctave), std::exp(at(k))});
      if (at(k) > best + std::log1p(kLossTolerance)) continue;
      from = std::min(from, k);
      to = std::max(to, k);
    }
    answer_.valley = valley;
    const double chosen = best_.front(), width = std::max(to - from, 2 * kLeastHalfWidth);
    if (chosen < from || chosen > to) from = chosen - width / 2, to = chosen + width / 2;
    from = std::min(from, chosen - kLeastHalfWidth);
    to = std::max(to, chosen + kLeastHalfWidth);
    // Not beyond what every seed that was tried could take.
    const double low_end = first_rate_ * std::exp2(from / kOctave), high_end = first_rate_ * std::exp2(to / kOctave);
    const double most = answer_.trainable.lr.lower.value_or(INFINITY);
    if (low_end < most) answer_.lr_interval = {{low_end, std::min(high_end, most)}};
  }

  void recommend() {
    Interval& limit = answer_.trainable.lr;
    answer_.trainable.steps = bracket_steps_;
    if (highest_that_works_) {
      const auto lost = lowest_that_fails();
      double up_to = 0;
      for (const Trial& t : answer_.trials)
        if (works(t) && (!lost || t.lr < rate(*lost))) up_to = std::max(up_to, t.lr);
      if (up_to > 0) limit.lower = up_to;
      if (lost) limit.upper = rate(*lost);
    }
    if (!limit.lower)
      answer_.trainable.reason = "no run trained";
    else if (!limit.upper)
      answer_.trainable.reason = "no rate that was tried failed";
    if (best_.empty() || (answer_.partial && losses_.empty())) {
      answer_.lr_recommended_reason = answer_.expected_loss_reason = answer_.warmup_reason =
          answer_.partial ? "interrupted before it was known" : "no rate trained: nothing can be recommended";
      return;
    }
    fit_valley();
    answer_.lr_recommended = rate(best_.front());
    const auto last = final_.find(best_.front());
    if (last == final_.end()) {
      answer_.expected_loss_reason = "the budget did not pay for a run to the horizon";
    } else {
      answer_.expected_loss = last->second.loss;
      answer_.expected_loss_warmup_steps = last->second.warmup_steps;
      find_spread();
    }
    if (!answer_.warmup_steps && answer_.warmup_reason.empty()) answer_.warmup_reason = "not reached";
  }

  /// The seeds' relative spread in the longest runs that several seeds made at one rate, carried over to the horizon's
  /// loss.
  void find_spread() {
    std::map<std::pair<long, double>, std::vector<double>> logs_by_run;  // by steps and rate
    for (const Trial& t : answer_.trials)
      if (t.loss && t.warmup_steps == 0 && works(t)) logs_by_run[{t.steps, t.lr}].push_back(std::log(*t.loss));
    for (const auto& [run, logs] : logs_by_run) {
      if (logs.size() < 2) continue;
      double mean = 0, squares = 0;
      for (const double x : logs) mean += x / static_cast<double>(logs.size());
      for (const double x : logs) squares += (x - mean) * (x - mean);
      const double spread = *answer_.expected_loss * std::sqrt(squares / static_cast<double>(logs.size() - 1));
      if (run.first > answer_.expected_loss_spread_steps) answer_.expected_loss_spread.reset();
      answer_.expected_loss_spread_steps = run.first;
      answer_.expected_loss_spread = std::max(answer_.expected_loss_spread.value_or(0), spread);
    }
  }

  struct Place {
    std::unique_ptr<TrialRun> run;
    std::optional<Trial> last;
  };
  TuningTask& task_;
  const TuneOptions& options_;
  Budget budget_;
  TuneState state_;
  const long bracket_steps_;
  double first_rate_ = kUsualStart;
  std::optional<double> polyak_rate_;
  std::map<std::tuple<int, std::uint64_t, long>, Place> places_;  ///< by place on the grid, seed, warmup
  std::optional<int> highest_that_works_;
  std::int64_t reserve_ = 0;                      ///< what must be left for the winner
  std::map<int, double> losses_, valley_losses_;  ///< of the rates that compete, after the same number of steps
  long valley_steps_ = 0, edge_products_ = 0;
  std::vector<int> best_;  ///< the rates that still compete, the best first
  std::map<int, Trial> final_;
  Tuning answer_;
};

}  // namespace

Tuning tune(const TuneRequest& request) {
  const TuneOptions& options = request.options;
  check_options(options);
  try {
    TuningTask task(request);
    return Tuner(request, task).run();
  } catch (const InputError&) {
    throw;
  } catch (const std::exception& e) {
    if (!out_of_memory(e)) throw;
  }
  const Dataset data = load_data(request.data);
  const LossSpec& loss = find_loss(request.loss, data);
  const Network network = make_network(request.model, data, loss, options.seed);
  throw does_not_fit(network, data, loss, {options.chunk, find_type(options.dtype), find_device(options.device), {}},
                     "--batch-size");
}

}  // namespace etamax
