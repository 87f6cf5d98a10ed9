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

std::vector<std::string> class_folders(const std::string& path) {
  std::vector<std::string> folders;
  std::error_code error;
  for (const fs::path& entry : entries(path))
    if (fs::is_directory(entry, error)) folders.push_back(entry.string());
  return folders;
}

/// `packed`: counts the files' bytes.
Image read_image(const fs::path& path, std::size_t& packed) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  const bool png = ending == ".png";
  if (!png && ending != ".pgm" && ending != ".ppm" && ending != ".pnm")
    throw InputError(path.string() + ": is no .png, .pgm or .ppm; other images are to be converted");
  const std::string bytes = read_whole_file(path.string());
  packed += bytes.size();
  return png ? read_png(path.string(), bytes) : read_pnm(path.string(), bytes);
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
  spec.sources = class_folders;
  spec.load = [](const std::string& path, const DataOptions& options) {
    const std::string where = "images:" + path;
    check_options(where, options, {});
    std::vector<std::string> classes;
    std::vector<float> targets;
    NumberArray inputs{{0}, std::vector<float>(), ElementType::uint8};
    auto& values = std::get<std::vector<float>>(inputs.values);
    std::string first_name, first_shape;
    std::size_t packed = 0;  // bytes of all files
    for (const fs::path folder : class_folders(path)) {
      const std::vector<fs::path> files = entries(folder);
      if (files.empty()) throw InputError(folder.string() + ": has no images");
      for (const fs::path& file : files) {
        const Image image = read_image(file, packed);
        if (first_name.empty()) {
          first_name = file.string();
          first_shape = shape_text(image);
          inputs.shape = {0, image.channels, image.height, image.width};
        }
        if (shape_text(image) != first_shape)
          throw InputError(file.string() + ": is " + shape_text(image) + " (channels x height x width), but " +
                           first_name + " is " + first_shape);
        if (values.size() + image.values.size() > most_unpacked(packed))
          throw InputError(file.string() + ": with it the images have more than " +
                           std::to_string(most_unpacked(packed)) + " numbers in files of " + std::to_string(packed) +
                           " bytes; if that is right, convert them to .pgm or .ppm");
        values.insert(values.end(), image.values.begin(), image.values.end());
        ++inputs.shape[0];
        targets.push_back(static_cast<float>(classes.size()));
      }
      classes.push_back(folder.filename().string());
    }
    if (values.empty()) throw InputError("data", where + ": has no folders of images, one for each class");
    Dataset data;
    data.name = where;
    data.inputs = tensor_of(std::move(inputs));
    data.targets = torch::tensor(c10::ArrayRef<float>(targets));
    data.notes.push_back(classes_note(classes));
    return data;
  };
  return spec;
}

}  // namespace etamax::formats
