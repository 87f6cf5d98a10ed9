#include "etamax/model/analyze.h"

#include <fmt/format.h>

#include <cmath>

#include "etamax/core/cost_meter.h"
#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/model/answer.h"
#include "etamax/model/culprits.h"
#include "etamax/model/mini_batch.h"
#include "etamax/model/sampling.h"
#include "etamax/model/tensor_space.h"
#include "etamax/model/training.h"
#include "etamax/spectrum/lanczos.h"
#include "etamax/spectrum/track.h"

namespace etamax {
namespace {

using torch::Tensor;

constexpr double kWarmRate = 1e-6;
constexpr double kEstimateTolerance = 1e-3;  // of the residual, where no confidence is asked for

void check(const AnalyzeOptions& o, const OptimizerSpec& optimizer) {
  const auto refuse = refuse_option;
  if (o.lr && !(*o.lr > 0 && std::isfinite(*o.lr))) refuse("lr", format_number(*o.lr), "a positive finite number");
  if (o.confidence && !(*o.confidence > 0 && *o.confidence < 1))
    refuse("confidence", format_number(*o.confidence), "between 0 and 1, or none");
  if (!(o.gap > 0 && o.gap < 1)) refuse("gap", format_number(o.gap), "between 0 and 1");
  if (o.batch_size < 0) refuse("batch-size", std::to_string(o.batch_size), "a positive whole number");
  if (o.samples < 0) refuse("samples", std::to_string(o.samples), "a positive whole number");
  if (o.chunk < 1) refuse("chunk", std::to_string(o.chunk), "a positive whole number");
  if (o.steps < 0 || (o.steps > 0 && o.steps < 4)) refuse("steps", std::to_string(o.steps), "0, or at least 4");
  if (optimizer.preconditioner && o.warm_steps < 1)
    refuse("warm-steps", std::to_string(o.warm_steps), "at least 1, which " + optimizer.name + " needs");
}

/// One analysis at work: what its stages share.
class Analyst {
 public:
  Analyst(const Network& network, const Dataset& all, const LossSpec& loss, const AnalyzeOptions& options,
          const Checkpoint* checkpoint)
      : options_(options),
        optimizer_(find_optimizer(options.optimizer)),
        values_(hyperparameter_values(optimizer_, options.settings)),
        loss_(loss),
        network_(network),
        checkpoint_(checkpoint) {
    check(options, optimizer_);
    objective_options_ = {options.chunk, find_type(options.dtype), find_device(options.device), {}};
    all_ = all;
    if (options.standardize) standardize(all_);
    data_ = take(all_);
    if (options.batch_size > data_.examples())
      throw InputError(
          fmt::format("--batch-size: {} is more than the {} examples", options.batch_size, data_.examples()));
    decay_ = optimizer_.gradient_decay ? optimizer_.gradient_decay(values_) : 0;
  }

  Analysis run() {
    const CostMeter meter;
    ModelObjective f(network_, data_, loss_, objective_options_);
    describe(f);
    load_state(f);
    try {
      start(f);
      main_curvature(f);
      if (options_.samples > 0 && options_.samples < all_.examples()) {
        stage("sampling error");
        answer_.sampling = sampling_error(network_, all_, loss_, objective_options_, options_.samples,
                                          options_.seed + 1, options_.progress, answer_.cost);
      }
      if (batched() || options_.culprits) along_top_eigenvector(f);
      if (options_.steps > 0) measure(f);
    } catch (const Interrupted&) {
      answer_.partial = true;
    }
    conclude(answer_, optimizer_, values_, options_.lr);
    answer_.cost.gradients += f.cost().gradients;
    answer_.cost.hvps += f.cost().hvps;
    answer_.cost.forwards += f.cost().forwards;
    meter.read(answer_.cost);
    return std::move(answer_);
  }

 private:
  struct Top {
    Curvature curvature;
    StabilityEdge edge;
    Tensor v;  ///< the unit top Ritz vector, in the operator's space; undefined where it was not asked for
    Tensor p;  ///< the preconditioner, if any
    double rate_factor = 1;
    bool interrupted = false;  ///< in the middle of the bounds, which are good as far as they go
  };

  Dataset take(const Dataset& data) const {
    return take_rows(data, sample_rows(data.examples(), options_.samples, options_.seed));
  }
  bool batched() const { return options_.batch_size > 0 && options_.batch_size < data_.examples(); }
  void stage(const std::string& name) const {
    if (options_.stage) options_.stage(name);
  }

