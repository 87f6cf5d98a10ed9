#include "etamax/model/model_problem.h"

#include <fmt/format.h>

#include <cmath>

#include "etamax/core/error.h"
#include "etamax/core/format.h"

namespace etamax {
namespace {

using torch::Tensor;

/// Numbers of rows.
struct Parts {
  Tensor training, validation;
};

/// Of each class its share, where the targets are labels; the numbers of the rows in the file's order.
Parts parts_of(const Dataset& data, bool labels, double share, std::uint64_t seed) {
  const int64_t n = data.examples();
  Tensor held = torch::zeros({n}, torch::kBool);
  const Tensor order = shuffled_rows(n, seed);
  const auto hold = [&](const Tensor& rows, const std::string& whose) {
    const int64_t count = std::llround(share * static_cast<double>(rows.size(0)));
    if (count < 1 || count >= rows.size(0))
      throw InputError("validation",
                       fmt::format("{} of {} leaves {} without an example in one part; a share between {} and {} "
                                   "leaves both some, or 0 holds nothing out",
                                   format_number(share), rows.size(0), whose,
                                   format_number(0.5 / static_cast<double>(rows.size(0)), 2),
                                   format_number(1 - 0.5 / static_cast<double>(rows.size(0)), 2)));
    held.index_fill_(0, rows.slice(0, 0, count), true);
  };
  if (labels && data.targets.dim() == 1) {
    const Tensor classes = std::get<0>(torch::_unique(data.targets.index_select(0, order)));
    const Tensor shuffled = data.targets.index_select(0, order);
    for (int64_t c = 0; c < classes.size(0); ++c) {
      const Tensor rows = order.index_select(0, (shuffled == classes[c]).nonzero().flatten());
      if (rows.size(0) < 2)
        throw InputError("validation",
                         fmt::format("class {} has one example only, so one part would lack it; `validation=0` "
                                     "holds nothing out",
                                     format_number(classes[c].item<double>())));
      hold(rows, "class " + format_number(classes[c].item<double>()));
    }
  } else {
    hold(order, "the data");
  }
  return {held.logical_not().nonzero().flatten(), held.nonzero().flatten()};
}

/// All the data, of which the problem's objective has a sample.
class WholeData final : public ExampleSet {
 public:
  WholeData(std::shared_ptr<BorrowedNetwork> network, Dataset data, const LossSpec& loss,
            const ModelObjectiveOptions& options)
      : network_(std::move(network)), data_(std::move(data)), loss_(loss), options_(options) {}
  std::int64_t count() const override { return data_.examples(); }
  Rows shuffled(std::uint64_t seed) const override {
    const Tensor order = shuffled_rows(count(), seed);
    return {order.data_ptr<int64_t>(), order.data_ptr<int64_t>() + order.numel()};
  }
  std::unique_ptr<Objective> objective_on(const Rows& rows) override {
    return std::make_unique<ModelObjective>(network_, take_rows(data_, row_numbers(rows)), loss_, options_);
  }

 private:
  std::shared_ptr<BorrowedNetwork> network_;
  Dataset data_;
  LossSpec loss_;
  ModelObjectiveOptions options_;
};

/// The same network with the same optimizer on other inputs.
class OnOtherInputs final : public Problem {
 public:
  OnOtherInputs(const Problem& original, std::unique_ptr<ModelObjective> objective)
      : original_(original), objective_(std::move(objective)) {}
  Objective& objective() override { return *objective_; }
  const Optimizer& optimizer() const override { return original_.optimizer(); }
  ProblemDescription description() const override { return original_.description(); }
  const OptimizerState* optimizer_state() const override { return original_.optimizer_state(); }

