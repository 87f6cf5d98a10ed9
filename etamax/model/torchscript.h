#pragma once

#include <string>
#include <vector>

#include "etamax/model/network.h"

namespace etamax {

/// Whether what stands after --model is a file: it ends in .pt, .pth or .ts, or has a '/' in what stands
/// before a colon.
bool is_model_file(const std::string& text);

/// The module that torch.jit.script or torch.jit.trace has saved to `path`, as it stands there: its weights,
/// and which of them are frozen. Batch norm is put into training mode; dropout is off in modules of PyTorch's
/// own classes. `example_shape`: of one example's inputs; a module that takes only whole numbers (tokens) is
/// given them as such.
///
/// Throws InputError: where the file is something else, has no parameters, does not give one tensor, or gives
/// two results for the same inputs (dropout that was traced, or that does not heed the mode).
Network load_torchscript(const std::string& path, const std::vector<int64_t>& example_shape);

}  // namespace etamax
