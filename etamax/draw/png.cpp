#include "etamax/draw/png.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace etamax {
namespace {

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

std::uint32_t crc32(const std::string& bytes) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> rows{};
    for (std::uint32_t n = 0; n < 256; ++n) {
      std::uint32_t c = n;
      for (int k = 0; k < 8; ++k) c = (c & 1) != 0 ? 0xEDB88320u ^ (c >> 1) : c >> 1;
      rows[n] = c;
    }
    return rows;
  }();
  std::uint32_t c = 0xFFFFFFFFu;
  for (const char byte : bytes) c = table[(c ^ static_cast<unsigned char>(byte)) & 0xFF] ^ (c >> 8);
  return c ^ 0xFFFFFFFFu;
}

std::uint32_t adler32(const std::string& bytes) {
  std::uint32_t a = 1, b = 0;
  for (const char byte : bytes) {
    a = (a + static_cast<unsigned char>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  return (b << 16) | a;
}

std::string chunk(const std::string& type, const std::string& data) {
  return big_endian(static_cast<std::uint32_t>(data.size())) + type + data + big_endian(crc32(type + data));
}

/// A deflate stream (RFC 1951) of one block with the fixed codes.
class Deflater {
 public:
  Deflater() { bits(1, 1), bits(1, 2); }  // the last block; fixed codes

  void literal(unsigned char byte) { symbol(byte); }

  /// `length` 3 to 258 bytes, as they stood `distance` bytes before, 1 to 32768.
  void copy(unsigned length, unsigned distance) {
    constexpr std::array<unsigned, 29> kLengths = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                                   31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
    const std::size_t code = code_of(kLengths, length);
    symbol(static_cast<unsigned>(257 + code));
    bits(length - kLengths[code], code < 8 || code == 28 ? 0 : static_cast<unsigned>(code / 4 - 1));
    std::array<unsigned, 30> distances{};
    for (std::size_t k = 0; k < 30; ++k)
      distances[k] = static_cast<unsigned>(k < 4 ? k + 1 : (2 + k % 2) * (std::size_t{1} << (k / 2 - 1)) + 1);
    const std::size_t far = code_of(distances, distance);
    reversed(static_cast<unsigned>(far), 5);
    bits(distance - distances[far], far < 4 ? 0 : static_cast<unsigned>(far / 2 - 1));
  }

  std::string take() {
    symbol(256);
    if (filled_ > 0) bits(0, 8 - filled_);
    return std::move(out_);
  }

 private:
  template <std::size_t N>
  static std::size_t code_of(const std::array<unsigned, N>& starts, unsigned value) {
    return static_cast<std::size_t>(std::upper_bound(starts.begin(), starts.end(), value) - starts.begin()) - 1;
  }

  /// Literals and lengths by the fixed code.
  void symbol(unsigned s) {
    if (s < 144)
      reversed(0x30 + s, 8);
    else if (s < 256)
      reversed(0x190 + s - 144, 9);
    else if (s < 280)
      reversed(s - 256, 7);
    else
      reversed(0xC0 + s - 280, 8);
  }

  /// Codes are stored from their highest bit on.
  void reversed(unsigned code, unsigned count) {
    unsigned turned = 0;
    for (unsigned k = 0; k < count; ++k) turned |= ((code >> k) & 1) << (count - 1 - k);
    bits(turned, count);
  }

  void bits(unsigned value, unsigned count) {
    for (unsigned k = 0; k < count; ++k) {
      byte_ |= ((value >> k) & 1) << filled_;
      if (++filled_ < 8) continue;
      out_ += static_cast<char>(byte_);
      byte_ = 0, filled_ = 0;
    }
  }

  std::string out_;
  unsigned byte_ = 0, filled_ = 0;
};

/// `row`: the bytes of one row, so far back that the row above is looked at.
std::string zlib_stream(const std::string& bytes, std::size_t row) {
  constexpr std::size_t kLongest = 258, kShortest = 3, kFarthest = 32768;
  Deflater deflater;
  const auto same = [&](std::size_t at, std::size_t back) {
    if (back > at || back > kFarthest) return std::size_t{0};
    std::size_t length = 0;
    while (length < kLongest && at + length < bytes.size() && bytes[at + length] == bytes[at + length - back]) ++length;
    return length;
  };
  for (std::size_t at = 0; at < bytes.size();) {
    std::size_t best = 0, distance = 0;
    for (const std::size_t back : {std::size_t{1}, row, 2 * row, row - 1, row + 1, std::size_t{2}})
      if (const std::size_t length = same(at, back); length > best) best = length, distance = back;
    if (best >= kShortest) {
      deflater.copy(static_cast<unsigned>(best), static_cast<unsigned>(distance));
      at += best;
    } else {
      deflater.literal(static_cast<unsigned char>(bytes[at++]));
    }
  }
  return "\x78\x9c" + deflater.take() + big_endian(adler32(bytes));
}

}  // namespace

std::string png_of(const IndexedImage& image) {
  const auto width = static_cast<std::size_t>(image.width), height = static_cast<std::size_t>(image.height);
  if (image.width < 1 || image.height < 1 || image.pixels.size() != width * height || image.palette.empty() ||
      image.palette.size() > 256)
    throw std::logic_error("no picture: it has no pixels, or not as many as its size says, or no palette");
  std::string palette, rows;
  for (const Rgb& color : image.palette)
    for (const int part : {color.red, color.green, color.blue}) palette += static_cast<char>(part);
  for (std::size_t y = 0; y < height; ++y) {
    rows += '\0';  // the row stands as it is, without a filter
    rows.append(reinterpret_cast<const char*>(image.pixels.data()) + y * width, width);
  }
  const std::string header = big_endian(static_cast<std::uint32_t>(width)) +
                             big_endian(static_cast<std::uint32_t>(height)) + std::string("\x08\x03\0\0\0", 5);
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("PLTE", palette) +
         chunk("IDAT", zlib_stream(rows, width + 1)) + chunk("IEND", "");
}

std::string base64(const std::string& bytes) {
  constexpr const char* kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 3; ++k)
      three = three << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) text += i + k < bytes.size() + 1 ? kDigits[(three >> (18 - 6 * k)) & 63] : '=';
  }
  return text;
}

}  // namespace etamax
