#include "etamax/core/error.h"
#include "etamax/model/table_data.h"

namespace etamax::formats {

/// W. Wolberg, O. Mangasarian, N. Street, W. Street, Breast Cancer Wisconsin (Diagnostic), UCI 1995,
/// doi 10.24432/C5DW2B, CC BY 4.0. As measured: the scales of its features differ by a factor of a million.
DataSpec breast_cancer() {
  DataSpec spec;
  spec.name = "breast_cancer";
  spec.summary = "569 tumours, 30 features on scales from 1e-3 to 4e3, label 1 benign (bundled)";
  spec.example = "breast_cancer";
  spec.load = [](const std::string& path, const std::map<std::string, std::string>& options) {
    if (!path.empty() || !options.empty()) throw InputError("data", "breast_cancer takes nothing after its name");
    // Its first line counts examples and features and names the classes.
    std::string_view text = bundled_file("breast_cancer.csv");
    text.remove_prefix(text.find('\n') + 1);
    const NumericTable table = read_numeric_csv("breast_cancer", text);
    return dataset_from_table("breast_cancer", table, {table.columns - 1});
  };
  return spec;
}

}  // namespace etamax::formats
