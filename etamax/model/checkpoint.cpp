#include "etamax/model/checkpoint.h"

#include <algorithm>
#include <set>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/files/bytes.h"
#include "etamax/files/safetensors.h"
#include "etamax/files/torch_save.h"
#include "etamax/files/zip.h"
#include "etamax/model/table_data.h"

namespace etamax {
namespace {

using torch::Tensor;
using Kind = SavedValue::Kind;

InputError refusal(const std::string& path, const std::string& why) {
  return InputError("checkpoint", path + ": " + why);
}

std::string shape_text(c10::IntArrayRef shape) {
  std::string text;
  for (const int64_t extent : shape) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text.empty() ? "a single number" : text;
}

/// At most three of them.
std::string some_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 3); ++i)
    text += (i == 0 ? "'" : ", '") + names[i] + "'";
  return text + (names.size() > 3 ? " and " + std::to_string(names.size() - 3) + " more" : "");
}

/// A count that a file gives, where it is one.
long count_in(const std::string& path, const std::string& what, double value) {
  constexpr double kMost = 1e15;
  if (!(value >= 0) || value > kMost) throw refusal(path, what + " is " + format_number(value) + ", not a count");
  return static_cast<long>(value);
}

/// The name of a parameter or a state. Many tensors may share one name in the file, but not in memory.
const std::string& checked_name(const std::string& path, const std::string& name) {
  constexpr std::size_t kLongest = 1000;
  if (name.size() > kLongest)
    throw refusal(path, "has a name of " + std::to_string(name.size()) + " letters, more than " +
                            std::to_string(kLongest) + ": '" + printable(name) + "...'");
  return name;
}

void see_step(Checkpoint& checkpoint, const Tensor& step) {
  const double value = step.flatten()[0].item<double>();
  checkpoint.step = std::max(checkpoint.step, count_in(checkpoint.path, "its optimizer's step", value));
}

/// What PyTorch calls the sums and means of squares, of which no rule makes a negative one.
bool is_of_squares(const std::string& state) {
  return state == "exp_avg_sq" || state == "square_avg" || state == "sum";
}

// safetensors

Checkpoint from_arrays(const std::string& path, const ArrayFile& file) {
  constexpr std::string_view kPrefix = "optimizer.";
  Checkpoint checkpoint;
  checkpoint.path = path;
  for (const std::string& name : file.names) {
    checked_name(path, name);
    const Tensor tensor = tensor_of(file.read(name));
    if (!name.starts_with(kPrefix)) {
      checkpoint.weights.push_back({name, tensor});
      continue;
    }
    const std::string rest = name.substr(kPrefix.size());
    const std::size_t dot = rest.find('.');
    const std::string state = rest.substr(0, dot);
    if (state == "step" && tensor.numel() == 1)
      see_step(checkpoint, tensor);
    else if (dot == std::string::npos)
      throw refusal(path, "'" + name + "' is not named optimizer.STATE.PARAMETER");
    else
      checkpoint.by_name[rest.substr(dot + 1)][state] = tensor;
  }
  return checkpoint;
}

// torch.save

bool has_tensors(const SavedValue* value) {
  if (value == nullptr || value->kind != Kind::dict) return false;
  for (std::size_t i = 1; i < value->items.size(); i += 2)
    if (value->items[i]->kind == Kind::tensor) return true;
  return false;
}

const SavedValue* first_of(const SavedValue& dict, std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (const SavedValue* found = dict.find(key); found != nullptr && found->kind == Kind::dict) return found;
  return nullptr;
}

void read_group(Checkpoint& checkpoint, const SavedValue& group) {
  for (std::size_t i = 0; i + 1 < group.items.size(); i += 2) {
    const SavedValue &key = *group.items[i], &value = *group.items[i + 1];
    if (value.kind == Kind::number)
      checkpoint.settings.emplace_back(checked_name(checkpoint.path, key.text), value.number);
    if (key.text == "betas" && value.items.size() == 2) {
      checkpoint.settings.emplace_back("beta1", value.items[0]->number);
      checkpoint.settings.emplace_back("beta2", value.items[1]->number);
    }
  }
}