  void describe(const ModelObjective& f) {
    answer_.model = network_.name;
    answer_.data = all_.name;
    answer_.loss = loss_.name;
    answer_.optimizer = optimizer_.name;
    answer_.device = options_.device;
    answer_.dtype = options_.dtype;
    answer_.hyperparameters = shown_settings(optimizer_, values_);
    answer_.parameters = static_cast<long>(f.dim());
    answer_.examples = data_.examples();
    answer_.of_examples = all_.examples();
    answer_.frozen = f.frozen();
    answer_.unused = f.unused();
    answer_.batch_size = batched() ? options_.batch_size : data_.examples();
    if (options_.standardize)
      answer_.notes.push_back("the inputs are standardised: each column less its mean, over its deviation");
    if (!network_.buffers.empty() && f.chunk() < f.examples())
      answer_.notes.push_back(fmt::format("batch statistics are those of chunks of {} examples", f.chunk()));
  }

  /// The loss and its gradient at the start. Both must be finite: whatever is not has nothing to do with a
  /// learning rate.
  void start(ModelObjective& f) {
    const Tensor losses = f.example_losses().to(torch::kDouble).cpu();
    if (const Tensor bad = losses.isfinite().logical_not().nonzero(); bad.size(0) > 0) {
      const int64_t row = bad[0][0].item<int64_t>();
      throw InputError(fmt::format(
          "--model: before any step the loss of example {} is {} ({} of {} examples are not finite): not a matter "
          "of the learning rate; look at its inputs and the weights",
          row + 1, losses[row].item<double>(), bad.size(0), losses.size(0)));
    }
    losses_ = losses;
    answer_.loss_value = losses.mean().item<double>();
    answer_.chance_loss = loss_.chance(data_.targets);
    const Tensor g = f.gradient();
    for (const ParameterBlock& block : f.blocks())
      if (!g.slice(0, block.from, block.to).isfinite().all().item<bool>())
        throw InputError(
            fmt::format("--model: before any step the gradient of {} is not finite, though the loss is: not a "
                        "matter of the learning rate",
                        block.name));
    answer_.gradient_norm = std::sqrt(Space<Tensor>::dot(g, g));
  }

  void load_state(const ModelObjective& f) {
    if (!checkpoint_) return;
    const auto saved = saved_state(*checkpoint_, network_, f.blocks(), optimizer_, values_);
    if (!saved) return;
    state_.emplace(optimizer_, values_, torch::empty({answer_.parameters}, f.vector_options()));
    std::vector<Tensor> vectors;
    for (int i = 0; i < optimizer_.state_vectors; ++i)
      vectors.push_back(saved->state.slice(0, i * answer_.parameters, (i + 1) * answer_.parameters));
    state_->set_state(vectors, saved->step);
    answer_.notes.push_back(fmt::format("the optimizer's state is the checkpoint's, after {} steps", saved->step));
    for (const auto& [name, value] : checkpoint_->settings)
      if (const double ours = hyperparameter(optimizer_, values_, name, value); ours != value)
        answer_.notes.push_back(fmt::format("the checkpoint was made with {} = {}, not {}", name, format_number(value),
                                            format_number(ours)));
  }

  /// The optimizer after some steps at a rate that hardly moves the weights.
  TensorOptimizer warmed_up(ModelObjective& f) const {
    const KeepParameters keep(f);
    Tensor x = keep.parameters().clone();
    TensorOptimizer optimizer(optimizer_, values_, x);
    Batches batches(f.examples(), options_.batch_size, options_.seed);
    for (long i = 0; i < options_.warm_steps; ++i) {
      optimizer.step(kWarmRate, x, batches.next_gradient(f).gradient);
      f.set_parameters(x);
      report_progress(options_.progress, 0);
    }
    return optimizer;
  }

  /// The bounds that were asked for, or the point estimate.
  LanczosResult spectrum_of(PreconditionedHessian& hessian, Curvature& found, std::vector<Tensor>* basis,
                            std::size_t keep) const {
    constexpr std::size_t kMostProducts = 200;
    LanczosResult result;
    if (!options_.confidence) {
      const EigenvalueEstimate estimate = estimate_largest<Tensor>(
          hessian, {kEstimateTolerance, kMostProducts, options_.seed, options_.progress}, basis, keep);
      result.coefficients = estimate.coefficients;
      result.products = estimate.products;
      found.lambda_max.lower = estimate.value;
      found.lambda_min.upper = ritz_values(estimate.coefficients).front();
      found.reached_gap = estimate.reached_tolerance;
      return result;
    }
    result = certify_spectrum<Tensor>(
        hessian, {options_.gap, *options_.confidence, kMostProducts, options_.seed, options_.progress}, basis, keep);
    const auto known = [](double x) { return std::isfinite(x) ? std::optional(x) : std::nullopt; };
    const CertifiedExtremes& e = result.extremes;
    found.lambda_max = {known(e.largest.lower), known(e.largest.upper)};
    found.lambda_min = {known(e.smallest.lower), known(e.smallest.upper)};
    found.confidence = options_.confidence;
    found.reached_gap = result.reached_gap;
    return result;
  }

