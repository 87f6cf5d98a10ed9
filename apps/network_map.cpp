#include "network_map.h"

#include "etamax/core/stopwatch.h"
#include "etamax/report/map.h"
#include "etamax/report/network_replay.h"
#include "map_state.h"
#include "messages.h"
#include "status.h"
#include "workers.h"

namespace etamax::apps {
namespace {

constexpr std::size_t kPart = 512;  // trainings at once: few enough for Ctrl-C and many threads

}  // namespace

FateMap network_map(const NetworkMapRequest& request, int threads, bool quiet) {
  const NetworkMapEngine engine(request.options);  // refuses what is wrong before a file is made
  MapState state(request.state, request.options, request.state_fault);
  const MapKeeping keeping = state.open();
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
  NetworkReplay replay = engine.replay(engine.rates(number));
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
