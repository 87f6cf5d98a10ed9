#include "etamax/files/bytes.h"
#include "etamax/model/table_data.h"

namespace etamax::formats {

/// Numbers between commas, semicolons or tabs, one line for each example, gzipped or not.
DataSpec csv() {
  DataSpec spec;
  spec.name = "csv";
  spec.summary =
      "numbers between commas, semicolons or tabs, gzipped or not; target=COLUMN (or COLUMN+COLUMN) by name or number, "
      "else the last, which may be names of classes";
  spec.endings = {".csv", ".csv.gz", ".tsv", ".tsv.gz"};
  spec.example = "csv:FILE,target=COLUMN";
  spec.load = [](const std::string& path, const std::map<std::string, std::string>& options) {
    const std::string where = "csv:" + path;
    check_options(where, options, {"target"});
    std::vector<std::size_t> targets;
    const NumericTable table = read_numeric_csv(
        path, read_whole_file(path), [&](std::size_t columns, const std::vector<std::string>& first_line) {
          targets = target_columns(where, columns, first_line, options);
          return targets.size() == 1 ? targets[0] : columns;  // several targets are numbers
        });
    return dataset_from_table("csv:" + path, table, targets);
  };
  return spec;
}

}  // namespace etamax::formats
