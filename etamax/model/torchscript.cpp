#include "etamax/model/torchscript.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/model/memory_fit.h"
#include "etamax/model/script_module.h"

namespace etamax {
namespace {

using torch::Tensor;
using torch::jit::Module;

/// Training mode, for batch norm's sake, with all that PyTorch's classes do at random switched off.
void set_mode(Module& module) {
  module.train();
  for (Module part : module.modules()) {
    const auto name = part.type()->name();
    const std::string type = name ? name->qualifiedName() : "";
    const auto is = [&](const char* what) { return type.find(what) != std::string::npos; };
    if (is("Dropout") || is("LSTM") || is("GRU") || is("RNN")) part.eval();
    // MultiheadAttention holds its rate itself; in evaluation it would leave the path that can be
    // differentiated.
    if (is("MultiheadAttention") && part.hasattr("dropout") && part.attr("dropout").isDouble())
      part.setattr("dropout", 0.0);
  }
}

/// All of forward, with what it calls.
std::shared_ptr<torch::jit::Graph> graph_of(const Module& module) {
  const auto graph = module.get_method("forward").graph()->copy();
  torch::jit::Inline(*graph);
  return graph;
}

bool convolves(torch::jit::Block& block) {
  for (torch::jit::Node* node : block.nodes()) {
    const std::string_view kind = node->kind().toQualString();
    if (kind.starts_with("aten::conv") || kind.starts_with("aten::_convolution")) return true;
    for (torch::jit::Block* inner : node->blocks())
      if (convolves(*inner)) return true;
  }
  return false;
}

/// Whether a batch norm takes the statistics that it was saved with whatever the mode, as tracing in evaluation writes
/// it down.
bool has_fixed_statistics(torch::jit::Block& block) {
  for (torch::jit::Node* node : block.nodes()) {
    if (node->kind() == c10::Symbol::fromQualString("aten::batch_norm")) {
      const auto training = torch::jit::toIValue(node->namedInput("training"));
      if (training && training->isBool() && !training->toBool()) return true;
    }
    for (torch::jit::Block* inner : node->blocks())
      if (has_fixed_statistics(*inner)) return true;
  }
  return false;
}

/// One of several results: which, and what there is.
struct Result {
  Tensor tensor;
  std::string note;  ///< "" where there is one alone
};

Result chosen(const torch::IValue& value) {
  if (value.isTensor()) return {value.toTensor(), ""};
  std::vector<std::pair<std::string, torch::IValue>> results;
  if (value.isTuple()) {
    const auto names = value.type()->expect<c10::TupleType>()->schema();
    const auto& elements = value.toTupleRef().elements();
    for (std::size_t i = 0; i < elements.size(); ++i)
      results.emplace_back(names ? names->arguments()[i].name() : "", elements[i]);
  } else if (value.isList()) {
    for (const torch::IValue& element : value.toListRef()) results.emplace_back("", element);
  } else if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict())
      if (entry.key().isString()) results.emplace_back(entry.key().toStringRef(), entry.value());
  }
  const auto is_tensor = [](const auto& result) { return result.second.isTensor(); };
  auto taken = std::find_if(results.begin(), results.end(),
                            [&](const auto& result) { return result.first == "logits" && is_tensor(result); });
  if (taken == results.end()) taken = std::find_if(results.begin(), results.end(), is_tensor);
  TORCH_CHECK(taken != results.end(), "its forward gives a ", value.tagKind(), " without a tensor in it");
  const std::string which = taken->first.empty() ? "the first" : "'" + taken->first + "'";
  return {taken->second.toTensor(), "its forward gives a " +
                                        std::string(value.isGenericDict() ? "dict"
                                                    : value.isTuple()     ? "tuple"
                                                                          : "list") +
                                        " of " + std::to_string(results.size()) + ": the loss is of " + which};
}

