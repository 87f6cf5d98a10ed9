#include "map_arguments.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/core/format.h"

namespace etamax::apps {
namespace {

constexpr long kMostPixels = 64'000'000;  // 2 GB while a map is made

/// The whole of `text` as a number.
std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::vector<std::string> parts_of(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

}  // namespace

MapAxis axis_of(const std::string& field, const std::string& text) {
  const auto refuse = [&] {
    return InputError(field, text, "an axis such as lr=0.01:2:log or start=-2:2",
                      fmt::format("{}: '{}' is no axis; NAME=FROM:TO or NAME=FROM:TO:log", field, text));
  };
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) throw refuse();
  MapAxis axis;
  axis.name = text.substr(0, equals);
  const std::vector<std::string> parts = parts_of(text.substr(equals + 1), ':');
  axis.log = parts.size() == 3 && parts[2] == "log";
  if (parts.size() != 2 && !axis.log) throw refuse();
  const auto from = number_in(parts[0]), to = number_in(parts[1]);
  if (!from || !to) throw refuse();
  axis.from = *from, axis.to = *to;
  return axis;
}

std::array<int, 2> pair_of(const std::string& field, const std::string& text, char separator, const char* example) {
  const std::vector<std::string> parts = parts_of(text, separator);
  std::array<int, 2> pair{};
  for (std::size_t k = 0; k < 2; ++k) {
    const auto number = parts.size() == 2 ? whole_number(parts[k]) : std::nullopt;
    if (!number || *number < 0 || *number > 1'000'000)
      throw InputError(field, text, fmt::format("two whole numbers such as {}", example));
    pair[k] = static_cast<int>(*number);
  }
  return pair;
}

void set_size(const std::string& size, MapAxis& x, MapAxis& y) {
  const auto [width, height] = pair_of("size", size, 'x', "960x540");
  if (width < 2 || height < 2) throw InputError("size", size, "at least 2x2");
  if (static_cast<long>(width) * height > kMostPixels)
    throw InputError("size", size, fmt::format("at most {} runs in all, 10000x6400", kMostPixels));
  x.pixels = width, y.pixels = height;
}

std::array<int, 2> pixel_of(const std::string& text, const MapAxis& x, const MapAxis& y) {
  const std::array<int, 2> pixel = pair_of("pixel", text, ',', "480,270");
  if (pixel[0] >= x.pixels || pixel[1] >= y.pixels)
    throw InputError("pixel", text, fmt::format("in the map, whose last is {},{}", x.pixels - 1, y.pixels - 1));
  return pixel;
}

}  // namespace etamax::apps
