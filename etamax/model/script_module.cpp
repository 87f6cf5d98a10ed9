#include "etamax/model/script_module.h"

#include <filesystem>

#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/files/zip.h"
#include "etamax/model/script_archive.h"

namespace etamax {

std::string reason_of(const std::exception& error) {
  const auto* of_libtorch = dynamic_cast<const c10::Error*>(&error);
  std::string text = of_libtorch ? of_libtorch->what_without_backtrace() : error.what();
  const std::size_t from = text.find_first_not_of(" \n"), to = text.find_last_not_of(" \n");
  text = from == std::string::npos ? "" : text.substr(from, to - from + 1);
  // The interpreter's reason is behind the script's traceback; the reader's is before the place in the file.
  const bool traced = text.find("Traceback of TorchScript") != std::string::npos;
  return traced ? text.substr(text.rfind('\n') + 1) : text.substr(0, text.find('\n'));
}

namespace {

/// What a file is that torch::jit::load does not take, and what to do about it.
std::string why_refused(const std::string& path, const std::exception& error) {
  constexpr const char* kDo = "; save the model itself with torch.jit.script(model).save(FILE)";
  const std::string bytes = read_whole_file(path);
  const bool pickled = bytes.starts_with('\x80');
  if (!looks_like_zip(bytes) && !pickled) return "is no TorchScript file" + std::string(kDo);
  bool pickle = pickled, code = false;
  if (!pickled)
    for (const ZipMember& member : zip_members(path, bytes)) {
      pickle = pickle || member.name.ends_with("/data.pkl");
      code = code || member.name.find("/code/") != std::string::npos;
    }
  if (code) return "is TorchScript that this LibTorch cannot load: " + reason_of(error);
  if (pickle)
    return "was written by torch.save: it holds weights or a Python object, not a model that can be run" +
           std::string(kDo) + ", or give weights as `checkpoint`";
  return "is a zip file, but no TorchScript" + std::string(kDo);
}

}  // namespace

torch::jit::Module load_module(const std::string& field, const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) throw InputError(field, path + ": is a folder, not a file");
  if (!std::filesystem::exists(path, error)) throw InputError(field, path + ": there is no such file");
  check_script_archive(field, path);
  try {
    return torch::jit::load(path, torch::Device(torch::kCPU));
  } catch (const std::exception& e) {
    throw InputError(field, path + ": " + why_refused(path, e));
  }
}

}  // namespace etamax
