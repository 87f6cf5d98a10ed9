#pragma once

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

/// Small files written byte by byte, from what the formats' documents say.
namespace etamax::testing {

inline std::string little(std::uint64_t value, int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> 8 * i & 255);
  return bytes;
}

inline std::string big(std::uint64_t value, int count) {
  const std::string reversed = little(value, count);
  return {reversed.rbegin(), reversed.rend()};
}

template <typename T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// Deflated; `window` as zlib counts it: below 0 a bare stream, 31 a gzip file.
inline std::string deflated(const std::string& content, int window = -15) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&stream, content.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

inline std::string gzipped(const std::string& content) { return deflated(content, 31); }

inline std::string npy(const std::string& descr, const std::string& shape, const std::string& bytes,
                       bool fortran = false) {
  std::string header =
      "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }";
  while ((10 + header.size() + 1) % 16 != 0) header += ' ';
  header += '\n';
  return std::string("\x93NUMPY\1\0", 8) + little(header.size(), 2) + header + bytes;
}

struct Member {
  std::string name, content;
  bool deflate = false;
};

inline std::string zip(const std::vector<Member>& members) {
  std::string file, directory;
  for (const Member& m : members) {
    const std::string packed = m.deflate ? deflated(m.content) : m.content;
    const auto crc = crc32(0, reinterpret_cast<const Bytef*>(m.content.data()), static_cast<uInt>(m.content.size()));
    const std::string common = little(20, 2) + little(0, 2) + little(m.deflate ? 8 : 0, 2) + little(0, 4) +
                               little(crc, 4) + little(packed.size(), 4) + little(m.content.size(), 4) +
                               little(m.name.size(), 2) + little(0, 2);
    directory += "PK\1\2" + little(20, 2) + common + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) +
                 little(file.size(), 4) + m.name;
    file += "PK\3\4" + common + m.name + packed;
  }
  return file + directory + "PK\5\6" + little(0, 4) + little(members.size(), 2) + little(members.size(), 2) +
         little(directory.size(), 4) + little(file.size(), 4) + little(0, 2);
}

inline std::string pickled_text(const std::string& text) { return "X" + little(text.size(), 4) + text; }

/// Of that many single-precision numbers in storage 0.
inline std::string pickled_tensor(std::uint64_t count) {
  return "ctorch._utils\n_rebuild_tensor_v2\n((" + pickled_text("storage") + "ctorch\nFloatStorage\n" +
         pickled_text("0") + pickled_text("cpu") + "K\1tQK" + std::string(1, '\0') + "J" + little(count, 4) +
         "\x85K\1\x85\x89}tR";
}

/// torch.save's file of what is pickled so, with storage 0.
inline std::string torch_save(const std::string& pickle, const std::string& storage) {
  return zip({{"a/data.pkl", "\x80\2" + pickle + ".", true}, {"a/data/0", storage, true}});
}

inline std::string safetensors(const std::string& header, const std::string& bytes) {
  return little(header.size(), 8) + header + bytes;
}

/// A gray PNG of 8 bits whose pixels, with a byte before each row, are deflated in `rows`.
inline std::string png(std::uint32_t width, std::uint32_t height, const std::string& rows) {
  const auto chunk = [](const std::string& named) {
    const auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(named.data()), named.size());
    return big(named.size() - 4, 4) + named + big(sum, 4);
  };
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR" + big(width, 4) + big(height, 4) + std::string("\x8\0\0\0\0", 5)) +
         chunk("IDAT" + rows) + chunk("IEND");
}

inline std::string idx(const std::vector<std::uint32_t>& shape, const std::string& bytes) {
  std::string file = std::string("\0\0\x08", 3) + static_cast<char>(shape.size());
  for (std::uint32_t extent : shape) file += big(extent, 4);
  return file + bytes;
}

}  // namespace etamax::testing
