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

/// The options of data that is made up: there is no path, and `first` stands where it would.
DataOptions made_up_options(const std::string& where, const std::string& first, const DataOptions& others);
/// Takes the whole number `name`, from `least` to `most`, out of the options; `otherwise` where it is not among them.
int64_t take_number(const std::string& where, DataOptions& options, const char* name, int64_t otherwise, int64_t least,
                    int64_t most);

/// The columns, from 0, that the option target=COLUMN names, or counts from 1 (from the end where negative), or several
/// as COLUMN+COLUMN; the last where there is no such option. Throws InputError, also where no column is left.
std::vector<std::size_t> target_columns(const std::string& where, std::size_t columns,
                                        const std::vector<std::string>& names, const DataOptions& options);

/// Some columns of `all` (rows x columns) as the targets, the others as features.
Dataset dataset_from_columns(const std::string& name, const torch::Tensor& all, const std::vector<std::string>& names,
                             const std::vector<std::size_t>& targets);
/// Where a target is words, they are told in a note.
Dataset dataset_from_table(const std::string& name, const NumericTable& table, const std::vector<std::size_t>& targets);

/// What number each class has, for a reader: "the classes are numbered in the order of their names: 0 cat, 1 dog".
std::string classes_note(const std::vector<std::string>& classes);

/// Takes over the numbers; no copy of them is made.
torch::Tensor tensor_of(NumberArray array);

/// The inputs and the targets among the arrays of a file: those that the options inputs=NAME (or NAME+NAME, of a
/// network with several) and targets=NAME say; else a pair that is called as is usual; else, where one array is called
/// as targets are, all the others. Throws InputError.
Dataset dataset_from_arrays(const std::string& where, const std::string& name, const ArrayFile& file,
                            const DataOptions& options);

/// A file of data/ that the program carries within itself, as it stands there.
std::string_view bundled_file(std::string_view name);

}  // namespace etamax
