#include "etamax/diagnose/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>

#include "etamax/core/error.h"
#include "etamax/core/format.h"

namespace etamax {

ByteSource ByteSource::file(const std::string& path) {
  const std::string name = one_line(path);
  const auto refuse = [name](const std::string& what) {
    throw InputError(fmt::format("'{}' cannot be read: {}", name, what));
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) refuse("it is a folder; give the log file in it");
  const auto stream = std::make_shared<std::ifstream>(path, std::ios::binary);
  if (!*stream) refuse("there is no such file, or it may not be read");
  return {name, [stream, refuse](char* to, std::size_t room) {
            stream->read(to, static_cast<std::streamsize>(room));
            if (stream->bad()) refuse("the file could be opened, but not read");
            return static_cast<std::size_t>(stream->gcount());
          }};
}

ByteSource ByteSource::memory(std::string_view text) {
  return {"memory", [text](char* to, std::size_t room) mutable {
            const std::size_t count = std::min(room, text.size());
            std::copy_n(text.data(), count, to);
            text.remove_prefix(count);
            return count;
          }};
}

std::string_view ByteSource::peek(std::size_t wanted) {
  wanted = std::min(wanted, kBuffer);
  while (end_ - begin_ < wanted && !ended_) {
    if (begin_ > 0 && end_ == begin_) begin_ = end_ = 0;
    if (begin_ + wanted > kBuffer || end_ == kBuffer) {
      std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
      end_ -= begin_, begin_ = 0;
    }
    if (progress_ && !progress_(0)) {
      interrupted_ = ended_ = true;
      break;
    }
    const std::size_t count = read_(buffer_.get() + end_, kBuffer - end_);
    if (count == kNoneYet) continue;
    if (count == 0) ended_ = true;
    end_ += count;
  }
  return {buffer_.get() + begin_, end_ - begin_};
}

std::size_t LineSource::line_end(std::string_view ready) {
  const auto find = [](std::string_view text, char sought) {
    const void* at = text.empty() ? nullptr : std::memchr(text.data(), sought, text.size());
    return at ? static_cast<std::size_t>(static_cast<const char*>(at) - text.data()) : std::string_view::npos;
  };
  // Where the next newline is, or how far there is none, is remembered: a log may consist of carriage
  // returns.
  const long long base = bytes_.taken();
  if (newline_ < base) {
    newline_ = -1;
    const auto from = static_cast<std::size_t>(std::max(searched_ - base, 0LL));
    const std::size_t at = from < ready.size() ? find(ready.substr(from), '\n') : std::string_view::npos;
    if (at != std::string_view::npos) newline_ = base + static_cast<long long>(from + at);
    searched_ = newline_ >= 0 ? newline_ + 1 : base + static_cast<long long>(ready.size());
  }
  const std::size_t end = newline_ >= 0 ? static_cast<std::size_t>(newline_ - base) : std::string_view::npos;
  const std::size_t bar = find(ready.substr(0, end), '\r');
  return bar != std::string_view::npos ? bar : end;
}

bool LineSource::next(std::string_view& line) {
  bytes_.take(std::exchange(pending_, 0));
  std::string_view ready = bytes_.available();
  if (ready.empty()) return false;
  std::size_t end = line_end(ready);
  for (std::size_t seen = 0; end == std::string_view::npos && seen < ready.size(); end = line_end(ready)) {
    seen = ready.size();
    ready = bytes_.peek(seen + 1);
  }
  if (end == std::string_view::npos && bytes_.interrupted()) return false;
  ++lines_;
  if (end != std::string_view::npos) {
    pending_ = end + 1;
    if (ready[end] == '\r') {
      ready = bytes_.peek(end + 2);  // may move what is there
      if (ready.size() > end + 1 && ready[end + 1] == '\n') ++pending_;
    }
    line = ready.substr(0, end);
    return true;
  }
  line = ready;
  if (ready.size() < ByteSource::kBuffer) {
    pending_ = ready.size();
    return true;
  }
  ++cut_lines_;
  cut_.assign(ready);
  line = cut_;
  do {  // the rest of the line
    bytes_.take(ready.size());
    ready = bytes_.available();
    end = line_end(ready);
  } while (!ready.empty() && end == std::string_view::npos);
  if (!ready.empty()) pending_ = end + 1;
  return true;
}

}  // namespace etamax
