#pragma once

#include <string>
#include <vector>

#include "etamax/model/network.h"

namespace etamax {

/// Whether what stands after --model is a file: it ends in .pt, .pth, .ts or .torchscript, or has a '/' in what stands
/// before a colon.
bool is_model_file(const std::string& text);

/// The module that torch.jit.script or torch.jit.trace has saved to `path`, as it stands there: its weights,
/// and which of them are frozen. Batch norm is put into training mode; dropout is off in modules of PyTorch's
/// own classes. `example_shape`: of one example's inputs; what a module takes only as whole numbers (tokens) is
/// given to it as such.
///
/// `parts`: of a module whose forward has several arguments. They are these by name where all are called so, else in
/// their order. Of several results (a tuple, a list, a dict) the one called `logits` is taken, or else the first, and
/// a note says so.
///
/// Throws InputError: where the file is something else, has no parameters, takes other arguments, gives no tensor, or
/// gives two results for the same inputs (dropout that was traced, or that does not heed the mode).
Network load_torchscript(const std::string& path, const std::vector<int64_t>& example_shape,
                         const std::vector<InputPart>& parts = {});

}  // namespace etamax