 private:
  const Problem& original_;
  std::unique_ptr<ModelObjective> objective_;
};

/// What is said of the problem before it is one.
std::vector<std::string> known_notes(const ModelProblemOptions& options, const Dataset& data, const Network& network) {
  std::vector<std::string> all = options.notes;
  for (const auto* notes : {&data.notes, &network.notes}) all.insert(all.end(), notes->begin(), notes->end());
  return all;
}

}  // namespace

ModelProblem::ModelProblem(const Network& network, const Dataset& data, const LossSpec& loss,
                           const ModelProblemOptions& options, const Checkpoint* checkpoint)
    : options_(options),
      optimizer_(make_optimizer(options.optimizer, options.settings)),
      loss_(loss),
      training_data_(data),
      notes_(known_notes(options, data, network)) {
  if (options.samples < 0) throw InputError("samples", std::to_string(options.samples), "a positive whole number");
  if (options.objective.chunk < 1)
    throw InputError("chunk", std::to_string(options.objective.chunk), "a positive whole number");
  if (!(options.validation >= 0 && options.validation <= 0.9))
    throw InputError("validation", format_number(options.validation), "in [0, 0.9]");
  const bool sampled = options.samples > 0 && options.samples < data.examples();
  Dataset held;
  if (options.validation > 0) {
    const bool labels = loss.prepare(data.targets, torch::kDouble).scalar_type() == torch::kLong || loss.name == "bce";
    const Parts parts = parts_of(data, labels, options.validation, options.seed);
    training_data_ = take_rows(data, parts.training);
    held = take_rows(data, parts.validation);
  }
  if (options.standardize) {
    if (held.inputs.defined()) standardize_as(held, training_data_);
    standardize(training_data_);
    notes_.emplace_back("the inputs are standardized: each column less its mean, over its standard deviation");
  }
  network_ = std::make_shared<BorrowedNetwork>(network, options.objective.type, options.objective.device);
  if (sampled) {
    all_ = std::make_unique<WholeData>(network_, training_data_, loss, options.objective);
    sample_ = all_->sample(options.samples, options.seed);
    training_data_ = take_rows(training_data_, row_numbers(sample_));
  }
  training_ = std::make_unique<ModelObjective>(network_, training_data_, loss, options.objective);
  if (held.inputs.defined()) validation_ = std::make_unique<ModelObjective>(network_, held, loss, options.objective);
  starts_[options.seed] = training_->parameters();
  if (!network.buffers.empty() && training_->chunk() < training_->count())
    notes_.push_back(fmt::format("batch statistics are those of chunks of {} examples", training_->chunk()));
  if (checkpoint) load_state(*checkpoint);
}

void ModelProblem::load_state(const Checkpoint& checkpoint) {
  const auto saved =
      saved_state(checkpoint, network_->network(), training_->shaped_blocks(), *optimizer_.spec, optimizer_.values);
  if (!saved) return;
  state_.emplace();
  state_->steps = saved->step;
  const auto n = static_cast<int64_t>(training_->dim());
  for (int i = 0; i < optimizer_.spec->state_vectors; ++i)
    state_->vectors.push_back(
        vector_of(saved->state.slice(0, i * n, (i + 1) * n).to(training_->vector_options(), false, /*copy=*/true)));
  notes_.push_back(fmt::format("the optimizer's state is the checkpoint's, after {} steps", saved->step));
  for (const auto& [name, value] : checkpoint.settings)
    if (const double ours = hyperparameter(*optimizer_.spec, optimizer_.values, name, value); ours != value)
      notes_.push_back(
          fmt::format("the checkpoint was made with {} = {}, not {}", name, format_number(value), format_number(ours)));
}

ProblemDescription ModelProblem::description() const {
  const ModelObjectiveOptions& o = options_.objective;
  return {network_->network().name,
          training_data_.name,
          loss_.name,
          o.device.str(),
          o.type == torch::kDouble ? "float64" : "float32",
          training_->frozen(),
          training_->unused(),
          notes_,
          options_.loss_basis};
}

Vector ModelProblem::start(std::uint64_t seed) {
  const auto found = starts_.find(seed);
  if (found != starts_.end()) return found->second;
  if (!options_.other_start) return starts_.at(options_.seed);
  return starts_[seed] =
             ModelObjective(options_.other_start(seed), training_data_, loss_, options_.objective).parameters();
}

std::vector<InputColumn> ModelProblem::input_columns() {
  const Tensor& inputs = training_data_.inputs;
  const bool one_table = inputs.dim() == 2 && training_data_.parts.empty() && !network_->network().takes_tokens;
  if (options_.standardize || !one_table) return {};
  Tensor squares = torch::zeros({inputs.size(1)}, torch::kDouble);
  for_row_blocks(inputs, [&](const Tensor& block, int64_t) { squares += block.to(torch::kDouble).square().sum(0); });
  squares /= inputs.size(0);
  std::vector<InputColumn> columns;
  for (int64_t i = 0; i < squares.size(0); ++i) {
    const auto at = static_cast<std::size_t>(i);
    const bool named = at < training_data_.features.size();
    columns.push_back(
        {named ? training_data_.features[at] : "column " + std::to_string(i), squares.data_ptr<double>()[i]});
  }
  return columns;
}

std::unique_ptr<Problem> ModelProblem::standardized() {
  Dataset data = training_data_;
  standardize(data);
  return std::make_unique<OnOtherInputs>(*this,
                                         std::make_unique<ModelObjective>(network_, data, loss_, options_.objective));
}

}  // namespace etamax