/// A module with the way in which the data go in and results come out.
struct Call {
  std::shared_ptr<Module> module;
  std::vector<InputPart> parts;        ///< none: the inputs as they are
  bool by_name = false;                ///< of forward's arguments
  std::vector<NumberKind> given = {};  ///< as what each argument's numbers are given

  Result operator()(const Tensor& x) const;
};

Tensor as(NumberKind given, const Tensor& x) {
  return given == NumberKind::floating ? x : x.to(given == NumberKind::whole ? torch::kLong : torch::kBool);
}

Result Call::operator()(const Tensor& x) const {
  std::vector<torch::IValue> in_order;
  torch::jit::Kwargs named;
  if (parts.empty()) in_order.emplace_back(as(given[0], x));
  int64_t from = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const int64_t to = from + c10::multiply_integers(parts[i].shape);
    std::vector<int64_t> shape = {x.size(0)};
    shape.insert(shape.end(), parts[i].shape.begin(), parts[i].shape.end());
    const Tensor argument = as(given[i], x.slice(1, from, to).reshape(shape));
    if (by_name)
      named[parts[i].name] = argument;
    else
      in_order.emplace_back(argument);
    from = to;
  }
  // Operation by operation, as eager PyTorch does it: nothing recompiled after the first runs, no derivatives but
  // autograd's.
  const torch::jit::GraphOptimizerEnabledGuard plain(false);
  try {
    return chosen(module->forward(in_order, named));
  } catch (const c10::Error&) {
    throw;
  } catch (const std::exception& e) {
    TORCH_CHECK(false, reason_of(e));
  }
}

/// Whether the data are arguments of this forward: all by name, or as many as it needs.
void fit_arguments(const std::string& path, Call& call) {
  std::vector<std::string> names, needed, has;
  const auto& arguments = call.module->get_method("forward").function().getSchema().arguments();
  for (std::size_t i = 1; i < arguments.size(); ++i) {  // behind the module itself
    names.push_back(arguments[i].name());
    if (!arguments[i].default_value()) needed.push_back(arguments[i].name());
  }
  for (const InputPart& part : call.parts) has.push_back(part.name);
  const auto is_argument = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const auto is_given = [&](const std::string& name) { return std::find(has.begin(), has.end(), name) != has.end(); };
  call.by_name = std::all_of(has.begin(), has.end(), is_argument);
  const std::size_t count = std::max<std::size_t>(1, has.size());
  const bool enough =
      call.by_name && !has.empty() ? std::all_of(needed.begin(), needed.end(), is_given) : count >= needed.size();
  if (enough && count <= names.size()) return;
  throw InputError("model", path + ": its forward takes " + (names.empty() ? "no input" : joined(names)) +
                                ", but the data have " +
                                (has.empty() ? "one array of inputs; name those that belong to it in their order, as "
                                               "`data=npz:FILE,inputs=NAME+NAME,targets=NAME`"
                                             : joined(has)));
}

/// As what an argument may be given, as the file has it first: PyTorch takes a mask of floating-point numbers for
/// something else, and no tokens among them.
std::vector<NumberKind> ways_to_give(const std::vector<InputPart>& parts, std::size_t argument) {
  if (parts.empty()) return {NumberKind::floating, NumberKind::whole};
  std::vector<NumberKind> ways = {NumberKind::floating, NumberKind::whole, NumberKind::boolean};
  const auto stored = std::find(ways.begin(), ways.end(), parts[argument].kind);
  std::rotate(ways.begin(), stored, stored + 1);
  return ways;
}

