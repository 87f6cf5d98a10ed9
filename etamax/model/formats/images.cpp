#include <algorithm>
#include <cctype>
#include <filesystem>

#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/files/image_file.h"
#include "etamax/model/table_data.h"

namespace etamax::formats {
namespace {

namespace fs = std::filesystem;

/// What a folder holds, sorted; hidden files are no part of it.
std::vector<fs::path> entries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
    if (!entry.path().filename().string().starts_with('.')) found.push_back(entry.path());
  if (error) throw InputError(folder.string() + ": cannot be read as a folder: " + error.message());
  std::sort(found.begin(), found.end());
  return found;
}

Image read_image(const fs::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  if (ending == ".png") return read_png(path.string(), read_whole_file(path.string()));
  if (ending == ".pgm" || ending == ".ppm" || ending == ".pnm")
    return read_pnm(path.string(), read_whole_file(path.string()));
  throw InputError(path.string() + ": is no .png, .pgm or .ppm; other images are to be converted");
}

std::string shape_text(const Image& image) {
  return std::to_string(image.channels) + " x " + std::to_string(image.height) + " x " + std::to_string(image.width);
}

}  // namespace

/// A folder for each class with its images, as torchvision.datasets.ImageFolder has it.
DataSpec images() {
  DataSpec spec;
  spec.name = "images";
  spec.summary =
      "a folder with a folder of images (.png, .pgm, .ppm, all of one size) for each class: pixels in 0..1, "
      "examples x channels x height x width";
  spec.example = "images:DIR";
  spec.load = [](const std::string& path, const DataOptions& options) {
    const std::string where = "images:" + path;
    check_options(where, options, {});
    std::vector<std::string> classes;
    std::vector<float> targets;
    std::vector<torch::Tensor> inputs;
    Image first;
    std::string first_name;
    std::error_code error;
    for (const fs::path& folder : entries(path)) {
      if (!fs::is_directory(folder, error)) continue;
      const std::vector<fs::path> files = entries(folder);
      if (files.empty()) throw InputError(folder.string() + ": has no images");
      for (const fs::path& file : files) {
        const Image image = read_image(file);
        if (first_name.empty()) {
          first = image;
          first_name = file.string();
        }
        if (shape_text(image) != shape_text(first))
          throw InputError(file.string() + ": is " + shape_text(image) + " (channels x height x width), but " +
                           first_name + " is " + shape_text(first));
        inputs.push_back(torch::tensor(c10::ArrayRef<float>(image.values)));
        targets.push_back(static_cast<float>(classes.size()));
      }
      classes.push_back(folder.filename().string());
    }
    if (inputs.empty()) throw InputError("data", where + ": has no folders of images, one for each class");
    Dataset data;
    data.name = where;
    data.inputs = torch::stack(inputs).view({-1, static_cast<int64_t>(first.channels),
                                             static_cast<int64_t>(first.height), static_cast<int64_t>(first.width)});
    data.targets = torch::tensor(c10::ArrayRef<float>(targets));
    data.notes.push_back(classes_note(classes));
    return data;
  };
  return spec;
}

}  // namespace etamax::formats
