#include <fmt/format.h>

#include <algorithm>

#include "etamax/core/format.h"
#include "etamax/maps/map.h"

namespace etamax {
namespace {

std::string in_words(const MapArea& area) {
  switch (area.fate) {
    case Verdict::converges:
      return share_text(area.share) + " converge";
    case Verdict::cycles:
      return share_text(area.share) + " cycle";
    case Verdict::chaotic:
      return share_text(area.share) + " are chaotic";
    case Verdict::diverges:
      return share_text(area.share) + " diverge";
    case Verdict::stationary:
      return share_text(area.share) + " stand still from the start";
    case Verdict::drifts:
      return share_text(area.share) + " drift";
    case Verdict::undefined:
      return share_text(area.share) + " come to where the function has no value";
    default:
      return share_text(area.share) + " are not settled";
  }
}

/// Of the values of an axis from its beginning on: how many of them, in a row, have this fate alone.
int alone(const FateMap& map, bool across, Verdict fate) {
  const int values = across ? map.x.pixels : map.y.pixels, others = across ? map.y.pixels : map.x.pixels;
  for (int v = 0; v < values; ++v)
    for (int o = 0; o < others; ++o) {
      const MapPixel& pixel = across ? map.at(v, o) : map.at(o, v);
      if (!pixel.drawn || pixel.fate != fate) return v;
    }
  return values;
}

/// From which value on no run has this fate; the number of values where the last one still has.
int none_from(const FateMap& map, bool across, Verdict fate) {
  const int values = across ? map.x.pixels : map.y.pixels, others = across ? map.y.pixels : map.x.pixels;
  for (int v = values; v-- > 0;)
    for (int o = 0; o < others; ++o) {
      const MapPixel& pixel = across ? map.at(v, o) : map.at(o, v);
      if (!pixel.drawn || pixel.fate == fate) return v + 1;
    }
  return 0;
}

}  // namespace

std::vector<std::string> map_answer(const FateMap& map) {
  const auto drawn = std::count_if(map.pixels.begin(), map.pixels.end(), [](const MapPixel& p) { return p.drawn; });
  if (drawn == 0) return {"No run is computed yet."};
  std::vector<std::string> parts;
  for (const MapArea& area : map.areas) parts.push_back(in_words(area));
  const std::string last = parts.back();
  parts.pop_back();
  std::vector<std::string> sentences = {
      fmt::format("Of {} runs, {}{}{}.", drawn, joined(parts), parts.empty() ? "" : " and ", last)};
  const bool across = map.x.name == "lr";
  if (map.partial || (!across && map.y.name != "lr")) return sentences;
  const MapAxis& rates = across ? map.x : map.y;
  const int all = alone(map, across, Verdict::converges), none = none_from(map, across, Verdict::converges);
  if (all == rates.pixels) return sentences;
  if (all > 0)
    sentences.push_back(
        fmt::format("At learning rates up to {} all of them converge.", format_number(rates.value(all - 1), 4)));
  if (none == 0)
    sentences.emplace_back("None converges at any of these learning rates.");
  else if (none < rates.pixels)
    sentences.push_back(fmt::format("From {} on none does.", format_number(rates.value(none), 4)));
  if (all == 0 && none > 0 && none < rates.pixels)
    sentences.back() =
        fmt::format("From a learning rate of {} on none converges.", format_number(rates.value(none), 4));
  return sentences;
}

}  // namespace etamax
