#include <sys/xattr.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>

#include "etamax/files/detail_attributes.h"
#include "etamax/files/detail_descriptor.h"

namespace etamax {
namespace {

constexpr const char* kAccessList = "system.posix_acl_access";

bool has_none(int error) { return error == ENODATA || error == ENOTSUP || error == ENOSYS; }

/// What the call fills, whose size it says beforehand; none, with errno, where it fails. The size may grow meanwhile.
template <typename Call>
std::optional<std::string> filled(const Call& call) {
  while (true) {
    std::string bytes;
    const ssize_t size = call(nullptr, 0);
    if (size < 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(size));
    const ssize_t got = size == 0 ? 0 : call(bytes.data(), bytes.size());
    if (got < 0 && errno == ERANGE) continue;
    if (got < 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(got));
    return bytes;
  }
}

/// Whether a file that is written in keeps it: neither what the system derives (`system.*`) nor what vouches for the
/// old content, which the kernel itself takes away then.
bool is_kept(const std::string& name) {
  for (const char* of_content : {"security.capability", "security.ima", "security.evm"})
    if (name == of_content) return false;
  return !name.starts_with("system.");
}

std::optional<std::string> attribute(const std::filesystem::path& path, const std::string& name) {
  return filled([&](char* to, std::size_t room) { return ::getxattr(path.c_str(), name.c_str(), to, room); });
}

[[noreturn]] void give_up(const WriteTarget& target, const char* what) {
  target.give_up(errno, std::string(what) + " cannot be kept: ");
}

bool set(int file, const std::string& name, const std::string& value) {
  return uninterrupted([&] { return ::fsetxattr(file, name.c_str(), value.data(), value.size(), 0); }) == 0;
}

}  // namespace

void copy_attributes(const WriteTarget& target, const std::filesystem::path& from, int file) {
  constexpr const char* kWhat = "its extended attributes";
  const auto names = filled([&](char* to, std::size_t room) { return ::listxattr(from.c_str(), to, room); });
  if (!names && !has_none(errno)) give_up(target, kWhat);
  if (!names) return;
  for (std::size_t at = 0; at < names->size();) {  // each ends in a byte of value 0
    const std::string name = names->c_str() + at;
    at += name.size() + 1;
    if (!is_kept(name)) continue;
    const auto value = attribute(from, name);
    if (!value && errno == ENODATA) continue;  // removed meanwhile
    if (!value) give_up(target, kWhat);
    // A label that the new file has already, not every user may set.
    const auto own = filled([&](char* to, std::size_t room) { return ::fgetxattr(file, name.c_str(), to, room); });
    if (own != value && !set(file, name, *value)) give_up(target, kWhat);
  }
}

void copy_access_list(const WriteTarget& target, const std::filesystem::path& from, int file) {
  constexpr const char* kWhat = "its access control list";
  if (const auto list = attribute(from, kAccessList)) {
    if (!set(file, kAccessList, *list)) give_up(target, kWhat);
    return;
  }
  if (!has_none(errno)) give_up(target, kWhat);
  if (uninterrupted([&] { return ::fremovexattr(file, kAccessList); }) != 0 && !has_none(errno)) give_up(target, kWhat);
}

}  // namespace etamax
