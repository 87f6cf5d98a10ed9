#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "etamax/core/progress.h"

namespace etamax {

/// The bytes of a log in order, through one buffer of a mebibyte, from whatever gives them.
class ByteSource {
 public:
  static constexpr std::size_t kBuffer = std::size_t{1} << 20;
  static constexpr std::size_t kNoneYet = std::size_t(-1);
  /// Fills up to `room` bytes and returns how many; 0 at the end, kNoneYet where none have come for a while. Throws
  /// InputError where it fails.
  using Read = std::function<std::size_t(char* to, std::size_t room)>;

  ByteSource(std::string name, Read read)
      : name_(std::move(name)), read_(std::move(read)), buffer_(new char[kBuffer]) {}
  /// A file. Throws InputError where there is no such file, or it is a folder or may not be read. To read what only
  /// comes while one waits, pass a reader that does not block: then `ask` is asked meanwhile.
  static ByteSource file(const std::string& path);
  /// A text that outlives the source.
  static ByteSource memory(std::string_view text);

  const std::string& name() const { return name_; }
  /// Asked before each piece is read, and while waiting for one, whether to go on. Where not, the log ends
  /// there for its reader.
  void ask(Progress progress) { progress_ = std::move(progress); }
  bool interrupted() const { return interrupted_; }
  /// At least `wanted` bytes that come next (at most kBuffer), fewer only where the log ends. They stay until
  /// they are taken.
  std::string_view peek(std::size_t wanted);
  /// What has been read and not taken; at least one byte unless the log has ended.
  std::string_view available() { return peek(1); }
  void take(std::size_t count) { begin_ += count, taken_ += static_cast<long long>(count); }
  /// How many bytes have been taken.
  long long taken() const { return taken_; }

 private:
  std::string name_;
  Read read_;
  std::unique_ptr<char[]> buffer_;  // never read where nothing was written
  std::size_t begin_ = 0, end_ = 0;
  long long taken_ = 0;
  Progress progress_;
  bool ended_ = false, interrupted_ = false;
};

/// The lines of a log. A carriage return ends a line too, so that every state of a progress bar is one; what
/// exceeds a mebibyte of a line is left out, and so is a line that is cut short by an interruption.
class LineSource {
 public:
  explicit LineSource(ByteSource& bytes) : bytes_(bytes) {}
  /// False at the end. The text stays until the next call.
  bool next(std::string_view& line);
  long lines() const { return lines_; }          ///< how many there were
  long cut_lines() const { return cut_lines_; }  ///< of which too long

 private:
  std::size_t line_end(std::string_view ready);

  ByteSource& bytes_;
  long long newline_ = -1, searched_ = 0;  // of the log: the next newline if known; none lies before this
  std::size_t pending_ = 0;                // bytes of the line before, not yet taken
  long lines_ = 0, cut_lines_ = 0;
  std::string cut_;  // the part of a line that is kept
};

}  // namespace etamax
