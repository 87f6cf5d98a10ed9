#pragma once

#include <exception>
#include <string>

#include "etamax/core/error.h"
#include "etamax/model/objective.h"

namespace etamax {

/// Whether memory did not suffice, on whatever device.
bool out_of_memory(const std::exception& e);

/// The refusal of work that memory did not suffice for. Names a chunk that fits, found by trying, and the option that
/// takes fewer examples as another way; where not even one example fits, the model.
InputError does_not_fit(const Network& network, const Dataset& data, const LossSpec& loss,
                        const ModelObjectiveOptions& tried, const std::string& fewer);

}  // namespace etamax