/// As what the arguments must be given, found out on `x`; with the result. None where the module takes them in no way.
std::optional<Result> find_given(Call& call, const Tensor& x) {
  constexpr std::size_t kMostTried = 4;  // arguments
  std::vector<std::vector<NumberKind>> ways;
  for (std::size_t i = 0; i < std::max<std::size_t>(1, call.parts.size()); ++i)
    ways.push_back(ways_to_give(call.parts, i));
  std::size_t combinations = 1;
  for (std::size_t i = 0; i < std::min(ways.size(), kMostTried); ++i) combinations *= ways[i].size();
  for (std::size_t k = 0; k < combinations; ++k) {
    call.given.clear();
    std::size_t rest = k;
    for (const std::vector<NumberKind>& own : ways) {
      call.given.push_back(own[rest % own.size()]);
      rest /= own.size();
    }
    try {
      return call(x);
    } catch (const c10::Error& e) {
      if (out_of_memory(e))
        throw InputError("model",
                         "memory does not suffice to run it on as few as " + std::to_string(x.size(0)) + " examples");
    }
  }
  call.given.clear();
  for (const std::vector<NumberKind>& own : ways) call.given.push_back(own.front());
  return {};
}

/// Eight examples of zeros and ones, which are tokens of any vocabulary too.
Tensor eight_examples(const std::vector<int64_t>& example_shape) {
  std::vector<int64_t> shape = {8};
  shape.insert(shape.end(), example_shape.begin(), example_shape.end());
  return torch::randint(2, shape, at::detail::createCPUGenerator(1), torch::kFloat);
}

}  // namespace

bool is_model_file(const std::string& text) {
  const std::size_t slash = text.find('/');
  return text.ends_with(".pt") || text.ends_with(".pth") || text.ends_with(".ts") || text.ends_with(".torchscript") ||
         (slash != std::string::npos && slash < text.find(':'));
}

Network load_torchscript(const std::string& path, const std::vector<int64_t>& example_shape,
                         const std::vector<InputPart>& parts) {
  const auto module = std::make_shared<Module>(load_module("model", path));
  const auto refuse = [&](const std::string& why) -> InputError { return InputError("model", path + ": " + why); };
  if (!module->find_method("forward")) throw refuse("has no method forward");
  set_mode(*module);
  Network network;
  network.name = path;
  for (const auto& p : module->named_parameters()) network.parameters.push_back({p.name, p.value});
  for (const auto& b : module->named_buffers()) network.buffers.push_back({b.name, b.value});
  if (network.parameters.empty())
    throw refuse(
        "has no parameters; a model that was frozen (torch.jit.freeze) has its weights as constants: save it before");
  const auto graph = graph_of(*module);
  network.convolves = convolves(*graph->block());
  network.scripted = true;
  if (has_fixed_statistics(*graph->block()))
    network.notes.push_back(
        "batch norm keeps the statistics that it was saved with: the model was traced in evaluation mode; to have those "
        "of each batch, as in training, trace it in training mode or use torch.jit.script");
  Call call{module, parts};
  fit_arguments(path, call);

  std::vector<Tensor> buffers;
  for (const NamedTensor& b : network.buffers) buffers.push_back(b.tensor.clone());
  const torch::NoGradGuard no_gradient;
  const Tensor x = eight_examples(example_shape).to(network.parameters.front().tensor.scalar_type());
  // Where it does not fit the data, whoever has them says so better.
  if (const auto once = find_given(call, x)) {
    if (!once->note.empty()) network.notes.push_back(once->note);
    // Dropout may draw the same mask twice: with p = 0.1 and eight masks of two numbers it goes unseen five times
    // once in 10^7 (0.82^80), and more rarely for any wider layer or larger p.
    for (int repeated = 0; repeated < 5 && !once->tensor.isnan().any().item<bool>(); ++repeated)
      if (!once->tensor.equal(call(x).tensor))
        throw refuse(
            "gives two results for the same inputs: dropout is still on in it, or it changes its own weights or inputs. "
            "Use nn.Dropout (not the function) and torch.jit.script, or set its probability to 0 before saving");
  }
  network.takes_tokens = parts.empty() && call.given[0] == NumberKind::whole;
  for (std::size_t i = 0; i < buffers.size(); ++i) network.buffers[i].tensor.copy_(buffers[i]);
  network.forward = [call](const Tensor& inputs) { return call(inputs).tensor; };
  return network;
}

}  // namespace etamax
