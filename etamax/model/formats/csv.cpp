#include "etamax/files/bytes.h"
#include "etamax/model/table_data.h"

namespace etamax::formats {

/// Comma-separated numbers, one line for each example, gzipped or not.
DataSpec csv() {
  DataSpec spec;
  spec.name = "csv";
  spec.summary = "comma-separated numbers, gzipped or not; target=COLUMN by name or number, else the last";
  spec.example = "csv:FILE,target=COLUMN";
  spec.load = [](const std::string& path, const std::map<std::string, std::string>& options) {
    const std::string where = "csv:" + path;
    check_options(where, options, {"target"});
    const NumericTable table = read_numeric_csv(path, read_whole_file(path));
    return dataset_from_table("csv:" + path, table, target_column(where, table.columns, table.names, options));
  };
  return spec;
}

}  // namespace etamax::formats
