#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/model/setup.h"
#include "keeping.h"

namespace etamax::apps {

/// Refuses files that would take the place of what the setup reads. Throws InputError.
void check_spares(const std::vector<NamedFile>& files, const ModelSetup& setup);

/// A TorchScript file is a program that somebody wrote. Where the setup has one and does not trust it, this splits
/// the process in two: in the new one, which is confined (confinement.h) and goes on, this returns nothing. The old one
/// keeps its rights: it replaces `files` for the other, and no others, prints its answer, hands it signals, and returns
/// its exit status once it has ended. Warns where the kernel lacks something unless `quiet`. Throws EnvironmentError
/// where the new one could not be made, or did not end by itself with an answer or a line that says why not;
/// Interrupted where it was asked to stop and had to be ended.
std::optional<int> split_off_model(const ModelSetup& setup, const std::vector<NamedFile>& files, bool quiet);

}  // namespace etamax::apps
