#pragma once

#include <string>
#include <vector>

#include "etamax/core/fields.h"

namespace etamax::apps {

/// Reads a `--config FILE.toml` into the fields: keys are the options' names, with underscores or hyphens, at the top
/// of the file or in a table of the command's name, which wins. Returns the names of the fields that it sets. Throws
/// InputError with the line, also for tables of other names.
///
///     lr = [0.8, 1.0, 1.2]
///     from = "x=-1"
///     [explain]
///     momentum = 0.9
std::vector<std::string> read_config(const std::string& path, const std::string& command, const Fields& fields);

}  // namespace etamax::apps
