#include "config_text.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

#include "etamax/core/error.h"
#include "etamax/core/interruption.h"

namespace etamax::apps {
namespace {

/// Where the string ends that begins at `at`: behind its last quote, or at the end of the line where TOML has none.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const bool tripled = text.substr(at, 3) == std::string(3, quote);
  const std::string_view closing = text.substr(at, tripled ? 3 : 1);
  for (at += closing.size(); at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (!tripled && text[at] == '\n') {
      return at;
    } else if (text.substr(at, closing.size()) == closing) {
      at += closing.size();
      for (int inner = 0; tripled && inner < 2 && at < text.size() && text[at] == quote; ++inner) ++at;
      return at;
    }
  }
  return text.size();
}

/// Looks at no more than brackets and dots: whatever else is wrong, the parser says.
void check_nesting(std::string_view text) {
  int depth = 0, dots = 0;  // dots since the last sign that ends a name
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      at = end_of_string(text, at);
      continue;
    }
    if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    if (c == '.')
      ++dots;
    else if (std::string_view("\n=,[]{}").find(c) != std::string_view::npos)
      dots = 0;
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') depth = std::max(depth - 1, 0);
    if (std::max(depth, dots + 1) > ConfigLimits::nesting)
      throw InputError("config", fmt::format("line {}: nests more than {} deep",
                                             1 + std::count(text.begin(), text.begin() + static_cast<long>(at), '\n'),
                                             ConfigLimits::nesting));
    ++at;
  }
}

}  // namespace

std::string read_config_text(const std::string& path) {
  const auto refuse = [&](const std::string& why) { throw InputError("config", fmt::format("'{}' {}", path, why)); };
  const int file = interruptible_call([&] { return open(path.c_str(), O_RDONLY | O_CLOEXEC); });
  if (file < 0) refuse(fmt::format("cannot be read: {}", std::strerror(errno)));
  const std::unique_ptr<const int, void (*)(const int*)> closer(&file, [](const int* f) { close(*f); });
  std::string text(ConfigLimits::bytes + 1, '\0');
  for (std::size_t size = 0; size < text.size();) {
    const ssize_t count = interruptible_call([&] { return read(file, text.data() + size, text.size() - size); });
    if (count < 0) refuse(fmt::format("cannot be read: {}", std::strerror(errno)));
    size += static_cast<std::size_t>(count);
    if (count == 0) text.resize(size);
  }
  if (text.size() > ConfigLimits::bytes) refuse(fmt::format("is longer than {} bytes", ConfigLimits::bytes));
  check_nesting(text);
  return text;
}

}  // namespace etamax::apps
