#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "etamax/draw/drawing.h"

namespace etamax {

/// A picture of at most 256 colors.
struct IndexedImage {
  int width = 0, height = 0;
  std::vector<Rgb> palette;
  std::vector<std::uint8_t> pixels;  ///< row by row from the top, each the number of its color

  std::uint8_t& at(int x, int y) {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)];
  }
};

/// The bytes of a PNG file. Needs no library: repeats are sought to the left and in the row above, which is where maps
/// have them.
std::string png_of(const IndexedImage& image);

/// Bytes in base 64.
std::string base64(const std::string& bytes);

}  // namespace etamax
