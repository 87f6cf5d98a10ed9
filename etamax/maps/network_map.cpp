#include "etamax/maps/network_map.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/stopwatch.h"

namespace etamax {
namespace {

constexpr std::string_view kPrefix = "network:", kKind = "network:tanh:";
constexpr long kMostSteps = 1000000;

std::size_t width_of(const std::string& name) {
  const auto refuse = [&] {
    return InputError("expression", name,
                      fmt::format("network:tanh:WIDTH with a width from {} to {}", kNarrowestNetwork, kWidestNetwork));
  };
  if (!name.starts_with(kKind)) throw refuse();
  std::size_t width = 0;
  const char* const end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data() + kKind.size(), end, width);
  if (error != std::errc() || rest != end || width < kNarrowestNetwork || width > kWidestNetwork) throw refuse();
  return width;
}

void check_axis(const MapAxis& axis, const std::string& field) {
  if (axis.name != "lr0" && axis.name != "lr1")
    throw InputError(
        field, axis.name, "lr0 or lr1",
        fmt::format("{}: a network has no '{}' to move; lr0 is the learning rate of its input weights, lr1 "
                    "that of its output weights",
                    field, axis.name));
  if (!std::isfinite(axis.from) || !std::isfinite(axis.to) || !(axis.from < axis.to))
    throw InputError(field, fmt::format("{}:{}", format_exactly(axis.from), format_exactly(axis.to)),
                     "a range from a smaller number to a larger one");
  if (!(axis.from > 0))
    throw InputError(field,
                     fmt::format("a learning rate is above 0, and the axis begins at {}", format_exactly(axis.from)));
  if (axis.pixels < 1) throw InputError("size", std::to_string(axis.pixels), "at least 1 pixel");
}

NetworkTrainings trainings_of(const NetworkMapOptions& options) {
  const std::size_t width = width_of(options.network);
  check_axis(options.x, "x");
  check_axis(options.y, "y");
  if (options.x.name == options.y.name)
    throw InputError("y", fmt::format("both axes are {0}; the other one is {1}", options.x.name,
                                      options.x.name == "lr0" ? "lr1" : "lr0"));
  if (options.steps < 1 || options.steps > kMostSteps)
    throw InputError("steps", std::to_string(options.steps), fmt::format("between 1 and {}", kMostSteps));
  return {published_network_task(width), static_cast<std::size_t>(options.steps)};
}

std::vector<std::string> network_map_answer(const FateMap& map) {
  if (map.areas.empty()) return {"No training is computed yet."};
  const auto words = [](Verdict fate) {
    if (fate == Verdict::trains) return "train: their loss ends below its start";
    return fate == Verdict::diverges ? "diverge" : "are unclear: neither when the steps were over";
  };
  std::vector<std::string> parts;
  for (const MapArea& area : map.areas) parts.push_back(share_text(area.share) + " " + words(area.fate));
  std::vector<std::string> sentences = {fmt::format("Of these pairs of learning rates, {}.", joined(parts, "; "))};
  if (const auto& best = map.network->best)
    sentences.push_back(
        fmt::format("It learns soonest at lr0 = {} and lr1 = {}: after {} the loss is {} of the start's.",
                    format_number(best->lr0, 4), format_number(best->lr1, 4), counted(map.max_steps, "step"),
                    format_number(best->loss, 3)));
  return sentences;
}

std::string reason_of(const NetworkReplay& r) {
  const std::string at = fmt::format("At lr0 = {} and lr1 = {}", format_rate(r.lr0), format_rate(r.lr1));
  const std::string start = format_number(r.losses.front(), 4);
  switch (r.verdict) {
    case Verdict::trains:
      return fmt::format("{} the loss goes from {} to {} in {}.", at, start, format_number(r.losses.back(), 4),
                         counted(r.steps, "step"));
    case Verdict::diverges: {
      const double highest = kNetworkLossLimit * r.losses.front();
      const auto far = std::find_if(r.losses.begin(), r.losses.end(), [&](double loss) { return !(loss < highest); });
      return fmt::format("{} the loss starts at {} and is a million times as high after {}.", at, start,
                         counted(far - r.losses.begin(), "step"));
    }
    default:
      return fmt::format("{} the loss starts at {} and is {} after {}: the mean of the last {} is above the start.", at,
                         start, format_number(r.losses.back(), 4), counted(r.steps, "step"), kNetworkTail);
  }
}

}  // namespace

