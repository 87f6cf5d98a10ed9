#pragma once

#include "etamax/model/data.h"
#include "etamax/model/numeric_table.h"

namespace etamax {

/// One column of a table as the target, the others as features.
Dataset dataset_from_table(const std::string& name, const NumericTable& table, std::size_t target);

/// A file of data/ that the program carries within itself, as it stands there.
std::string_view bundled_file(std::string_view name);

}  // namespace etamax
