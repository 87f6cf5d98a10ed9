#include "network_map.h"

#include <fmt/format.h>

#include <algorithm>

#include "etamax/core/format.h"
#include "etamax/core/stopwatch.h"
#include "etamax/report/map.h"
#include "etamax/report/network_replay.h"
#include "map_state.h"
#include "messages.h"
#include "status.h"
#include "workers.h"

namespace etamax::apps {
namespace {

constexpr std::size_t kPart = 512;    // trainings at once: few enough for Ctrl-C and many threads
constexpr double kBetweenSaves = 15;  // seconds

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

FateMap network_map(const NetworkMapRequest& request, int threads, bool quiet) {
  const NetworkMapEngine engine(request.options);  // refuses what is wrong before a file is made
  MapState state(request.state, request.options);
  MapKeeping keeping;
  keeping.begun = state.open();
  Stopwatch since_save;
  keeping.keep = [&](const std::vector<MapPixel>& pixels) {
    if (since_save.seconds() < kBetweenSaves) return;
    state.save(pixels);
    since_save = {};
  };
  Status status(quiet);
  status.stage("training");
  Workers workers(threads, status, kPart);
  FateMap map = network_map_of(request.options, workers.workers(), workers.progress(), keeping);
  status.clear();
  state.save(map.pixels);
  return map;
}

int replay_network(const NetworkMapRequest& request, int i, int j, const OutputOptions& output) {
  if (!output.output.empty())
    throw InputError("output", "one training has no picture; `json` prints its loss at every step");
  const Stopwatch watch;
  const NetworkMapEngine engine(request.options);
  const std::size_t number =
      static_cast<std::size_t>(j) * static_cast<std::size_t>(request.options.x.pixels) + static_cast<std::size_t>(i);
  NetworkReplay replay;
  replay.network = request.options.network;
  replay.lr0 = engine.rates(number).input, replay.lr1 = engine.rates(number).output;
  replay.steps = request.options.steps;
  replay.losses = engine.losses(number);
  const NetworkRun run = judge_network_losses(replay.losses, static_cast<std::size_t>(replay.steps));
  replay.verdict = run.fate, replay.measure = run.measure;
  replay.reason = reason_of(replay);
  replay.cost.gradients = static_cast<long>(run.steps);
  replay.cost.seconds = watch.seconds();
  replay.cost.peak_rss_bytes = peak_rss_bytes();
  const TerminalStyle style = terminal_style(output);
  if (output.json)
    print(to_json(replay));
  else if (!output.quiet)
    print(for_terminal(to_text(replay, style), style.color));
  return 0;
}

}  // namespace etamax::apps
