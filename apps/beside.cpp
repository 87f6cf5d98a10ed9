#include "beside.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace etamax::apps {
namespace {

namespace fs = std::filesystem;

/// The program of that name that a shell would run; "" where PATH has none.
fs::path in_path(const std::string& name) {
  const char* const variable = std::getenv("PATH");
  const std::string folders = variable ? variable : "";
  for (std::size_t begin = 0; begin <= folders.size();) {
    const std::size_t end = std::min(folders.find(':', begin), folders.size());
    const fs::path candidate = fs::path(begin == end ? "." : folders.substr(begin, end - begin)) / name;
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
    begin = end + 1;
  }
  return {};
}

}  // namespace

std::string program_beside(const std::string& name, const std::string& called, const char* link) {
  std::error_code error;
  fs::path self = fs::read_symlink(link, error);
  if (error) {
    const fs::path found = called.find('/') != std::string::npos ? fs::path(called) : in_path(called);
    self = fs::canonical(found, error);  // behind links, as the system's own is
    if (error) self = found;
  }
  return (self.parent_path() / name).string();
}

}  // namespace etamax::apps
