#include "check_file.h"

#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/files/image_file.h"
#include "etamax/files/images.h"
#include "etamax/files/npy.h"
#include "etamax/files/numeric_table.h"
#include "etamax/files/safetensors.h"
#include "etamax/files/torch_save.h"
#include "etamax/files/zip.h"
#include "made_files.h"

namespace etamax::testing {
namespace {

const std::string kSource = "file";

std::size_t product(const std::vector<std::size_t>& shape) {
  std::size_t count = 1;
  for (std::size_t extent : shape) count *= extent;
  return count;
}

std::string array_fault(const NumberArray& array) {
  return product(array.shape) == array.size()
             ? ""
             : "an array of " + std::to_string(array.size()) + " numbers has another shape";
}

std::string arrays_fault(const ArrayFile& file) {
  for (const std::string& name : file.names)
    if (const std::string fault = array_fault(file.read(name)); !fault.empty()) return fault;
  return "";
}

std::string read(const std::string& reader, std::string_view bytes) {
  if (reader == "csv") {
    const auto last = [](std::size_t columns, const std::vector<std::string>&) { return columns - 1; };
    const NumericTable table = read_numeric_csv(kSource, bytes, last);
    return table.rows() > 0 && table.rows() * table.columns == table.values.size() ? "" : "the table is not one";
  }
  if (reader == "npz")
    return looks_like_npy(bytes) ? array_fault(read_npy(kSource, bytes))
                                 : arrays_fault(open_npz(kSource, std::string(bytes)));
  if (reader == "safetensors") return arrays_fault(open_safetensors(kSource, std::string(bytes)));
  if (reader == "idx") {
    const std::string content = bytes.starts_with("\x1f\x8b") ? gunzip(kSource, bytes, 1 << 20) : std::string(bytes);
    const ByteGrid grid = read_idx(kSource, content);
    return product(grid.shape) == grid.values.size() ? "" : "the grid is not one";
  }
  if (reader == "pnm" || reader == "png") {
    const Image image = reader == "pnm" ? read_pnm(kSource, bytes) : read_png(kSource, bytes);
    return image.values.size() == image.channels * image.height * image.width ? "" : "the image is not one";
  }
  if (reader == "torch_save") {
    // A bare pickle is put into a file around it: a fuzzer that had to keep checksums right would not get
    // far.
    const std::string numbers(16, '\1');
    const TorchSave file = open_torch_save(
        kSource,
        looks_like_zip(bytes) ? std::string(bytes) : zip({{"a/data.pkl", std::string(bytes)}, {"a/data/0", numbers}}));
    for (std::size_t i = 1; i < file.root->items.size(); i += 2)
      if (const SavedValue& value = *file.root->items[i]; value.kind == SavedValue::Kind::tensor)
        if (const std::string fault = array_fault(file.read(value, "tensor")); !fault.empty()) return fault;
    return "";
  }
  return "there is no reader " + reader;
}

}  // namespace

std::string file_fault(const std::string& reader, std::string_view bytes) {
  try {
    return read(reader, bytes);
  } catch (const InputError& e) {
    const std::string said = e.what();
    if (!said.starts_with(kSource + ": ")) return "the message does not name the file: " + said;
    if (said.find('\n') != std::string::npos || said.size() > 600) return "the message is not one line: " + said;
    return "";
  } catch (const std::exception& e) {
    return std::string("not an InputError: ") + e.what();
  }
}

}  // namespace etamax::testing
