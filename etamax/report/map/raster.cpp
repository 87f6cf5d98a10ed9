#include <algorithm>
#include <array>
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

constexpr int kShades = 12, kNetworkShades = 64;

/// The shade of each pixel. Trainings have a measure without a scale: so each fate's have their rank among its pixels.
class Shading {
 public:
  explicit Shading(const FateMap& map) : map_(map) {
    if (!map.network) return;
    constexpr std::size_t kSample = 200000;  // are enough to rank all
    const std::size_t every = map.pixels.size() / kSample + 1;
    for (std::size_t k = 0; k < map.pixels.size(); k += every)
      if (const MapPixel& p = map.pixels[k]; p.drawn) ranked(p.fate).push_back(p.value);
    std::sort(trains_.begin(), trains_.end());
    std::sort(others_.begin(), others_.end());
  }

  int shades() const { return map_.network ? kNetworkShades : kShades; }
  std::vector<Verdict> fates() const {
    if (map_.network) return {Verdict::trains, Verdict::diverges, Verdict::unclear};
    std::vector<Verdict> all;
    for (int fate = 0; fate <= static_cast<int>(Verdict::unclear); ++fate) all.push_back(static_cast<Verdict>(fate));
    return all;
  }
  int number(const MapPixel& pixel) const {
    const double late = map_.network ? rank(pixel) : lateness(pixel, map_.max_steps);
    return std::min(static_cast<int>(late * shades()), shades() - 1);
  }

 private:
  std::vector<double>& ranked(Verdict fate) { return fate == Verdict::trains ? trains_ : others_; }
  /// The measure of those that train is the higher, the sooner they learned; of the others the lower, the sooner they
  /// overflowed.
  double rank(const MapPixel& pixel) const {
    const std::vector<double>& all = pixel.fate == Verdict::trains ? trains_ : others_;
    const auto below = std::lower_bound(all.begin(), all.end(), pixel.value) - all.begin();
    const double share = all.empty() ? 0.5 : static_cast<double>(below) / static_cast<double>(all.size());
    return pixel.fate == Verdict::trains ? 1 - share : share;
  }

  const FateMap& map_;
  std::vector<double> trains_, others_;
};

}  // namespace

Rgb map_shade(Verdict fate, int number, int all) {
  constexpr Rgb kWhite = {255, 255, 255}, kBlack = {16, 18, 24};
  constexpr double kHue = 0.55, kLightest = 0.3, kDarkest = 0.72;  // where the hue itself is, and how far both ends are
  const Rgb hue = shade(appearance(fate).color, false);
  const double at = (number + 0.5) / all;
  if (at <= kHue) return mixed(kWhite, hue, kLightest + (1 - kLightest) * at / kHue);
  return mixed(hue, kBlack, kDarkest * (at - kHue) / (1 - kHue));
}

IndexedImage map_image(const FateMap& map, int every) {
  const Shading shading(map);
  IndexedImage image;
  image.width = (map.x.pixels + every - 1) / every;
  image.height = (map.y.pixels + every - 1) / every;
  std::array<int, static_cast<std::size_t>(Verdict::unclear) + 1> first{};  // of each fate's colors
  for (const Verdict fate : shading.fates()) {
    first[static_cast<std::size_t>(fate)] = static_cast<int>(image.palette.size());
    for (int number = 0; number < shading.shades(); ++number)
      image.palette.push_back(map_shade(fate, number, shading.shades()));
  }
  const auto blank = static_cast<std::uint8_t>(image.palette.size());
  image.palette.push_back(kNotDrawn);
  image.pixels.resize(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height));
  for (int row = 0; row < image.height; ++row)
    for (int column = 0; column < image.width; ++column) {
      const MapPixel& pixel = map.at(column * every, (image.height - 1 - row) * every);
      image.at(column, row) =
          pixel.drawn ? static_cast<std::uint8_t>(first[static_cast<std::size_t>(pixel.fate)] + shading.number(pixel))
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