/// An optimizer's state_dict: {"state": {number: {name: tensor or number}}, "param_groups": [{..., "params":
/// [numbers]}]}.
void read_optimizer(Checkpoint& checkpoint, const TorchSave& file, const SavedValue& optimizer) {
  const SavedValue *state = optimizer.find("state"), *groups = optimizer.find("param_groups");
  if (state == nullptr || groups == nullptr || state->kind != Kind::dict || groups->items.empty())
    throw refusal(checkpoint.path, "its optimizer is no state_dict of torch.optim");
  const auto number_of = [&](const SavedValue& value) {
    return static_cast<std::size_t>(count_in(checkpoint.path, "the number of a parameter", value.number));
  };
  checkpoint.groups = groups->items.size();
  // A file can list one list as often as it likes, PyTorch does not.
  std::set<const SavedValue*> seen;
  const auto see = [&](const SavedValue& list) {
    if (!seen.insert(&list).second)
      throw refusal(checkpoint.path, "its optimizer's state_dict repeats a part of itself");
  };
  std::set<std::size_t> listed;
  std::map<std::size_t, std::string> names;  // which PyTorch keeps since 2.6, where the optimizer was given them
  for (const SavedValue* group : groups->items) {
    see(*group);
    const SavedValue *numbers = group->find("params"), *called = group->find("param_names");
    if (numbers == nullptr) throw refusal(checkpoint.path, "its optimizer is no state_dict of torch.optim");
    see(*numbers);
    for (std::size_t i = 0; i < numbers->items.size(); ++i) {
      if (!listed.insert(number_of(*numbers->items[i])).second)
        throw refusal(checkpoint.path, "its optimizer lists parameter " +
                                           std::to_string(number_of(*numbers->items[i])) + " more than once");
      if (called != nullptr && called->items.size() == numbers->items.size())
        names[number_of(*numbers->items[i])] = checked_name(checkpoint.path, called->items[i]->text);
      ++checkpoint.numbered;
    }
  }
  read_group(checkpoint, *groups->items[0]);
  for (std::size_t i = 0; i + 1 < state->items.size(); i += 2) {
    const SavedValue& of = *state->items[i + 1];
    const std::size_t number = number_of(*state->items[i]);
    see(of);
    Checkpoint::State found;
    for (std::size_t k = 0; k + 1 < of.items.size(); k += 2) {
      const std::string& name = checked_name(checkpoint.path, of.items[k]->text);
      const SavedValue& value = *of.items[k + 1];
      if (name == "step" && value.kind != Kind::tensor && value.kind != Kind::number)
        throw refusal(checkpoint.path, "its optimizer's step is no count");  // of more than 64 bits, among others
      if (value.kind != Kind::tensor && value.kind != Kind::number) continue;
      const Tensor tensor = value.kind == Kind::tensor
                                ? tensor_of(file.read(value, "optimizer " + std::to_string(number) + " " + name))
                                : torch::scalar_tensor(value.number, torch::kDouble);
      if (name == "step" && tensor.numel() == 1)
        see_step(checkpoint, tensor);
      else
        found[name] = tensor;
    }
    if (found.empty()) continue;
    if (names.contains(number))
      checkpoint.by_name[names[number]] = std::move(found);
    else
      checkpoint.by_number[number] = std::move(found);
  }
  for (std::size_t i = 0; i + 1 < state->items.size(); i += 2)
    if (const std::size_t number = number_of(*state->items[i]); !listed.contains(number))
      throw refusal(checkpoint.path, "its optimizer has a state for parameter " + std::to_string(number) +
                                         ", which is in none of its groups");
}

