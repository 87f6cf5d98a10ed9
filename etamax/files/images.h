#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// The two layouts of labeled images that are everywhere. `source` names the file in what is thrown
/// (InputError).
namespace etamax {

/// Unsigned bytes in a grid, as MNIST's files hold them: `shape` and, last index fastest, the bytes within
/// what was given.
struct ByteGrid {
  std::vector<std::size_t> shape;
  std::string_view values;
};

/// An IDX file of unsigned bytes: 0, 0, 8, the number of dimensions, each in 4 bytes (big-endian), the
/// values.
ByteGrid read_idx(const std::string& source, std::string_view bytes);

/// CIFAR-10's binary layout: for each image one byte of label 0..9, then 3 x 32 x 32 pixels.
struct Cifar10 {
  static constexpr std::size_t kPixels = 3 * 32 * 32, kRecord = 1 + kPixels, kClasses = 10;
  std::string_view records;
  std::size_t images() const { return records.size() / kRecord; }
  unsigned char label(std::size_t i) const { return static_cast<unsigned char>(records[i * kRecord]); }
  std::string_view pixels(std::size_t i) const { return records.substr(i * kRecord + 1, kPixels); }
};
Cifar10 read_cifar10(const std::string& source, std::string_view bytes);

}  // namespace etamax
