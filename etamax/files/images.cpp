#include "etamax/files/images.h"

#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/files/number_array.h"

namespace etamax {

ByteGrid read_idx(const std::string& source, std::string_view bytes) {
  constexpr unsigned char kUnsignedBytes = 8;
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0)
    throw InputError(source +
                     ": is no IDX file: it must begin with two bytes of 0 and hold a type and a number of dimensions");
  if (static_cast<unsigned char>(bytes[2]) != kUnsignedBytes)
    throw InputError(source + ": holds IDX type " + std::to_string(static_cast<unsigned char>(bytes[2])) +
                     ", not 8 (unsigned bytes)");
  const std::size_t dimensions = static_cast<unsigned char>(bytes[3]), begin = 4 + 4 * dimensions;
  if (dimensions == 0 || dimensions > kMostDimensions)
    throw InputError(source + ": has " + std::to_string(dimensions) + " dimensions, not 1 to " +
                     std::to_string(kMostDimensions));
  if (bytes.size() < begin) throw InputError(source + ": is cut off in its header");
  ByteGrid grid;
  double wanted = 1;
  std::string product;
  for (std::size_t d = 0; d < dimensions; ++d) {
    grid.shape.push_back(big_endian(bytes, 4 + 4 * d, 4));
    wanted *= static_cast<double>(grid.shape.back());
    product += (d == 0 ? "" : " x ") + std::to_string(grid.shape.back());
  }
  grid.values = bytes.substr(begin);
  if (wanted != static_cast<double>(grid.values.size()))
    throw InputError(source + ": has " + std::to_string(grid.values.size()) + " bytes after its header, which says " +
                     product);
  return grid;
}

Cifar10 read_cifar10(const std::string& source, std::string_view bytes) {
  if (bytes.empty() || bytes.size() % Cifar10::kRecord != 0)
    throw InputError(source + ": has " + std::to_string(bytes.size()) +
                     " bytes, not a multiple of the 3073 that CIFAR-10's binary layout has for each image");
  const Cifar10 file{bytes};
  for (std::size_t i = 0; i < file.images(); ++i)
    if (file.label(i) >= Cifar10::kClasses)
      throw InputError(source + ": the label of image " + std::to_string(i + 1) + " is " +
                       std::to_string(file.label(i)) + ", not in 0..9");
  return file;
}

}  // namespace etamax
