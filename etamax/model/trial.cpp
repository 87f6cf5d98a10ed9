#include "etamax/model/trial.h"

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/model/analyze.h"
#include "etamax/model/sampling.h"

namespace etamax {
namespace {

using torch::Tensor;

/// A network whose outputs are all the same has at least the loss of chance.
constexpr double kNearChance = 0.5;
constexpr double kLooksShare = 0.02;  // of what the steps cost
constexpr long kMostLooks = 64;

struct Parts {
  Tensor training, validation;  ///< numbers of rows
};

/// Of each class its share, where the targets are labels; the numbers of the rows in the file's order.
Parts parts_of(const Dataset& data, bool labels, double share, std::uint64_t seed) {
  const int64_t n = data.examples();
  Tensor held = torch::zeros({n}, torch::kBool);
  const Tensor order = torch::randperm(n, at::detail::createCPUGenerator(seed), torch::kLong);
  const auto hold = [&](const Tensor& rows, const std::string& whose) {
    const int64_t count = std::llround(share * static_cast<double>(rows.size(0)));
    if (count < 1 || count >= rows.size(0))
      throw InputError(fmt::format(
          "--validation: {} of {} leaves {} without an example in one part; a share between {} and {} "
          "leaves both some, or 0 holds nothing out",
          format_number(share), rows.size(0), whose, format_number(0.5 / static_cast<double>(rows.size(0)), 2),
          format_number(1 - 0.5 / static_cast<double>(rows.size(0)), 2)));
    held.index_fill_(0, rows.slice(0, 0, count), true);
  };
  if (labels && data.targets.dim() == 1) {
    const Tensor classes = std::get<0>(torch::_unique(data.targets.index_select(0, order)));
    const Tensor shuffled = data.targets.index_select(0, order);
    for (int64_t c = 0; c < classes.size(0); ++c) {
      const Tensor rows = order.index_select(0, (shuffled == classes[c]).nonzero().flatten());
      if (rows.size(0) < 2)
        throw InputError(
            fmt::format("--validation: class {} has one example only, so one part would lack it; --validation 0 "
                        "holds nothing out",
                        format_number(classes[c].item<double>())));
      hold(rows, "class " + format_number(classes[c].item<double>()));
    }
  } else {
    hold(order, "the data");
  }
  return {held.logical_not().nonzero().flatten(), held.nonzero().flatten()};
}

}  // namespace

double schedule_factor(const std::string& schedule, long step, long horizon, long warmup) {
  const double done = static_cast<double>(step) / static_cast<double>(horizon);
  const double factor = schedule == "cosine"   ? 0.5 * (1 + std::cos(std::numbers::pi * done))
                        : schedule == "linear" ? 1 - done
                                               : 1;
  return step < warmup ? factor * static_cast<double>(step + 1) / static_cast<double>(warmup) : factor;
}

TuningTask::TuningTask(const TuneRequest& request) : TuningTask(request, load_data(request.data)) {}

TuningTask::TuningTask(const TuneRequest& request, const Dataset& all)
    : options_(request.options),
      optimizer_(find_optimizer(options_.optimizer)),
      values_(hyperparameter_values(optimizer_, options_.settings)),
      loss_(find_loss(request.loss, all)),
      model_(request.model) {
  const Tensor prepared = loss_.prepare(all.targets, torch::kDouble);
  const bool labels = prepared.scalar_type() == torch::kLong || loss_.name == "bce";
  Dataset held;
  training_data_ = all;
  if (options_.validation > 0) {
    const Parts parts = parts_of(all, labels, options_.validation, options_.seed);
    training_data_ = take_rows(all, parts.training);
    held = take_rows(all, parts.validation);
  }
  if (options_.standardize) {
    if (held.inputs.defined()) standardize_as(held, training_data_);
    standardize(training_data_);
  }
  if (options_.batch_size > training_data_.examples())
    throw InputError(fmt::format("--batch-size: {} is more than the {} examples to train on", options_.batch_size,
                                 training_data_.examples()));
  objective_options_ = {options_.chunk, find_type(options_.dtype), find_device(options_.device), {}};
  network_ = make_network(model_, all, loss_, options_.seed);
  training_ = std::make_unique<ModelObjective>(network_, training_data_, loss_, objective_options_);
  if (held.inputs.defined()) validation_ = std::make_unique<ModelObjective>(network_, held, loss_, objective_options_);
  starts_[options_.seed] = training_->parameters();
  start_loss_ = training_->loss();
  chance_loss_ = loss_.chance(training_data_.targets);
  if (!std::isfinite(start_loss_))
    throw InputError(
        "--model: before any step the loss is not finite: not a matter of the learning rate; etamax analyze says where");
}

int64_t TuningTask::batch_size() const {
  return options_.batch_size > 0 ? options_.batch_size : training_data_.examples();
}

const Tensor& TuningTask::start(std::uint64_t seed) {
  const auto found = starts_.find(seed);
  if (found != starts_.end()) return found->second;
  const Network other = make_network(model_, training_data_, loss_, seed);
  return starts_[seed] = ModelObjective(other, training_data_, loss_, objective_options_).parameters();
}

double TuningTask::training_loss(const Tensor& parameters) {
  training_->set_parameters(parameters);
  return training_->loss();
}

double TuningTask::validation_loss(const Tensor& parameters) {
  if (!validation_) return training_loss(parameters);
  training_->set_parameters(parameters);
  return validation_->loss();
}

bool TuningTask::outputs_all_the_same(const Tensor& parameters) {
  training_->set_parameters(parameters);
  return outputs_are_all_the_same(validation_ ? *validation_ : *training_);
}

std::int64_t TuningTask::judging_cost(long steps) const {
  // The loss of the part that judges, and its outputs where the loss is near chance level; perhaps all of the training
  // part.
  const std::int64_t judges = validation_ ? validation_->examples() : training_->examples();
  return Budget::kForward * (2 * judges + (validation_ && judges_all(steps) ? training_->examples() : 0));
}

long TuningTask::look_every() const {
  if (!validation_ || batch_size() < training_data_.examples()) return 0;
  const double look = static_cast<double>(Budget::kForward * validation_->examples()),
               step = static_cast<double>(steps_cost(1));
  return std::max(static_cast<long>(std::ceil(look / (kLooksShare * step))),
                  (options_.steps + kMostLooks - 1) / kMostLooks);
}

std::int64_t TuningTask::looks_cost(long made, long steps) const {
  const long every = look_every();
  return every > 0 && steps > made ? Budget::kForward * validation_->examples() * ((steps - 1) / every - made / every)
                                   : 0;
}

TrialRun::TrialRun(TuningTask& task, double lr, std::uint64_t seed, long warmup)
    : task_(task),
      x_(task.start(seed).clone()),
      optimizer_(task.optimizer(), task.values(), x_),
      batches_(task.training().examples(), task.options().batch_size, seed) {
  trial_.lr = lr;
  trial_.seed = seed;
  trial_.warmup_steps = warmup;
}

Trial TrialRun::train_to(long steps) {
  ModelObjective& f = task_.training();
  const TuneOptions& options = task_.options();
  const double ceiling = loss_beyond_return(task_.start_loss(), task_.chance_loss());
  const std::int64_t examples = f.examples(), judges = task_.validates() ? task_.validation_examples() : examples;
  const long look_every = task_.look_every();
  f.set_parameters(x_);
  trial_.units = 0;
  forget_looks();
  while (trial_.steps < steps && trial_.verdict != Verdict::diverges) {
    const auto [loss, gradient, taken] = batches_.next_gradient(f);
    trial_.units += Budget::kGradient * taken;
    if (trial_.steps == 0) first_loss_ = loss;
    recent_.push_back(loss);
    if (static_cast<std::int64_t>(recent_.size()) * task_.batch_size() >= f.examples() + task_.batch_size())
      recent_.pop_front();
    if (!(loss < ceiling)) {
      trial_.verdict = Verdict::diverges;
      break;
    }
    optimizer_.step(trial_.lr * schedule_factor(options.schedule, trial_.steps, options.steps, trial_.warmup_steps), x_,
                    gradient);
    f.set_parameters(x_);
    ++trial_.steps;
    if (look_every > 0 && trial_.steps % look_every == 0 && trial_.steps < steps) {
      trial_.units += Budget::kForward * judges;
      look(task_.validation_loss(x_), recent_loss());
    }
    report_progress(options.progress, static_cast<double>(trial_.steps) / static_cast<double>(options.steps));
  }
  trial_.loss.reset();
  trial_.training_loss.reset();
  if (trial_.verdict == Verdict::diverges) return trial_;
  trial_.units += Budget::kForward * judges;
  const double loss = task_.validation_loss(x_);
  double training = recent_loss();
  if (!task_.validates()) training = loss;
  if (task_.validates() && task_.judges_all(trial_.steps)) {
    trial_.units += Budget::kForward * examples;
    training = task_.training_loss(x_);
  }
  if (!(loss < ceiling && training < ceiling)) {
    trial_.verdict = Verdict::diverges;
    return trial_;
  }
  trial_.loss = loss;
  trial_.training_loss = training;
  look(loss, task_.validates() ? recent_loss() : training);
  trial_.verdict = training < first_loss_ ? Verdict::converges : Verdict::unclear;
  if (loss < kNearChance * task_.chance_loss()) return trial_;
  trial_.units += Budget::kForward * judges;
  if (task_.outputs_all_the_same(x_)) trial_.verdict = Verdict::collapses;
  return trial_;
}

void TrialRun::forget_looks() {
  trial_.lowest.reset();
  trial_.mean_loss.reset();
  trial_.steady = true;
  sum_of_looks_ = 0;
  looks_ = 0;
}

void TrialRun::look(double loss, double training_loss) {
  if (std::isfinite(loss) && (!trial_.lowest || loss < trial_.lowest->loss))
    trial_.lowest = {trial_.steps, loss, training_loss};
  sum_of_looks_ += loss;
  trial_.mean_loss = sum_of_looks_ / static_cast<double>(++looks_);
  trial_.steady = trial_.steady && training_loss <= last_training_loss_;
  last_training_loss_ = training_loss;
}

double TrialRun::recent_loss() const {
  return std::accumulate(recent_.begin(), recent_.end(), 0.0) /
         static_cast<double>(std::max<std::size_t>(recent_.size(), 1));
}

}  // namespace etamax
