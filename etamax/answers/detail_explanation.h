#pragma once

#include <string>
#include <vector>

#include "etamax/answers/detail_json.h"
#include "etamax/answers/explanation.h"

/// The parts of an explanation's documents, for documents that hold several.
namespace etamax::detail {

Json explanation_json(const Explanation& explanation);
std::vector<std::string> step_columns(const std::vector<std::string>& variables);
/// A row for each step shown of each run.
std::vector<std::vector<std::string>> step_rows(const Explanation& explanation);

}  // namespace etamax::detail
