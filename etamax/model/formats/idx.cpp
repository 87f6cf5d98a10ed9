#include <filesystem>

#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/files/images.h"
#include "etamax/model/table_data.h"

namespace etamax::formats {
namespace {

/// The file of that kind in a folder, under the names that are in use, gzipped or not.
std::string found(const std::string& folder, const std::string& kind, const std::string& dimensions) {
  for (const char* dot : {"-", "."})
    for (const char* end : {"", ".gz"}) {
      const std::string path =
          (std::filesystem::path(folder) / ("train-" + kind + dot + "idx" + dimensions + "-ubyte" + end)).string();
      std::error_code error;
      if (std::filesystem::exists(path, error)) return path;
    }
  throw InputError("data", "idx:" + folder + ": there is no train-" + kind + "-idx" + dimensions +
                               "-ubyte in this folder, nor one with .gz");
}

/// The images, then the labels.
std::vector<std::string> files_in(const std::string& folder) {
  return {found(folder, "images", "3"), found(folder, "labels", "1")};
}

torch::Tensor numbers(const ByteGrid& grid) {
  const std::vector<int64_t> shape(grid.shape.begin(), grid.shape.end());
  return torch::from_blob(const_cast<char*>(grid.values.data()), shape, torch::kByte).to(torch::kFloat);
}

}  // namespace

/// The layout of MNIST and of the many data sets made like it: Y. LeCun, C. Cortes and C. Burges, The MNIST
/// database.
DataSpec idx() {
  DataSpec spec;
  spec.name = "idx";
  spec.summary = "a folder in MNIST's layout, gzipped or not: pixels in 0..1, examples x 1 x rows x columns";
  spec.example = "idx:DIR";
  spec.sources = files_in;
  spec.load = [](const std::string& path, const DataOptions& options) {
    check_options("idx:" + path, options, {});
    const std::vector<std::string> files = files_in(path);
    const std::string &images_path = files[0], &labels_path = files[1];
    const std::string image_bytes = read_whole_file(images_path), label_bytes = read_whole_file(labels_path);
    const ByteGrid images = read_idx(images_path, image_bytes), labels = read_idx(labels_path, label_bytes);
    const auto check_dimensions = [](const std::string& file, const ByteGrid& grid, std::size_t wanted) {
      if (grid.shape.size() != wanted)
        throw InputError(file + ": has " + std::to_string(grid.shape.size()) + " dimensions, not " +
                         std::to_string(wanted));
    };
    check_dimensions(images_path, images, 3);
    check_dimensions(labels_path, labels, 1);
    Dataset data;
    data.name = "idx:" + path;
    data.inputs = numbers(images).div_(255).unsqueeze(1);
    data.targets = numbers(labels);
    return data;
  };
  return spec;
}

}  // namespace etamax::formats