  bool preconditioned() const { return optimizer_.preconditioner && optimizer_.recurrence; }

  /// By which the Hessian is divided; nothing where there is no optimizer.
  Top operator_of(const TensorOptimizer* optimizer) const {
    Top top;
    if (!optimizer) return top;
    top.p = optimizer->preconditioner();
    if (optimizer_.rate_factor) top.rate_factor = optimizer_.rate_factor(values_, optimizer->steps());
    return top;
  }

  PreconditionedHessian hessian_of(ModelObjective& f, const Top& top) const {
    // The decay is part of the curvature that P divides; without P it is added to the eigenvalue.
    return PreconditionedHessian(f, top.p, top.p.defined() ? decay_ : 0);
  }

  Top curvature_of(ModelObjective& f, bool want_vector) const {
    if (!preconditioned()) return curvature_of(f, Top(), want_vector);
    const TensorOptimizer optimizer = state_ ? *state_ : warmed_up(f);
    Top top = operator_of(&optimizer);
    top.curvature.preconditioner =
        state_ ? fmt::format("from the checkpoint, after {} steps", optimizer.steps())
               : fmt::format("from {} steps at learning rate {}", optimizer.steps(), format_number(kWarmRate));
    return curvature_of(f, std::move(top), want_vector);
  }

  Top curvature_of(ModelObjective& f, Top top, bool want_vector) const {
    PreconditionedHessian hessian = hessian_of(f, top);
    std::vector<Tensor> basis;
    const LanczosResult result = spectrum_of(hessian, top.curvature, &basis,
                                             want_vector ? basis_vectors_to_keep(f.dim(), f.vector_options()) : 0);
    top.curvature.hvps = static_cast<long>(result.products);
    top.edge = edge_of(top);
    top.interrupted = result.interrupted;
    if (want_vector && !top.interrupted)
      top.v = top_ritz_vector<Tensor>(hessian, result.coefficients, options_.seed, basis);
    return top;
  }

  StabilityEdge edge_of(const Top& top) const {
    StabilityEdge edge;
    if (!optimizer_.recurrence) {
      edge.reason = optimizer_.no_recurrence_reason;
      return edge;
    }
    edge.formula =
        optimizer_.edge_formula ? optimizer_.edge_formula(values_) : "where the recurrence's spectral radius is 1";
    const double decay = top.p.defined() ? 0 : decay_;
    const auto at = [&](std::optional<double> lambda) -> std::optional<double> {
      if (!lambda) return std::nullopt;
      const auto lr = stability_edge(optimizer_, values_, *lambda + decay);
      return lr ? std::optional(*lr / top.rate_factor) : std::nullopt;
    };
    edge.lr = {at(top.curvature.lambda_max.upper), at(top.curvature.lambda_max.lower)};
    if (!edge.lr.upper && top.curvature.lambda_max.lower)
      edge.reason = "no direction is known to curve upwards: curvature sets no limit here";
    return edge;
  }

  void main_curvature(ModelObjective& f) {
    stage("curvature");
    top_ = curvature_of(f, batched() || options_.culprits);
    answer_.curvature = top_.curvature;
    answer_.edge = top_.edge;
    if (top_.interrupted) throw Interrupted();
  }

  void along_top_eigenvector(ModelObjective& f) {
    stage("layers and examples");
    PreconditionedHessian hessian = hessian_of(f, top_);
    const Tensor direction = hessian.in_parameters(top_.v);
    const Tensor curvatures = f.example_curvatures(direction).cpu();
    if (batched()) {
      // Decay's share of the curvature along a direction u of the parameters is d |u|^2.
      const double decay = decay_ * Space<Tensor>::dot(direction, direction);
      answer_.mini_batch = mini_batch_edge(
          f, curvatures, {optimizer_, values_, options_.batch_size, top_.rate_factor, decay, options_.seed});
    }
    if (!options_.culprits) return;
    answer_.culprits.layers = guilty_layers(f, hessian, top_.v, options_.seed, options_.progress);
    add_guilty_examples(answer_.culprits, curvatures, losses_);
    if (options_.standardize) return;
    answer_.culprits.inputs = dominating_inputs(data_);
    if (answer_.culprits.inputs.empty()) return;
    stage("standardised inputs");
    Dataset standardised = data_;
    standardize(standardised);
    ModelObjective g(network_, standardised, loss_, objective_options_);
    const Top top = curvature_of(g, false);
    if (top.interrupted) throw Interrupted();
    answer_.culprits.standardized_lambda_max = top.curvature.lambda_max;
    answer_.culprits.standardized_edge = top.edge;
    answer_.cost.hvps += g.cost().hvps;
    answer_.cost.gradients += g.cost().gradients;
  }

