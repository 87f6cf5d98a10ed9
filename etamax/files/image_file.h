#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Single images as numbers in 0..1. `source` names the file in what is thrown, an InputError.
namespace etamax {

struct Image {
  std::size_t channels = 1, height = 0, width = 0;  ///< 1 channel: gray; 3: red, green, blue
  std::vector<float> values;                        ///< channel after channel, row after row
};

/// PNG of any kind: palettes and depths become 8-bit gray or color, transparency is dropped.
Image read_png(const std::string& source, std::string_view bytes);

/// Netpbm's PGM (P2, P5) and PPM (P3, P6): gray and color.
Image read_pnm(const std::string& source, std::string_view bytes);

}  // namespace etamax
