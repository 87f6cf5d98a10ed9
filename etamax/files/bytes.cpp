#include "etamax/files/bytes.h"

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>

#include "etamax/core/error.h"
#include "etamax/core/interruption.h"
#include "etamax/files/input_file.h"

namespace etamax {
namespace {

/// One inflating stream, fed in parts since zlib counts in 32 bit.
class Inflater {
 public:
  Inflater(std::string_view input, int window) : rest_(input) { checked(inflateInit2(&stream_, window)); }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Unpacks up to `size` bytes to `out`, and not more than a part that takes no time; returns how many. `state()` is
  /// Z_OK while there may be more. Throws Interrupted.
  std::size_t read(char* out, std::size_t size) {
    constexpr std::size_t kPart = std::size_t{1} << 24;
    check_interruption();
    size = std::min(size, kPart);
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(size);
    while (state_ == Z_OK && stream_.avail_out > 0) {
      const std::size_t part = std::min<std::size_t>(rest_.size(), std::numeric_limits<uInt>::max());
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(rest_.data()));
      stream_.avail_in = static_cast<uInt>(part);
      state_ = checked(inflate(&stream_, Z_NO_FLUSH));
      rest_.remove_prefix(part - stream_.avail_in);
    }
    return size - stream_.avail_out;
  }
  int state() const { return state_; }
  std::string_view rest() const { return rest_; }

 private:
  static int checked(int state) {
    if (state == Z_MEM_ERROR) throw std::bad_alloc();
    if (state == Z_VERSION_ERROR) throw std::runtime_error("zlib is of another version");
    return state;
  }

  z_stream stream_{};
  std::string_view rest_;
  int state_ = Z_OK;
};

}  // namespace

std::size_t most_unpacked(std::size_t packed) {
  constexpr std::size_t kAlways = std::size_t{1} << 24, kRatio = 100;
  return std::max(kAlways, packed * kRatio);
}

std::string gunzip(const std::string& source, std::string_view compressed, std::size_t limit) {
  constexpr int kGzip = 16 + MAX_WBITS;
  constexpr std::size_t kBlock = 1 << 16;
  const auto block = std::make_unique<char[]>(kBlock);
  std::string content;
  do {
    Inflater stream(compressed, kGzip);
    while (stream.state() == Z_OK) {
      const std::size_t count = stream.read(block.get(), kBlock);
      if (count > limit - content.size())
        throw InputError(source + ": unpacks to more than " + std::to_string(limit) +
                         " bytes; if that is right, unpack it with gunzip");
      content.append(block.get(), count);
    }
    if (stream.state() != Z_STREAM_END) throw InputError(source + ": is no whole gzip file");
    compressed = stream.rest();
  } while (!compressed.empty());
  return content;
}

std::string inflate_exactly(const std::string& source, std::string_view compressed, std::size_t size) {
  // Deflate packs no better than 1032 to 1, so a size beyond that is refused before it is allocated.
  constexpr std::size_t kBestRatio = 1032;
  if (size / kBestRatio > compressed.size())
    throw InputError(source + ": is damaged: " + std::to_string(compressed.size()) + " bytes cannot unpack to " +
                     std::to_string(size));
  std::string content(size, '\0');
  Inflater stream(compressed, -MAX_WBITS);
  std::size_t done = 0;
  while (done < size && stream.state() == Z_OK) done += stream.read(content.data() + done, size - done);
  char more = 0;  // where the end is seen, and nothing may be left
  if (stream.state() == Z_OK && stream.read(&more, 1) != 0) done = size + 1;
  if (stream.state() != Z_STREAM_END || done != size || !stream.rest().empty())
    throw InputError(source + ": is damaged: does not unpack to its " + std::to_string(size) + " bytes");
  return content;
}

std::string read_whole_file(const std::string& path, std::size_t limit) {
  InputFile file(path);
  const auto too_large = [&] { return InputError(path + ": is larger than " + std::to_string(limit) + " bytes"); };
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);  // a pipe has none
  if (!error && size > limit) throw too_large();
  constexpr std::size_t kBlock = 1 << 20;
  std::string content;
  content.reserve(error ? kBlock : static_cast<std::size_t>(size));
  const auto block = std::make_unique<char[]>(kBlock);
  while (const std::size_t count = file.read(block.get(), kBlock)) {
    content.append(block.get(), count);
    if (content.size() > limit) throw too_large();
  }
  const bool gzipped = content.size() > 2 && content[0] == '\x1f' && content[1] == '\x8b';
  return gzipped ? gunzip(path, content, std::min(limit, most_unpacked(content.size()))) : content;
}

std::uint32_t crc32_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

std::uint64_t little_endian(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

void append_little_endian(std::string& bytes, std::uint64_t number, std::size_t count) {
  for (std::size_t k = 0; k < count; ++k) bytes += static_cast<char>(number >> (8 * k) & 255);
}

std::uint64_t big_endian(std::string_view bytes, std::size_t at, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

std::string printable(std::string_view text) {
  std::string shown;
  for (char c : text.substr(0, 40)) {
    const auto code = static_cast<unsigned char>(c);
    shown += code < 32 || code > 126 ? '?' : c;
  }
  return shown;
}

}  // namespace etamax
