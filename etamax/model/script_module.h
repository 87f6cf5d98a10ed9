#pragma once

#include <torch/script.h>

#include <string>

namespace etamax {

/// The module that torch.jit.script or torch.jit.trace has saved. Throws InputError for the option `field`, with what
/// the file is instead.
torch::jit::Module load_module(const std::string& field, const std::string& path);

/// TorchScript's messages hold a traceback; what went wrong is their last line.
std::string last_line(std::string text);

}  // namespace etamax