Checkpoint from_torch_save(const std::string& path, const TorchSave& file) {
  Checkpoint checkpoint;
  checkpoint.path = path;
  const SavedValue& root = *file.root;
  const SavedValue* weights = first_of(root, {"model", "state_dict", "model_state_dict", "weights"});
  if (weights == nullptr && has_tensors(&root)) weights = &root;
  if (weights == nullptr || !has_tensors(weights))
    throw refusal(path,
                  "holds no weights; save model.state_dict(), or {'model': model.state_dict(), 'optimizer': "
                  "optimizer.state_dict()}, with torch.save");
  for (std::size_t i = 0; i + 1 < weights->items.size(); i += 2)
    if (const SavedValue& value = *weights->items[i + 1]; value.kind == Kind::tensor) {
      const std::string& name = checked_name(path, weights->items[i]->text);
      checkpoint.weights.push_back({name, tensor_of(file.read(value, name))});
    }
  if (const SavedValue* optimizer = first_of(root, {"optimizer", "optimizer_state_dict", "optim"});
      optimizer != nullptr)
    read_optimizer(checkpoint, file, *optimizer);
  return checkpoint;
}

/// The prefix of all the file's names ("module.") without which the most of them are the network's.
std::string prefix_to_drop(const Checkpoint& checkpoint, const std::set<std::string>& known) {
  std::string common = checkpoint.weights.empty() ? "" : checkpoint.weights[0].name;
  for (const NamedTensor& w : checkpoint.weights) {
    const auto differ = std::mismatch(common.begin(), common.end(), w.name.begin(), w.name.end()).first;
    common.erase(differ, common.end());
  }
  std::string best;
  long most = -1;
  for (std::size_t length = 0; length != std::string::npos;) {
    const long found = std::count_if(checkpoint.weights.begin(), checkpoint.weights.end(),
                                     [&](const NamedTensor& w) { return known.contains(w.name.substr(length)); });
    if (found > most) {
      most = found;
      best = common.substr(0, length);
    }
    const std::size_t dot = common.find('.', length);
    length = dot == std::string::npos ? dot : dot + 1;
  }
  return best;
}

std::set<std::string> names_of(const Network& network) {
  std::set<std::string> names;
  for (const auto* list : {&network.parameters, &network.buffers})
    for (const NamedTensor& t : *list) names.insert(t.name);
  return names;
}

}  // namespace

Checkpoint read_checkpoint(const std::string& path) {
  try {
    std::string bytes = read_whole_file(path);
    Checkpoint checkpoint = looks_like_zip(bytes) || bytes.starts_with('\x80')
                                ? from_torch_save(path, open_torch_save(path, std::move(bytes)))
                                : from_arrays(path, open_safetensors(path, std::move(bytes)));
    if (checkpoint.weights.empty()) throw refusal(path, "holds no weights");
    return checkpoint;
  } catch (const InputError& e) {
    throw e.about("checkpoint");
  }
}

void load_weights(const Checkpoint& checkpoint, Network& network) {
  const std::string& path = checkpoint.path;
  const std::set<std::string> known = names_of(network);
  const std::string prefix = prefix_to_drop(checkpoint, known);
  std::map<std::string, Tensor> weights;
  std::vector<std::string> missing, unknown;
  for (const NamedTensor& w : checkpoint.weights) {
    const std::string name = w.name.substr(prefix.size());
    weights[name] = w.tensor;
    if (!known.contains(name)) unknown.push_back(w.name);
  }
  for (const NamedTensor& p : network.parameters)
    if (!weights.contains(p.name)) missing.push_back(p.name);
  if (!missing.empty())
    throw refusal(path, "lacks " + some_of(missing) + " of the model" +
                            (unknown.empty() ? "" : ", and has " + some_of(unknown) + " instead"));
  if (!unknown.empty()) throw refusal(path, "has " + some_of(unknown) + ", which the model has not");

  std::vector<std::pair<Tensor, Tensor>> copies;
  for (const auto* list : {&network.parameters, &network.buffers})
    for (const NamedTensor& t : *list) {
      const auto found = weights.find(t.name);
      if (found == weights.end()) continue;  // a buffer that was not saved
      if (found->second.sizes() != t.tensor.sizes())
        throw refusal(path, "'" + t.name + "' is " + shape_text(found->second.sizes()) + ", but " +
                                shape_text(t.tensor.sizes()) + " in the model");
      if (!found->second.isfinite().all().item<bool>()) throw refusal(path, "'" + t.name + "' is not finite");
      copies.emplace_back(t.tensor, found->second);
    }
  const torch::NoGradGuard no_gradient;
  for (auto& [to, from] : copies) to.copy_(from);
}

