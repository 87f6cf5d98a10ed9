#pragma once

#include "etamax/model/analyze_options.h"
#include "etamax/model/checkpoint.h"
#include "etamax/model/data.h"
#include "etamax/model/loss.h"
#include "etamax/model/network.h"

namespace etamax {

/// How high the learning rate may go for this network, at the weights it has, on these data; what limits it;
/// and short runs that prove it. The network's weights are as they were afterwards. Where the progress asks to
/// stop, the answer is what is known by then, marked partial. Throws InputError: among others where the loss
/// or its gradient is not finite at the start.
///
/// `checkpoint`: whose optimizer state the preconditioner and the runs begin with, if it has any; its weights
/// must be in the network already.
Analysis analyze(const Network& network, const Dataset& data, const LossSpec& loss, const AnalyzeOptions& options,
                 const Checkpoint* checkpoint = nullptr);

/// The loss that suits the targets: cross_entropy for a few labels 0, 1, ..., else mse.
std::string usual_loss(const Dataset& data);
/// The loss of that name, or the usual one where it is "". Throws InputError, also where the targets do not fit it.
const LossSpec& find_loss(const std::string& name, const Dataset& data);

/// The network that the text describes, as wide as the data and the loss need it. Throws InputError.
Network make_network(const std::string& text, const Dataset& data, const LossSpec& loss, std::uint64_t seed);

/// The device and the type that options name. Throw InputError; also where there is no such device.
torch::Device find_device(const std::string& name);
torch::ScalarType find_type(const std::string& name);

}  // namespace etamax
