#include "etamax/maps/map.h"

#include <algorithm>
#include <mutex>
#include <numeric>

#include "etamax/core/error.h"
#include "etamax/core/stopwatch.h"

namespace etamax {
namespace {

FateMap described(const MapProblem& problem) {
  FateMap map;
  map.expression = problem.expression();
  map.variables = problem.function().variables();
  map.optimizer = problem.optimizer().name;
  map.hyperparameters = shown_settings(problem.optimizer(), problem.values());
  map.lr = problem.lr();
  map.start = problem.start();
  map.x = problem.x(), map.y = problem.y();
  map.max_steps = problem.max_steps();
  map.pixels.resize(static_cast<std::size_t>(map.x.pixels) * static_cast<std::size_t>(map.y.pixels));
  return map;
}

/// All in one thread, from below upwards.
void one_after_the_other(std::size_t count, const MapPart& compute) {
  constexpr std::size_t kPart = 8192;
  std::vector<std::size_t> numbers;
  for (std::size_t begin = 0; begin < count; begin += kPart) {
    numbers.resize(std::min(kPart, count - begin));
    std::iota(numbers.begin(), numbers.end(), begin);
    compute(numbers);
  }
}

}  // namespace

void draw_pixels(FateMap& map, const MapPixels& pixels, const MapWorkers& workers, const Progress& progress,
                 const std::function<void()>& kept) {
  std::mutex adding;
  const std::size_t all = map.pixels.size();
  std::size_t done = 0;
  const auto compute = [&](std::span<const std::size_t> part) {
    std::vector<std::size_t> numbers;  // a map that goes on has some pixels already
    for (const std::size_t number : part)
      if (!map.pixels[number].drawn) numbers.push_back(number);
    std::vector<MapPixel> drawn(numbers.size());
    Cost cost;
    const auto part_done = [&](const WorkDone& share) {
      if (!progress) return true;
      const std::lock_guard lock(adding);
      return progress((static_cast<double>(done) + share * static_cast<double>(part.size())) /
                      static_cast<double>(all));
    };
    const auto keep = [&] {
      const std::lock_guard lock(adding);
      for (std::size_t k = 0; k < numbers.size(); ++k) map.pixels[numbers[k]] = drawn[k];
      done += part.size();
      map.cost.gradients += cost.gradients, map.cost.hvps += cost.hvps, map.cost.forwards += cost.forwards;
      if (kept) kept();
    };
    try {
      pixels(numbers, drawn, cost, part_done);
    } catch (const Interrupted&) {
      keep();
      throw;
    }
    keep();
  };
  if (workers)
    workers(all, compute);
  else
    one_after_the_other(all, compute);
}

FateMap map_of(const MapOptions& options, const MapWorkers& workers, const Progress& progress,
               const MapKeeping& keeping) {
  const Stopwatch watch;
  const MapProblem problem(options);
  FateMap map = described(problem);
  if (keeping.begun.size() == map.pixels.size()) map.pixels = keeping.begun;
  try {
    const MapEngine engine(problem, progress);
    draw_pixels(
        map, [&](auto numbers, auto out, Cost& cost, const Progress& p) { engine.compute(numbers, out, cost, p); },
        workers, progress,
        [&] {
          if (keeping.keep) keeping.keep(map.pixels);
        });
    map.edges = map_edges(problem, map.cost, progress);
  } catch (const Interrupted&) {
    map.partial = true;
  }
  map.areas = areas_of(map.pixels);
  map.answer = map_answer(map);
  map.cost.seconds = watch.seconds();
  return map;
}

}  // namespace etamax
