#include "etamax/answers/map.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "etamax/answers/detail_csv.h"
#include "etamax/answers/detail_json.h"
#include "etamax/core/format.h"

namespace etamax {

using namespace detail;

double MapAxis::value(int pixel) const {
  if (pixel <= 0 || pixels <= 1) return from;
  if (pixel >= pixels - 1) return to;
  const double share = static_cast<double>(pixel) / (pixels - 1);
  return log ? std::exp(std::log(from) + (std::log(to) - std::log(from)) * share) : from + (to - from) * share;
}

double MapAxis::position(double value) const {
  const double share =
      log ? (std::log(value) - std::log(from)) / (std::log(to) - std::log(from)) : (value - from) / (to - from);
  return share * (pixels - 1);
}

std::vector<MapArea> areas_of(const std::vector<MapPixel>& pixels) {
  constexpr auto kFates = static_cast<std::size_t>(Verdict::unclear) + 1;
  std::array<std::size_t, kFates> counts{};
  std::size_t drawn = 0;
  for (const MapPixel& pixel : pixels)
    if (pixel.drawn) ++counts[static_cast<std::size_t>(pixel.fate)], ++drawn;
  std::vector<MapArea> areas;
  for (std::size_t f = 0; f < kFates; ++f)
    if (counts[f] > 0)
      areas.push_back({static_cast<Verdict>(f), static_cast<double>(counts[f]) / static_cast<double>(drawn)});
  std::stable_sort(areas.begin(), areas.end(), [](const MapArea& a, const MapArea& b) { return a.share > b.share; });
  return areas;
}

std::string share_text(double share) {
  constexpr double kLeast = 1e-4;
  if (share > 0 && share < kLeast) return "less than 0.01%";
  if (share < 1 && share > 1 - kLeast) return "more than 99.99%";
  return format_number(100 * share, share < 0.1 ? 2 : share > 0.99 && share < 1 ? 4 : 3) + "%";
}

std::string to_csv(const FateMap& m) {
  CsvTable table({m.x.name, m.y.name, "fate", "period", "steps", "value"});
  std::vector<std::string> columns;  // read off once, for a map has millions of rows
  for (int i = 0; i < m.x.pixels; ++i) columns.push_back(cell(m.x.value(i)));
  for (int j = 0; j < m.y.pixels; ++j) {
    const std::string y = cell(m.y.value(j));
    for (int i = 0; i < m.x.pixels; ++i)
      if (const MapPixel& p = m.at(i, j); p.drawn)
        table.row({columns[static_cast<std::size_t>(i)], y, to_string(p.fate),
                   p.period == 0 ? "" : std::to_string(p.period), std::to_string(p.steps), cell(p.value)});
  }
  return table.take();
}

namespace {

Json network_json(const FateMap& m) {
  const MapNetwork& n = *m.network;
  Json json = {{"name", m.expression}, {"width", n.width}, {"weights", n.weights}, {"examples", n.examples}};
  const auto best = [](const MapNetwork::Best& b) {
    return Json{{"lr0", number(b.lr0)}, {"lr1", number(b.lr1)}, {"loss", number(b.loss)}};
  };
  put(json, "best", maybe(n.best, best), "no training ended below its start");
  return json;
}

}  // namespace

std::string to_json(const FateMap& m) {
  Json json = document("map", m.partial);
  if (m.network)
    json["network"] = network_json(m);
  else
    json["objective"] = {{"expression", m.expression}, {"variables", m.variables}};
  json["optimizer"] = optimizer_json(m.optimizer, m.hyperparameters);
  json["lr"] = maybe(m.lr);
  json["start"] = numbers(m.start);
  json["axes"] = {{"x", axis_json(m.x)}, {"y", axis_json(m.y)}};
  json["areas"] = Json::array();
  for (const MapArea& area : m.areas) json["areas"].push_back({{"fate", to_string(area.fate)}, {"share", area.share}});
  json["edges"] = Json::array();
  for (const MapEdge& edge : m.edges)
    json["edges"].push_back({{"name", edge.name}, {"x", numbers(edge.x)}, {"y", numbers(edge.y)}});
  json["answer"] = m.answer;
  json["steps"] = m.max_steps;
  json["exact"] = true;
  json["cost"] = cost_json(m.cost);
  return text_of(json);
}

}  // namespace etamax
