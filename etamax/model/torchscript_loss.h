#pragma once

#include <string>

#include "etamax/model/loss.h"

namespace etamax {

/// A loss of one's own, that torch.jit.script has saved: forward(outputs, targets) gives each example's loss, one
/// number (or several, of which the mean counts) for each; not their mean, for single examples and parts of the data
/// are asked about too. It is given the outputs as the network gives them, and the targets as numbers of the same type,
/// or where it does not take these as whole numbers.
///
/// Throws InputError where the file is something else; and, when it is used, where it does not give that.
LossSpec load_loss(const std::string& path);

}  // namespace etamax
