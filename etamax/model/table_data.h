#pragma once

#include <initializer_list>

#include "etamax/files/number_array.h"
#include "etamax/files/numeric_table.h"
#include "etamax/model/data.h"

/// What the files of formats/ share. `where` begins what they throw, behind the option, for example "csv:houses.csv".
namespace etamax {

using DataOptions = std::map<std::string, std::string>;

/// Throws InputError where `options` has a key that is not among `known`.
void check_options(const std::string& where, const DataOptions& options, std::initializer_list<const char*> known);

/// The column, from 0, that the option target=COLUMN names, or counts from 1 (from the end where negative);
/// the last where there is no such option. Throws InputError, also where there are not two columns.
std::size_t target_column(const std::string& where, std::size_t columns, const std::vector<std::string>& names,
                          const DataOptions& options);

/// One column of `all` (rows x columns) as the target, the others as features.
Dataset dataset_from_columns(const std::string& name, const torch::Tensor& all, const std::vector<std::string>& names,
                             std::size_t target);
Dataset dataset_from_table(const std::string& name, const NumericTable& table, std::size_t target);

/// Takes over the numbers; no copy of them is made.
torch::Tensor tensor_of(NumberArray array);

/// The inputs and the targets among the arrays of a file: those that the options inputs=NAME and targets=NAME
/// say, else those that are called as is usual. Throws InputError.
Dataset dataset_from_arrays(const std::string& where, const std::string& name, const ArrayFile& file,
                            const DataOptions& options);

/// A file of data/ that the program carries within itself, as it stands there.
std::string_view bundled_file(std::string_view name);

}  // namespace etamax
