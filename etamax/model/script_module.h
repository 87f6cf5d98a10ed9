#pragma once

#include <torch/script.h>

#include <exception>
#include <string>

namespace etamax {

/// The module that torch.jit.script or torch.jit.trace has saved. Throws InputError for the option `field`, with what
/// the file is instead.
torch::jit::Module load_module(const std::string& field, const std::string& path);

/// What went wrong, in one line, of what LibTorch throws: its messages hold a traceback of the script or of LibTorch.
std::string reason_of(const std::exception& error);

}  // namespace etamax
