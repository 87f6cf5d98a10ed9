// What the program writes of itself, read back by the readers of files that others make.
#include <gtest/gtest.h>

#include <cmath>

#include "etamax/draw/png.h"
#include "etamax/files/image_file.h"
#include "etamax/files/npy.h"
#include "etamax/files/npz.h"

namespace etamax {
namespace {

TEST(PngOf, EveryPixelHasItsColorAgain) {
  for (const auto& [width, height] : {std::pair(1, 1), std::pair(7, 3), std::pair(701, 90), std::pair(3, 2000)}) {
    IndexedImage image{width, height, {}, {}};
    for (int k = 0; k < 256; ++k) image.palette.push_back({k, 255 - k, (7 * k) % 256});
    unsigned random = 1;
    for (int k = 0; k < width * height; ++k) {
      // Runs, repeats of the row above, and noise.
      random = random * 1664525u + 1013904223u;
      const int row = k / width, column = k % width;
      image.pixels.push_back(static_cast<std::uint8_t>(row % 3 == 0   ? column / 50
                                                       : row % 3 == 1 ? column * column
                                                                      : random >> 24));
    }
    const Image read = read_png("map.png", png_of(image));
    ASSERT_EQ(read.width, static_cast<std::size_t>(width));
    ASSERT_EQ(read.height, static_cast<std::size_t>(height));
    ASSERT_EQ(read.channels, 3u);
    const std::size_t n = image.pixels.size();
    int wrong = 0;
    for (std::size_t k = 0; k < n; ++k) {
      const Rgb color = image.palette[image.pixels[k]];
      const auto part = [&](std::size_t channel) { return std::lround(255 * read.values[channel * n + k]); };
      wrong += part(0) != color.red || part(1) != color.green || part(2) != color.blue ? 1 : 0;
    }
    EXPECT_EQ(wrong, 0) << width << "x" << height;
  }
}

TEST(PngOf, Base64IsThatOfTheStandard) {  // RFC 4648, section 10
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(NpzWriter, ArraysComeBack) {
  NpzWriter npz;
  const std::vector<double> values = {1, -2.5, 1e300, 0, 3, 4};
  npz.add("numbers", values, {2, 3});
  npz.add("whole", std::vector<std::int32_t>{7, -8}, {2});
  npz.add("words", std::vector<std::string>{"converges", "cycles"});
  const ArrayFile file = open_npz("map.npz", npz.take());
  EXPECT_EQ(file.names, (std::vector<std::string>{"numbers", "whole", "words"}));
  const NumberArray numbers = file.read("numbers"), whole = file.read("whole");
  EXPECT_EQ(numbers.shape, (std::vector<std::size_t>{2, 3}));
  for (std::size_t k = 0; k < 6; ++k) EXPECT_EQ(numbers.at(k), values[k]);
  EXPECT_EQ(whole.shape, (std::vector<std::size_t>{2}));
  EXPECT_EQ(whole.at(0), 7);
  EXPECT_EQ(whole.at(1), -8);
}

}  // namespace
}  // namespace etamax