  void measure(ModelObjective& f) {
    stage("runs");
    TrainingOptions training{optimizer_,          values_,
                             options_.batch_size, options_.steps,
                             options_.seed,       answer_.loss_value,
                             answer_.chance_loss, state_ ? &*state_ : nullptr,
                             options_.progress};
    const Interval& edge = answer_.edge.lr;
    constexpr double kUsualRate = 1e-3;  // to begin with, where no edge is known
    double around = kUsualRate;
    if (edge.lower && edge.upper)
      around = std::sqrt(*edge.lower * *edge.upper);
    else if (edge.upper)
      around = *edge.upper;
    std::vector<double> also;
    if (options_.lr) also.push_back(*options_.lr);
    answer_.trainable = find_largest_trainable(f, around, also, training, answer_.runs);
    if (options_.culprits) follow_failure(f, training);
  }

  /// The edge at the first weights says nothing of a run that fails below it; the edge along that run does. It is
  /// followed from above, by a few products for each look, and certified where it has fallen below the rate.
  void follow_failure(ModelObjective& f, TrainingOptions training) {
    const Interval& known = answer_.edge.lr;
    const std::optional<double> lr = answer_.trainable.lr.upper, edge = known.lower ? known.lower : known.upper;
    if (!lr || !edge || *lr >= *edge) return;
    if (answer_.mini_batch && answer_.mini_batch->lr && *lr > *answer_.mini_batch->lr) return;
    stage("the run that fails below the edge");
    FailingRun& failing = answer_.failing.emplace();
    failing.lr = *lr;
    failing.looks.push_back({0, answer_.loss_value, answer_.edge.lr});
    TrackOptions track;
    track.products = 2;
    track.lost = 0.5;  // what is found is a bound, however far the vector has gone astray
    track.seed = options_.seed;
    track.progress = options_.progress;
    EigenvalueTracker<Tensor> tracker(track);
    training.observer = [&](long step, const TensorOptimizer& optimizer) {
      if (step < next_look(failing.looks.back().step)) return true;
      const double loss = f.loss();
      if (!std::isfinite(loss)) return false;
      Top top = operator_of(preconditioned() ? &optimizer : nullptr);
      PreconditionedHessian hessian = hessian_of(f, top);
      const auto look = tracker.look(hessian);
      failing.hvps += static_cast<long>(look.products);
      top.curvature.lambda_max.lower = look.value;
      if (const auto highest = edge_of(top).lr.upper; highest && *highest < *lr) {
        top = curvature_of(f, std::move(top), true);
        if (top.interrupted) throw Interrupted();
        Interval& found = top.curvature.lambda_max;
        found.lower = std::max(found.lower.value_or(look.value), look.value);  // both hold
        failing.hvps += top.curvature.hvps;
        failing.layer = layer_shares(f, top.v).front();
        failing.crossed = step;
      }
      failing.looks.push_back({step, loss, edge_of(top).lr});
      return !failing.crossed;
    };
    train(f, *lr, training);
  }

  /// Every step at first, later an eighth of the steps that were made.
  static long next_look(long step) { return step + std::max(1L, step / 8); }

  const AnalyzeOptions& options_;
  const OptimizerSpec& optimizer_;
  const HyperparameterValues values_;
  const LossSpec& loss_;
  const Network network_;
  const Checkpoint* checkpoint_;
  std::optional<TensorOptimizer> state_;  ///< the checkpoint's, if it has one
  ModelObjectiveOptions objective_options_;
  Dataset all_, data_;
  double decay_ = 0;
  Tensor losses_;
  Top top_;
  Analysis answer_;
};

}  // namespace

Analysis analyze(const Network& network, const Dataset& data, const LossSpec& loss, const AnalyzeOptions& options,
                 const Checkpoint* checkpoint) {
  return Analyst(network, data, loss, options, checkpoint).run();
}

std::string usual_loss(const Dataset& data) {
  constexpr double kMostClasses = 1000;
  const Tensor y = data.targets;
  const bool labels = (y == y.floor()).logical_and(y >= 0).all().item<bool>() && y.max().item<double>() < kMostClasses;
  return labels ? "cross_entropy" : "mse";
}

}  // namespace etamax
