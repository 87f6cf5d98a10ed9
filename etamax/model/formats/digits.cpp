#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/model/table_data.h"

namespace etamax::formats {

/// E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI 1998, doi 10.24432/C50P49, CC BY 4.0: its
/// test part. Pixels are divided by their largest value, 16.
DataSpec digits() {
  DataSpec spec;
  spec.name = "digits";
  spec.summary = "1,797 handwritten digits of 8x8 pixels in 0..1 (bundled)";
  spec.example = "digits";
  spec.load = [](const std::string& path, const std::map<std::string, std::string>& options) {
    if (!path.empty() || !options.empty()) throw InputError("data", "digits takes nothing after its name");
    const std::string text = gunzip("digits", bundled_file("digits.csv.gz"), 1 << 24);
    const NumericTable table = read_numeric_csv("digits", text);
    Dataset data = dataset_from_table("digits", table, {table.columns - 1});
    data.inputs /= 16;
    return data;
  };
  return spec;
}

}  // namespace etamax::formats
