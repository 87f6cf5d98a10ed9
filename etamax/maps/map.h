#pragma once

#include <functional>

#include "etamax/maps/engine.h"

namespace etamax {

/// Who computes the pixels of a map: calls `compute(numbers)` for parts of 0, ..., count - 1, in several threads if it
/// has them, and returns when all are done, or throws Interrupted.
using MapPart = std::function<void(std::span<const std::size_t> numbers)>;
using MapWorkers = std::function<void(std::size_t count, const MapPart& compute)>;

/// What draws the pixels with these numbers: an engine's compute.
using MapPixels = std::function<void(std::span<const std::size_t> numbers, std::span<MapPixel> out, Cost& cost,
                                     const Progress& progress)>;
/// Draws all pixels of the map that are not drawn yet, and adds what that took to its cost. `kept` is called between
/// two parts, in one thread at a time. Throws Interrupted; what was done by then is in the map.
void draw_pixels(FateMap& map, const MapPixels& pixels, const MapWorkers& workers, const Progress& progress,
                 const std::function<void()>& kept = {});

/// What a host keeps of a map that takes long.
struct MapKeeping {
  std::vector<MapPixel> begun;  ///< all pixels, as far as they were drawn before; may be empty
  std::function<void(const std::vector<MapPixel>&)> keep;  ///< called with all pixels between two parts; may be empty
};

/// What becomes of the runs of all pixels. With `workers` empty, in this thread. Where it is interrupted, the pixels
/// that are drawn by then, marked partial. Throws InputError.
FateMap map_of(const MapOptions& options, const MapWorkers& workers = {}, const Progress& progress = {},
               const MapKeeping& keeping = {});

/// Where theory has the stability edge, where an axis is the learning rate: for each value of the other axis that of
/// the minimum that small rates lead to. Empty where there is none. Throws Interrupted.
std::vector<MapEdge> map_edges(const MapProblem& problem, Cost& cost, const Progress& progress = {});

/// The answer in sentences, from what is drawn.
std::vector<std::string> map_answer(const FateMap& map);

}  // namespace etamax
