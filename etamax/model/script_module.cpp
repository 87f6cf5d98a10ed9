#include "etamax/model/script_module.h"

#include <filesystem>

#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/files/zip.h"

namespace etamax {

std::string last_line(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  const std::size_t line = text.rfind('\n');
  return line == std::string::npos ? text : text.substr(line + 1);
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
  if (code) return "is TorchScript that this LibTorch cannot load: " + last_line(error.what());
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
  try {
    return torch::jit::load(path, torch::Device(torch::kCPU));
  } catch (const std::exception& e) {
    throw InputError(field, path + ": " + why_refused(path, e));
  }
}

}  // namespace etamax
