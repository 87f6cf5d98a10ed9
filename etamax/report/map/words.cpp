#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/map/detail_words.h"

namespace etamax {
namespace {

bool is_axis(const FateMap& map, const std::string& name) { return map.x.name == name || map.y.name == name; }

std::string range_words(const MapAxis& axis, const FateMap& map) {
  return fmt::format("{} {} to {}{}", axis_label(axis, map), format_number(axis.from), format_number(axis.to),
                     axis.log ? " (logarithmic)" : "");
}

}  // namespace

std::string axis_label(const MapAxis& axis, const FateMap& map) {
  if (axis.name == "lr") return "learning rate";
  if (map.network)
    return axis.name + ", learning rate of the " + (axis.name == "lr0" ? "input" : "output") + " weights";
  const bool variable = std::find(map.variables.begin(), map.variables.end(), axis.name) != map.variables.end();
  if (axis.name == "start") return map.variables.size() == 1 ? "start " + map.variables.front() : "start";
  std::string words = axis.name;
  std::replace(words.begin(), words.end(), '_', ' ');
  return variable ? "start " + axis.name : words;
}

std::string setting_sentence(const FateMap& map) {
  const std::string exact = fmt::format("Exact: every pixel{} is a {} of its own.", map.partial ? " that is drawn" : "",
                                        map.network ? "training" : "run");
  const std::string text =
      fmt::format("{}: {} across, {} upwards", map.expression, range_words(map.x, map), range_words(map.y, map));
  if (map.network)
    return fmt::format("{}; {} weights, gradient descent on all {} examples, {}. {}", text, map.network->weights,
                       map.network->examples, counted(map.max_steps, "step"), exact);
  std::vector<std::string> fixed;
  if (map.lr) fixed.push_back("learning rate " + format_rate(*map.lr));
  for (std::size_t i = 0; i < std::min(map.start.size(), map.variables.size()); ++i)
    if (std::isfinite(map.start[i])) fixed.push_back(map.variables[i] + " from " + format_number(map.start[i]));
  std::vector<Setting> settings;
  for (const Setting& s : map.hyperparameters)
    if (!is_axis(map, s.name)) settings.push_back(s);
  fixed.push_back("the optimizer " + optimizer_words(map.optimizer, settings));
  return fmt::format("{}; {}; {} at most. {}", text, joined(fixed), counted(map.max_steps, "step"), exact);
}

std::string fate_meaning(Verdict fate, const FateMap& map) {
  if (map.network && fate == Verdict::diverges)
    return "the weights overflow, or the loss ends at a million times its start";
  if (map.network && fate == Verdict::unclear) return "the loss ends above its start, and not that far";
  switch (fate) {
    case Verdict::converges:
      return "the run tends to a point where the slope is 0";
    case Verdict::cycles:
      return "it repeats for ever";
    case Verdict::chaotic:
      return "it stays in a region and never repeats; neighbors part";
    case Verdict::diverges:
      return "it leaves every bounded region";
    case Verdict::stationary:
      return "the slope is 0 at the start: nothing moves";
    case Verdict::drifts:
      return "the loss falls toward a value that no point on its way attains";
    case Verdict::undefined:
      return "the function has no value where it comes to";
    case Verdict::unclear:
      return "not settled within these steps";
    case Verdict::trains:
      return "the loss ends below its start (the mean of the last 20)";
    case Verdict::collapses:
      break;
  }
  return "of trainings";
}

std::string shades_sentence(const FateMap& map) {
  if (map.network)
    return "The color is what becomes of the training; each color has as many pixels of every shade. Of those that train, the "
           "lighter, the smaller the sum of their losses: the sooner they learned. Of those that diverge, the lighter, the "
           "sooner they overflowed.";
  const auto has = [&](Verdict fate) {
    return std::any_of(map.areas.begin(), map.areas.end(), [fate](const MapArea& a) { return a.fate == fate; });
  };
  std::string text = fmt::format(
      "The color is what becomes of the run; the darker it is, the longer that took to be plain (from 4 steps to {}).",
      map.max_steps);
  if (has(Verdict::cycles)) text += " Of cycles, the darker the longer: from 2 steps to 64 and beyond.";
  if (!map.edges.empty()) text += " Lines: where theory has the stability edge.";
  return text;
}

}  // namespace etamax
