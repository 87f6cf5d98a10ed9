#include "etamax/model/torchscript_loss.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "etamax/core/error.h"
#include "etamax/model/script_module.h"

namespace etamax {
namespace {

using torch::Tensor;

struct ScriptLoss {
  std::string path;
  torch::jit::Module module;
  std::optional<bool> whole = {};  ///< it takes targets as whole numbers; none: not known yet

  torch::IValue forward(const Tensor& outputs, const Tensor& targets, bool as_whole) {
    const torch::jit::GraphOptimizerEnabledGuard plain(false);
    return module.forward({outputs, as_whole ? targets.to(torch::kLong) : targets});
  }

  torch::IValue forward(const Tensor& outputs, const Tensor& targets) {
    if (whole) return forward(outputs, targets, *whole);
    try {
      const torch::IValue result = forward(outputs, targets, false);
      whole = false;
      return result;
    } catch (const std::exception&) {
      const torch::IValue result = forward(outputs, targets, true);
      whole = true;
      return result;
    }
  }

  Tensor each(const Tensor& outputs, const Tensor& targets) {
    torch::IValue result;
    try {
      result = forward(outputs, targets);
    } catch (const std::exception& e) {
      throw InputError("loss", path + ": " + reason_of(e));
    }
    const int64_t examples = targets.size(0);
    const std::string wanted = "; it must give each example's loss, not their mean: reduction='none'";
    if (!result.isTensor()) throw InputError("loss", path + ": gives a " + result.tagKind() + wanted);
    const Tensor losses = result.toTensor();
    if (!losses.is_floating_point())
      throw InputError("loss", fmt::format("{}: gives {} numbers{}", path, c10::str(losses.scalar_type()), wanted));
    if (losses.numel() == examples) return losses.reshape({examples});
    if (losses.dim() == 0 || losses.size(0) != examples)
      throw InputError("loss", path + ": gives " +
                                   (losses.dim() == 0 ? "a single number" : "shape " + c10::str(losses.sizes())) +
                                   " for " + std::to_string(examples) + " examples" + wanted);
    return losses::mean_of_each(losses);
  }
};

}  // namespace

LossSpec load_loss(const std::string& path) {
  const auto script = std::make_shared<ScriptLoss>(ScriptLoss{path, load_module("loss", path)});
  script->module.eval();
  LossSpec spec;
  spec.name = path;
  spec.summary = "a loss of one's own";
  spec.takes_any_shape = true;
  // Of a network that is made by name: one for each class where the targets may be labels.
  spec.outputs = [](const Tensor& targets) {
    constexpr double kMostClasses = 1000;
    const bool labels = targets.min().item<double>() >= 0 && targets.max().item<double>() < kMostClasses &&
                        (targets.floor() == targets).all().item<bool>();
    return labels ? losses::classes_of(targets) : losses::numbers(targets);
  };
  spec.prepare = [](const Tensor& targets, torch::ScalarType type) { return targets.to(type); };
  spec.each = [script](const Tensor& outputs, const Tensor& targets) { return script->each(outputs, targets); };
  return spec;
}

}  // namespace etamax