bool is_network_name(const std::string& name) { return name.starts_with(kPrefix); }

NetworkMapEngine::NetworkMapEngine(const NetworkMapOptions& options)
    : options_(options), trainings_(trainings_of(options)) {}

FateMap NetworkMapEngine::described() const {
  const NetworkTask& task = trainings_.task();
  FateMap map;
  map.expression = options_.network;
  map.network = {.width = task.width,
                 .weights = task.input_weights.size() + task.output_weights.size(),
                 .examples = task.examples(),
                 .best = {}};
  map.optimizer = "gd";
  map.max_steps = options_.steps;
  map.x = options_.x, map.y = options_.y;
  map.pixels.resize(static_cast<std::size_t>(map.x.pixels) * static_cast<std::size_t>(map.y.pixels));
  return map;
}

NetworkMapEngine::Rates NetworkMapEngine::rates(std::size_t number) const {
  const auto across = static_cast<std::size_t>(options_.x.pixels);
  const double x = options_.x.value(static_cast<int>(number % across));
  const double y = options_.y.value(static_cast<int>(number / across));
  return options_.x.name == "lr0" ? Rates{x, y} : Rates{y, x};
}

void NetworkMapEngine::compute(std::span<const std::size_t> numbers, std::span<MapPixel> out, Cost& cost,
                               const Progress& progress) const {
  std::vector<double> input, output;
  for (const std::size_t number : numbers) {
    const Rates at = rates(number);
    input.push_back(at.input);
    output.push_back(at.output);
  }
  std::vector<NetworkRun> runs(numbers.size());
  const auto draw = [&] {
    for (std::size_t k = 0; k < runs.size(); ++k) {
      const NetworkRun& run = runs[k];
      out[k] = {run.fate, run.done, 0, static_cast<std::uint32_t>(run.steps), run.measure};
      cost.gradients += static_cast<long>(run.steps);
    }
  };
  try {
    trainings_.run(input, output, runs, progress);
  } catch (const Interrupted&) {
    draw();
    throw;
  }
  draw();
}

NetworkReplay NetworkMapEngine::replay(Rates rates) const {
  NetworkReplay replay;
  replay.network = options_.network;
  replay.lr0 = rates.input, replay.lr1 = rates.output;
  replay.steps = options_.steps;
  replay.losses = trainings_.losses(rates.input, rates.output);
  const NetworkRun run = judge_network_losses(replay.losses, trainings_.steps());
  replay.verdict = run.fate, replay.measure = run.measure;
  replay.reason = reason_of(replay);
  replay.cost.gradients = static_cast<long>(run.steps);
  return replay;
}

void NetworkMapEngine::conclude(FateMap& map) const {
  map.areas = areas_of(map.pixels);
  const MapPixel* soonest = nullptr;
  for (const MapPixel& pixel : map.pixels)
    if (pixel.drawn && pixel.fate == Verdict::trains && (soonest == nullptr || pixel.value > soonest->value))
      soonest = &pixel;
  map.network->best.reset();
  if (soonest != nullptr) {
    const auto number = static_cast<std::size_t>(soonest - map.pixels.data());
    const std::vector<double> course = trainings_.losses(rates(number).input, rates(number).output);
    map.cost.gradients += options_.steps;
    map.network->best = {rates(number).input, rates(number).output, course.back() / course.front()};
  }
  map.answer = network_map_answer(map);
}

FateMap network_map_of(const NetworkMapOptions& options, const MapWorkers& workers, const Progress& progress,
                       const MapKeeping& keeping) {
  const Stopwatch watch;
  const NetworkMapEngine engine(options);
  FateMap map = engine.described();
  if (keeping.begun.size() == map.pixels.size()) map.pixels = keeping.begun;
  try {
    draw_pixels(
        map, [&](auto numbers, auto out, Cost& cost, const Progress& p) { engine.compute(numbers, out, cost, p); },
        workers, progress,
        [&] {
          if (keeping.keep) keeping.keep(map.pixels);
        });
  } catch (const Interrupted&) {
    map.partial = true;
  }
  engine.conclude(map);
  map.cost.seconds = watch.seconds();
  return map;
}

}  // namespace etamax
