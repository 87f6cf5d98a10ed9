#pragma once

#include <functional>

#include "etamax/maps/engine.h"

namespace etamax {

/// Who computes the pixels of a map: calls `compute(numbers)` for parts of 0, ..., count - 1, in several threads if it
/// has them, and returns when all are done, or throws Interrupted.
using MapPart = std::function<void(std::span<const std::size_t> numbers)>;
using MapWorkers = std::function<void(std::size_t count, const MapPart& compute)>;

/// What becomes of the runs of all pixels. With `workers` empty, in this thread. Where it is interrupted, the pixels
/// that are drawn by then, marked partial. Throws InputError.
FateMap map_of(const MapOptions& options, const MapWorkers& workers = {}, const Progress& progress = {});

/// Where theory has the stability edge, where an axis is the learning rate: for each value of the other axis that of
/// the minimum that small rates lead to. Empty where there is none.
std::vector<MapEdge> map_edges(const MapProblem& problem, Cost& cost);

/// The answer in sentences, from what is drawn.
std::vector<std::string> map_answer(const FateMap& map);

}  // namespace etamax
