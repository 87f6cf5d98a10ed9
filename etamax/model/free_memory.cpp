// https://docs.kernel.org/admin-guide/cgroup-v2.html, https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
#include "etamax/model/free_memory.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

namespace etamax {
namespace {

using Bytes = std::optional<std::uint64_t>;

/// "max", and whatever else is no number, is none.
Bytes number(const std::string& word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc() && end == word.data() + word.size() ? Bytes(value) : Bytes();
}

Bytes first_number(const std::string& path) {
  std::ifstream file(path);
  std::string word;
  file >> word;
  return number(word);
}

/// The number behind a word, in a file of such lines.
Bytes number_of(const std::string& path, std::string_view wanted) {
  std::ifstream file(path);
  for (std::string word; file >> word;)
    if (word == wanted && file >> word) return number(word);
  return {};
}

/// What the two versions of control groups call the same.
struct GroupVersion {
  bool unified;  ///< one tree of groups, for memory and all else
  const char *system, *limit, *used, *statistics;
};
constexpr GroupVersion kFirst = {false, "cgroup", "memory.limit_in_bytes", "memory.usage_in_bytes",
                                 "total_inactive_file"};
constexpr GroupVersion kSecond = {true, "cgroup2", "memory.max", "memory.current", "inactive_file"};

bool has_item(const std::string& list, std::string_view wanted) {
  std::istringstream items(list);
  for (std::string item; std::getline(items, item, ',');)
    if (item == wanted) return true;
  return false;
}

/// The group of this process, from lines as "4:memory:/a/b" and "0::/a/b".
std::optional<std::string> group_of_process(const std::string& root, const GroupVersion& version) {
  std::ifstream file(root + "/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':'), last = first == std::string::npos ? first : line.find(':', first + 1);
    if (last == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, last - first - 1);
    if (version.unified ? line.starts_with("0::") : has_item(controllers, "memory")) return line.substr(last + 1);
  }
  return {};
}

/// Spaces and the like are written as "\040" there.
std::string unescaped(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned code = 0;
    const char* digits = text.data() + i + 1;
    if (text[i] == '\\' && i + 3 < text.size() && std::from_chars(digits, digits + 3, code, 8).ptr == digits + 3) {
      plain += static_cast<char>(code);
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

struct Mount {
  std::string group;   ///< which group is its top
  std::string folder;  ///< where that is
};

/// From lines as "35 31 0:32 /group /folder rw,relatime - cgroup cgroup rw,memory", with more words before the dash.
std::vector<Mount> mounts_of(const std::string& root, const GroupVersion& version) {
  std::vector<Mount> mounts;
  std::ifstream file(root + "/proc/self/mountinfo");
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string word, group, folder, system, source, options;
    words >> word >> word >> word >> group >> folder;
    while (words >> word && word != "-") {
    }
    words >> system >> source >> options;
    if (system != version.system) continue;
    if (version.unified || has_item(options, "memory")) mounts.push_back({unescaped(group), root + unescaped(folder)});
  }
  return mounts;
}

/// What a group has left; nothing where it has no limit.
Bytes left_in(const std::string& folder, const GroupVersion& version) {
  const Bytes limit = first_number(folder + "/" + version.limit);
  if (!limit) return {};
  const std::uint64_t used = first_number(folder + "/" + version.used).value_or(0);
  const std::uint64_t kept = std::min(used, number_of(folder + "/memory.stat", version.statistics).value_or(0));
  return *limit - std::min(*limit, used - kept);
}

void limit_by_groups(Bytes& left, const std::string& root, const GroupVersion& version) {
  const std::optional<std::string> group = group_of_process(root, version);
  if (!group) return;
  for (const Mount& mount : mounts_of(root, version)) {
    // In a container the top may be the process's own group, or one that the process does not see the name of.
    const std::string top = mount.group == "/" ? "" : mount.group;
    const bool inside = group->starts_with(top + "/") && group->find("/..") == std::string::npos;
    std::string path = inside ? group->substr(top.size()) : "";
    while (true) {
      if (const Bytes here = left_in(mount.folder + path, version)) left = std::min(left.value_or(*here), *here);
      if (path.empty()) break;
      path.erase(path.rfind('/'));
    }
  }
}

}  // namespace

std::optional<std::uint64_t> free_memory(const std::string& root) {
  Bytes left = number_of(root + "/proc/meminfo", "MemAvailable:");
  if (left) *left *= 1024;  // it is said in KiB
  limit_by_groups(left, root, kFirst);
  limit_by_groups(left, root, kSecond);
  return left;
}

}  // namespace etamax
