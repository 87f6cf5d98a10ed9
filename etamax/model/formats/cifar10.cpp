#include <filesystem>

#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/files/images.h"
#include "etamax/model/table_data.h"

namespace etamax::formats {
namespace {

std::vector<std::string> files_in(const std::string& folder) {
  constexpr int kFiles = 5;
  std::vector<std::string> files;
  for (int k = 1; k <= kFiles; ++k) {
    const std::string name = "data_batch_" + std::to_string(k) + ".bin";
    files.push_back((std::filesystem::path(folder) / name).string());
    std::error_code error;
    if (!std::filesystem::exists(files.back(), error))
      throw InputError("data", "cifar10:" + folder + ": there is no " + name +
                                   " in this folder; CIFAR-10's binary version has data_batch_1.bin to _5.bin");
  }
  return files;
}

}  // namespace

/// A. Krizhevsky, Learning multiple layers of features from tiny images, 2009: the binary version's training
/// files.
DataSpec cifar10() {
  DataSpec spec;
  spec.name = "cifar10";
  spec.summary = "the folder of CIFAR-10's binary version: pixels in 0..1, examples x 3 x 32 x 32";
  spec.example = "cifar10:DIR";
  spec.sources = files_in;
  spec.load = [](const std::string& path, const DataOptions& options) {
    const std::string where = "cifar10:" + path;
    check_options(where, options, {});
    std::vector<torch::Tensor> inputs, targets;
    for (const std::string& file : files_in(path)) {
      const std::string bytes = read_whole_file(file);
      const Cifar10 images = read_cifar10(file, bytes);
      const torch::Tensor records = torch::from_blob(
          const_cast<char*>(bytes.data()), {static_cast<int64_t>(images.images()), Cifar10::kRecord}, torch::kByte);
      targets.push_back(records.select(1, 0).to(torch::kFloat));
      inputs.push_back(records.slice(1, 1).to(torch::kFloat).div_(255).view({-1, 3, 32, 32}));
    }
    Dataset data;
    data.name = "cifar10:" + path;
    data.inputs = torch::cat(inputs);
    data.targets = torch::cat(targets);
    return data;
  };
  return spec;
}

}  // namespace etamax::formats
