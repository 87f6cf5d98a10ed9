#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/model/setup.h"

namespace etamax::apps {

/// A file that the command line says may be written.
struct NamedFile {
  std::string field, path;  ///< as replace_file takes them
};

/// Refuses files that would take the place of what the setup reads. Throws InputError.
void check_spares(const std::vector<NamedFile>& files, const ModelSetup& setup);

/// A TorchScript file is a program that somebody wrote. Where the setup has one and does not trust it, this splits
/// the process in two: in the new one, which is confined (confinement.h) and goes on, this returns nothing. The old one
/// keeps its rights: it replaces `files` for the other, and no others, hands it signals, and returns its exit
/// status once it has ended. Warns where the kernel lacks something unless `quiet`. Throws EnvironmentError where the
/// new one could not be made, or did not end by itself.
std::optional<int> split_off_model(const ModelSetup& setup, const std::vector<NamedFile>& files, bool quiet);

}  // namespace etamax::apps
