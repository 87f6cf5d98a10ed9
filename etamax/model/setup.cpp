// From names to a problem.
#include "etamax/model/setup.h"

#include <fmt/format.h>
#include <torch/cuda.h>

#include <stdexcept>
#include <typeinfo>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/model/interruptible.h"
#include "etamax/model/memory_fit.h"
#include "etamax/model/saved_optimizer.h"
#include "etamax/model/script_archive.h"
#include "etamax/model/script_module.h"
#include "etamax/model/torchscript.h"
#include "etamax/model/torchscript_loss.h"

namespace etamax {
namespace {

ModelObjectiveOptions objective_options(const ModelSetup& setup) {
  return {setup.chunk, find_type(setup.dtype), find_device(setup.device)};
}

}  // namespace

Fields fields(ModelSetup& s) {
  return {
      {Group::problem,
       "model",
       &s.model,
       "Network: linear, mlp:64-256-256-10:tanh, cnn:..., resnet:..., transformer:..., or a TorchScript file, which is a "
       "program and runs confined",
       {},
       {.placeholder = "MODEL"}},
      {Group::problem,
       "data",
       &s.data,
       "Data: FILE.csv,target=COLUMN, FILE.npz, FILE.safetensors, images:DIR, idx:DIR, cifar10:DIR, or digits, breast_cancer, chebyshev, copying, plane:SHAPE",
       {},
       {.placeholder = "DATA"}},
      {Group::problem,
       "loss",
       &s.loss,
       "Loss: cross_entropy, mse, bce, huber, l1, nll, or a TorchScript file of forward(outputs, targets)",
       {},
       {.usual = "by the targets", .placeholder = "NAME"}},
      {Group::problem, "trust_model", &s.trust_model,
       "Run TorchScript with all rights, as a program of your own: files, network, other programs"},
      {Group::problem, "standardize", &s.standardize,
       "Standardize inputs: subtract the mean, divide by the standard deviation"},
      {Group::problem,
       "checkpoint",
       &s.checkpoint,
       "File with weights and, if it has one, the optimizer with its hyperparameters and state",
       {},
       {.placeholder = "FILE"}},
      {Group::problem, "samples", &s.samples, "Examples to analyze, chosen at random; 0 takes all of them",
       Range::at_least(0)},
      {Group::problem, "validation", &s.validation,
       "Share of the examples held out for validation; 0 judges by the training loss", Range::from_to(0, 0.9)},
      {Group::runs, "chunk", &s.chunk, "Examples in memory at once", Range::at_least(1)},
      {Group::runs, "device", &s.device, "Device: cpu, cuda or cuda:NUMBER"},
      {Group::runs, "dtype", &s.dtype, "Floating-point type", {}, {.words = {"float32", "float64"}}},
  };
}

torch::Device find_device(const std::string& name) {
  const std::string kind = name.substr(0, name.find(':'));
  if (kind != "cpu" && kind != "cuda") throw InputError("device", "'" + name + "'", "cpu, cuda or cuda:NUMBER");
  if (kind == "cuda" && !torch::cuda::is_available())
    throw InputError("device", "no CUDA device can be used here; cpu can");
  try {
    return torch::Device(name);
  } catch (const c10::Error&) {
    throw InputError("device", "'" + name + "'", "cpu, cuda or cuda:NUMBER");
  }
}

torch::ScalarType find_type(const std::string& name) {
  if (name == "float32") return torch::kFloat;
  if (name == "float64") return torch::kDouble;
  throw InputError("dtype", "'" + name + "'", "float32 or float64");
}

std::string usual_loss(const Dataset& data) {
  constexpr double kMostClasses = 1000, kIgnored = -100;
  if (losses::are_probabilities(data.targets)) return "cross_entropy";
  const torch::Tensor all = data.targets.flatten(), y = all.masked_select(all != kIgnored);
  if (y.numel() == 0) return "cross_entropy";  // which says what is wrong with them
  const double lowest = y.min().item<double>(), classes = y.max().item<double>() + 1;
  const bool may_be_labels = lowest >= 0 && (y == y.floor()).all().item<bool>();
  if (may_be_labels && y.numel() < all.numel()) return "cross_entropy";  // no other loss ignores any
  if (!may_be_labels || classes > kMostClasses) return "mse";
  const auto distinct = static_cast<double>(std::get<0>(torch::_unique(y)).size(0));
  if (lowest == 1 && distinct == classes - 1 && static_cast<double>(y.size(0)) >= 2 * distinct)
    throw InputError("data", fmt::format("the targets are whole numbers from 1 to {0}: classes are counted from 0, so "
                                         "subtract 1; where they are quantities, say `loss=mse`",
                                         format_number(distinct)));
  // Classes are counted from 0 and most of them occur; other whole numbers are quantities.
  return lowest == 0 && distinct >= classes / 2 ? "cross_entropy" : "mse";
}

std::string why_usual_loss(const Dataset& data) {
  if (usual_loss(data) == "mse") return "the targets are quantities";
  if (losses::are_probabilities(data.targets)) return "each row of targets is the probabilities of the classes";
  return fmt::format("the targets are labels 0 to {}", format_number(data.targets.max().item<double>()));
}

LossSpec find_loss(const std::string& name, const Dataset& data) {
  const LossSpec loss = is_model_file(name) ? load_loss(name) : find_loss(name.empty() ? usual_loss(data) : name);
  loss.prepare(data.targets, torch::kDouble);
  return loss;
}

Network make_network(const std::string& text, const Dataset& data, const LossSpec& loss, std::uint64_t seed) {
  return make_network(text, data.inputs.sizes().slice(1).vec(), loss.outputs(data.targets), seed, data.parts);
}

bool runs_torchscript(const ModelSetup& setup) { return is_model_file(setup.model) || is_model_file(setup.loss); }

std::optional<InputError> cannot_run(const ModelSetup& setup, const std::exception& error) {
  // Autograd throws a plain std::runtime_error for a derivative that it lacks, which nothing else here does.
  const bool refuses = dynamic_cast<const c10::Error*>(&error) || typeid(error) == typeid(std::runtime_error);
  if (!refuses || !runs_torchscript(setup)) return {};
  const std::string field = is_model_file(setup.model) ? "model" : "loss";
  return InputError(field, fmt::format("{}: does what LibTorch cannot do here: {}",
                                       field == "model" ? setup.model : setup.loss, reason_of(error)));
}

std::map<std::string, std::string> files_of(const ModelSetup& setup) {
  std::map<std::string, std::string> files = {{"data", path_of_data(setup.data)}, {"checkpoint", setup.checkpoint}};
  if (is_model_file(setup.model)) files["model"] = setup.model;
  if (is_model_file(setup.loss)) files["loss"] = setup.loss;
  std::erase_if(files, [](const auto& file) { return file.second.empty(); });
  return files;
}

std::multimap<std::string, std::string> sources_of(const ModelSetup& setup) {
  const std::map<std::string, std::string> files = files_of(setup);
  std::multimap<std::string, std::string> sources(files.begin(), files.end());
  sources.erase("data");
  for (const std::string& path : sources_of_data(setup.data)) sources.emplace("data", path);
  return sources;
}

namespace {

/// Before it takes numbers that a narrower type would round.
void set_type(const Network& network, torch::ScalarType type) {
  for (const auto* list : {&network.parameters, &network.buffers})
    for (const NamedTensor& t : *list)
      if (t.tensor.is_floating_point()) t.tensor.set_data(t.tensor.data().to(type));
}

std::unique_ptr<ModelProblem> made_problem(const ModelSetup& setup) {
  std::optional<Checkpoint> checkpoint;
  if (!setup.checkpoint.empty()) checkpoint = read_checkpoint(setup.checkpoint);
  const ChosenOptimizer optimizer =
      choose_optimizer(checkpoint ? &*checkpoint : nullptr, setup.optimizer, setup.settings);
  ModelProblemOptions options{optimizer.name,   optimizer.settings, setup.samples,
                              setup.validation, setup.standardize,  setup.seed};
  options.saved_lr = optimizer.lr;
  if (!optimizer.note.empty()) options.notes.push_back(optimizer.note);
  options.objective = objective_options(setup);
  const Dataset data = load_data(setup.data);
  if (!setup.trust_model) {
    if (is_model_file(setup.loss)) refuse_file_access("loss", setup.loss);
    if (is_model_file(setup.model)) refuse_file_access("model", setup.model);
  }
  const LossSpec loss = find_loss(setup.loss, data);
  if (setup.loss.empty()) options.loss_basis = why_usual_loss(data);
  Network network = make_network(setup.model, data, loss, setup.seed);
  options.other_start = [text = setup.model, data, loss](std::uint64_t seed) {
    return make_network(text, data, loss, seed);
  };
  if (checkpoint) {
    set_type(network, find_type(setup.dtype));
    load_weights(*checkpoint, network);
  }
  return std::make_unique<ModelProblem>(network, data, loss, options, checkpoint ? &*checkpoint : nullptr);
}

}  // namespace

std::unique_ptr<ModelProblem> make_problem(const ModelSetup& setup) {
  check_fields(setup);
  return interruptible([&] { return made_problem(setup); });
}

InputError does_not_fit(const ModelSetup& setup, const std::string& fewer) {
  // What cannot be had by itself is what does not fit.
  const auto alone = [](const auto& make, const std::string& refusal) {
    try {
      return make();
    } catch (const InputError&) {
      throw;
    } catch (const std::exception& e) {
      if (!out_of_memory(e)) throw;
    }
    throw EnvironmentError(refusal);
  };
  if (!setup.checkpoint.empty())
    alone([&] { return read_checkpoint(setup.checkpoint); },
          "memory does not suffice to read the checkpoint; a file with the weights alone takes less");
  const Dataset data = alone([&] { return load_data(setup.data); },
                             "memory does not suffice to read the data; fewer examples take less");
  const LossSpec loss = find_loss(setup.loss, data);
  const Network network =
      alone([&] { return make_network(setup.model, data, loss, setup.seed); },
            "memory does not suffice for the parameters of the model; fewer or narrower layers take less");
  return does_not_fit(network, data, loss, objective_options(setup), fewer);
}

}  // namespace etamax
