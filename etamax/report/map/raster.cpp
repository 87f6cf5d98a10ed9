#include <algorithm>
#include <cmath>

#include "etamax/report/appearance.h"
#include "etamax/report/map/detail_raster.h"

namespace etamax {
namespace {

Rgb mixed(Rgb a, Rgb b, double share) {
  const auto part = [share](int from, int to) { return static_cast<int>(std::lround(from + (to - from) * share)); };
  return {part(a.red, b.red), part(a.green, b.green), part(a.blue, b.blue)};
}

/// 0 to 1: how late it was plain, or how long a cycle is.
double lateness(const MapPixel& pixel, long max_steps) {
  constexpr double kSoonest = 4, kLongestPeriod = 64;
  switch (pixel.fate) {
    case Verdict::converges:
    case Verdict::diverges: {
      const double all = std::log(std::max(static_cast<double>(max_steps), 2 * kSoonest) / kSoonest);
      return std::clamp(std::log(std::max<double>(pixel.steps, 1) / kSoonest) / all, 0.0, 1.0);
    }
    case Verdict::cycles:
      return pixel.period == 0 ? 1 : std::log(pixel.period / 2.0) / std::log(kLongestPeriod);
    default:
      return 0.45;
  }
}

int shade_number(const MapPixel& pixel, long max_steps) {
  return std::min(static_cast<int>(lateness(pixel, max_steps) * kMapShades), kMapShades - 1);
}

}  // namespace

Rgb map_shade(Verdict fate, int number) {
  constexpr Rgb kWhite = {255, 255, 255}, kBlack = {16, 18, 24};
  constexpr double kHue = 0.55, kLightest = 0.3, kDarkest = 0.72;  // where the hue itself is, and how far both ends are
  const Rgb hue = shade(appearance(fate).color, false);
  const double at = (number + 0.5) / kMapShades;
  if (at <= kHue) return mixed(kWhite, hue, kLightest + (1 - kLightest) * at / kHue);
  return mixed(hue, kBlack, kDarkest * (at - kHue) / (1 - kHue));
}

IndexedImage map_image(const FateMap& map, int every) {
  constexpr int kFates = static_cast<int>(Verdict::unclear) + 1;
  static_assert(kFates * kMapShades < 256);
  IndexedImage image;
  image.width = (map.x.pixels + every - 1) / every;
  image.height = (map.y.pixels + every - 1) / every;
  for (int fate = 0; fate < kFates; ++fate)
    for (int shade = 0; shade < kMapShades; ++shade)
      image.palette.push_back(map_shade(static_cast<Verdict>(fate), shade));
  const auto blank = static_cast<std::uint8_t>(image.palette.size());
  image.palette.push_back(kNotDrawn);
  image.pixels.resize(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height));
  for (int row = 0; row < image.height; ++row)
    for (int column = 0; column < image.width; ++column) {
      const MapPixel& pixel = map.at(column * every, (image.height - 1 - row) * every);
      image.at(column, row) = pixel.drawn ? static_cast<std::uint8_t>(static_cast<int>(pixel.fate) * kMapShades +
                                                                      shade_number(pixel, map.max_steps))
                                          : blank;
    }
  return image;
}

std::vector<MapLabel> map_labels(const FateMap& map, double width, double height, double size) {
  constexpr double kAspect = 4, kFilled = 0.9;
  constexpr int kRows = 64, kSamples = 3;
  const double cell_height = height / kRows, cell_width = cell_height * kAspect / 2;
  const int columns = static_cast<int>(width / cell_width);
  std::vector<MapLabel> labels;
  if (columns < 1 || map.x.pixels < 2 * columns || map.y.pixels < 2 * kRows) return labels;
  for (const MapArea& area : map.areas) {
    const auto is_filled = [&](int column, int row) {
      int same = 0;
      for (int a = 0; a < kSamples; ++a)
        for (int b = 0; b < kSamples; ++b) {
          const double x = (column + (a + 0.5) / kSamples) / columns, y = (row + (b + 0.5) / kSamples) / kRows;
          const MapPixel& pixel = map.at(static_cast<int>(x * map.x.pixels), static_cast<int>(y * map.y.pixels));
          same += pixel.drawn && pixel.fate == area.fate ? 1 : 0;
        }
      return same >= kFilled * kSamples * kSamples;
    };
    // The largest square of filled cells: each ends one that is by one larger than the smallest of three beside it.
    std::vector<int> before(static_cast<std::size_t>(columns) + 1, 0), now = before;
    int largest = 0, at_column = 0, at_row = 0;
    for (int row = 0; row < kRows; ++row) {
      for (int column = 0; column < columns; ++column) {
        const auto c = static_cast<std::size_t>(column);
        now[c + 1] = is_filled(column, row) ? 1 + std::min({now[c], before[c], before[c + 1]}) : 0;
        if (now[c + 1] > largest) largest = now[c + 1], at_column = column + 1, at_row = row + 1;
      }
      std::swap(before, now);
    }
    const double room = largest * cell_width, high = largest * cell_height;
    if (room < text_width(to_string(area.fate), size, true) + size || high < 1.6 * size) continue;
    labels.push_back(
        {area.fate, (at_column - 0.5 * largest) * cell_width / width, (at_row - 0.5 * largest) * cell_height / height});
  }
  return labels;
}

}  // namespace etamax