std::optional<SavedState> saved_state(const Checkpoint& checkpoint, const Network& network,
                                      const std::vector<ShapedBlock>& blocks, const OptimizerSpec& spec,
                                      const HyperparameterValues& values) {
  if (!checkpoint.has_optimizer() || spec.state_vectors == 0) return std::nullopt;
  const std::string& path = checkpoint.path;
  if (spec.state_names == nullptr) throw refusal(path, "the state of " + spec.name + " is not read from files");

  // Which parameter has which number: PyTorch counts those that the optimizer was given, in their order.
  std::map<std::string, std::size_t> numbers;
  if (!checkpoint.by_number.empty()) {
    if (checkpoint.groups > 1)
      throw refusal(path, "its optimizer has " + std::to_string(checkpoint.groups) +
                              " groups of parameters and does not name them; save its state in safetensors, as "
                              "optimizer.STATE.PARAMETER");
    const auto trainable =
        static_cast<std::size_t>(std::count_if(network.parameters.begin(), network.parameters.end(),
                                               [](const NamedTensor& p) { return p.tensor.requires_grad(); }));
    const bool all = checkpoint.numbered == network.parameters.size();
    if (!all && checkpoint.numbered != trainable)
      throw refusal(path, "its optimizer has " + std::to_string(checkpoint.numbered) + " parameters, but the model " +
                              std::to_string(network.parameters.size()));
    for (const NamedTensor& p : network.parameters)
      if (all || p.tensor.requires_grad()) numbers.emplace(p.name, numbers.size());
  }
  const std::string prefix = prefix_to_drop(checkpoint, names_of(network));
  const auto state_of = [&](const std::string& name) -> const Checkpoint::State& {
    if (const auto found = checkpoint.by_name.find(prefix + name); found != checkpoint.by_name.end())
      return found->second;
    if (const auto found = checkpoint.by_name.find(name); found != checkpoint.by_name.end()) return found->second;
    const auto number = numbers.find(name);
    const auto found = number == numbers.end() ? checkpoint.by_number.end() : checkpoint.by_number.find(number->second);
    if (found == checkpoint.by_number.end()) throw refusal(path, "its optimizer has no state for '" + name + "'");
    return found->second;
  };

  SavedState saved;
  saved.step = std::max(1L, checkpoint.step);
  const std::vector<std::string> wanted = spec.state_names(values);
  const int64_t dim = blocks.empty() ? 0 : blocks.back().to;
  saved.state = torch::zeros({static_cast<int64_t>(wanted.size()) * dim}, torch::kDouble);
  for (const ShapedBlock& block : blocks) {
    const Checkpoint::State& state = state_of(block.name);
    if (state.contains("max_exp_avg_sq"))
      throw refusal(path, "its optimizer ran with amsgrad, which " + spec.name + " here does not have");
    for (std::size_t k = 0; k < wanted.size(); ++k) {
      if (wanted[k].empty()) continue;
      const auto found = state.find(wanted[k]);
      if (found == state.end()) {
        std::vector<std::string> there;
        for (const auto& [name, tensor] : state) there.push_back(name);
        throw refusal(path, "its optimizer's state has no '" + wanted[k] + "', which " + spec.name + " needs, but " +
                                some_of(there));
      }
      const Tensor& tensor = found->second;
      if (tensor.sizes() != c10::IntArrayRef(block.shape))
        throw refusal(path, "'" + wanted[k] + "' of '" + block.name + "' is " + shape_text(tensor.sizes()) +
                                ", but the parameter " + shape_text(block.shape));
      if (!tensor.isfinite().all().item<bool>())
        throw refusal(path, "'" + wanted[k] + "' of '" + block.name + "' is not finite");
      if (is_of_squares(wanted[k]) && (tensor < 0).any().item<bool>())
        throw refusal(path, "'" + wanted[k] + "' of '" + block.name + "', which is of squares, is negative");
      const int64_t from = static_cast<int64_t>(k) * dim;
      saved.state.slice(0, from + block.from, from + block.to).copy_(tensor.flatten());
    }
  }
  return saved;
}

}  // namespace etamax
