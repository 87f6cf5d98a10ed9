#include <algorithm>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/model/numeric_table.h"
#include "etamax/model/table_data.h"

namespace etamax::formats {
namespace {

/// The column that `target` names, or counts from 1 (from the end where negative); the last where there is none.
std::size_t target_column(const std::string& path, const NumericTable& table, const std::map<std::string, std::string>& options) {
  const auto target = options.find("target");
  if (target == options.end()) return table.columns - 1;
  const auto name = std::find(table.names.begin(), table.names.end(), target->second);
  if (name != table.names.end()) return static_cast<std::size_t>(name - table.names.begin());
  char* end = nullptr;
  const long number = std::strtol(target->second.c_str(), &end, 10);
  const long columns = static_cast<long>(table.columns);
  if (!target->second.empty() && *end == '\0' && number != 0 && std::abs(number) <= columns)
    return static_cast<std::size_t>(number > 0 ? number - 1 : columns + number);
  const std::string near = closest(target->second, table.names);
  throw InputError("--data csv:" + path + ": there is no column '" + target->second + "'" +
                   (near.empty() ? "; it has " + std::to_string(columns) + " columns" : "; did you mean '" + near + "'?"));
}

}  // namespace

/// Comma-separated numbers, one line for each example, gzipped or not.
DataSpec csv() {
  DataSpec spec;
  spec.name = "csv";
  spec.summary = "comma-separated numbers, gzipped or not; target=COLUMN by name or number, else the last";
  spec.example = "csv:FILE,target=COLUMN";
  spec.load = [](const std::string& path, const std::map<std::string, std::string>& options) {
    for (const auto& [key, value] : options)
      if (key != "target") throw InputError("--data csv:" + path + ": there is no option '" + key + "'; there is target");
    const NumericTable table = read_numeric_csv(path, read_whole_file(path));
    if (table.columns < 2) throw InputError("--data csv:" + path + ": has one column; it needs features and a target");
    return dataset_from_table("csv:" + path, table, target_column(path, table, options));
  };
  return spec;
}

}  // namespace etamax::formats
