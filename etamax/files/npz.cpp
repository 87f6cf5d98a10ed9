#include "etamax/files/npz.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "etamax/core/error.h"

namespace etamax {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are written as they lie");

std::string little_endian(std::size_t value, int bytes) {
  std::string text;
  for (int k = 0; k < bytes; ++k) text += static_cast<char>(value >> (8 * k));
  return text;
}

template <typename T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// The head of an .npy file, version 1.0, with the array behind a multiple of 64 bytes.
std::string npy_head(const std::string& type, const std::vector<std::size_t>& shape) {
  std::string dimensions;
  for (const std::size_t n : shape) dimensions += std::to_string(n) + ",";
  std::string head = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + dimensions + "), }";
  constexpr std::size_t kBefore = 10, kAligned = 64;
  head.append((kAligned - (kBefore + head.size() + 1) % kAligned) % kAligned, ' ');
  head += '\n';
  return std::string("\x93NUMPY\x01\x00", 8) + little_endian(head.size(), 2) + head;
}

}  // namespace

void NpzWriter::add_file(const std::string& name, const std::string& type, const std::vector<std::size_t>& shape,
                         const std::string& data) {
  constexpr std::size_t kNewYear1980 = 0x21, kMost = 0xFFFFFFFF, kHeads = 1024;  // kHeads: of one array, at most
  if (const std::size_t size = bytes_.size() + directory_.size() + data.size() + kHeads; size > kMost)
    throw InputError(field_, "an .npz file holds 4 GB; these arrays are more");
  const std::string file = npy_head(type, shape) + data, path = name + ".npy";
  const auto crc = crc32_z(0, reinterpret_cast<const unsigned char*>(file.data()), file.size());
  // Version needed, flags, stored, time, date, checksum, both sizes, lengths of name and extra field.
  const std::string facts = little_endian(20, 2) + little_endian(0, 2) + little_endian(0, 2) + little_endian(0, 2) +
                            little_endian(kNewYear1980, 2) + little_endian(crc, 4) + little_endian(file.size(), 4) +
                            little_endian(file.size(), 4) + little_endian(path.size(), 2) + little_endian(0, 2);
  directory_ += std::string("PK\x01\x02", 4) + little_endian(20, 2) + facts + little_endian(0, 2) +
                little_endian(0, 2) + little_endian(0, 2) + little_endian(0, 4) + little_endian(bytes_.size(), 4) +
                path;
  bytes_ += std::string("PK\x03\x04", 4) + facts + path + file;
  ++count_;
}

void NpzWriter::add(const std::string& name, const std::vector<double>& values, const std::vector<std::size_t>& shape) {
  add_file(name, "<f8", shape, bytes_of(values));
}

void NpzWriter::add(const std::string& name, const std::vector<std::int32_t>& values,
                    const std::vector<std::size_t>& shape) {
  add_file(name, "<i4", shape, bytes_of(values));
}

void NpzWriter::add(const std::string& name, const std::vector<std::string>& words) {
  std::size_t longest = 1;
  for (const std::string& word : words) longest = std::max(longest, word.size());
  std::string data;
  for (const std::string& word : words) data += word + std::string(longest - word.size(), '\0');
  add_file(name, "|S" + std::to_string(longest), {words.size()}, data);
}

std::string NpzWriter::take() {
  const std::size_t at = bytes_.size();
  bytes_ += directory_ + std::string("PK\x05\x06", 4) + little_endian(0, 4) + little_endian(count_, 2) +
            little_endian(count_, 2) + little_endian(directory_.size(), 4) + little_endian(at, 4) + little_endian(0, 2);
  directory_.clear(), count_ = 0;
  return std::exchange(bytes_, {});
}

}  // namespace etamax
