#include "etamax/maps/engine.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "etamax/dynamics/follow.h"
#include "etamax/maps/first_pass.h"
#include "etamax/maps/second_pass.h"

namespace etamax {
namespace {

constexpr std::size_t kLanes = 4096;  // at once: their numbers stay in the second-level cache

/// The run as `explain` follows it: one by one, and by all of its rules.
Verdict by_the_rules(const MapProblem& problem, const MapProblem::Run& run, Asking& asking, Cost& cost) {
  const RuleWithValues rule = simplest_rule(problem.optimizer(), run.values);
  const Experiment experiment(problem.function(), run.start, rule.spec, rule.values, cost, asking.progress());
  FollowOptions options;
  options.max_steps = problem.max_steps();
  options.progress = asking.progress();
  return verdict_of_run(experiment, run.lr, options, cost);
}

}  // namespace

struct MapEngine::Impl {
  Impl(const MapProblem& p, const Progress& progress)
      : problem(p), first(p, progress), second(p, first.step(), first.may_leave_domain(), progress) {}
  const MapProblem& problem;
  FirstPass first;
  SecondPass second;
};

MapEngine::MapEngine(const MapProblem& problem, const Progress& progress)
    : impl_(std::make_unique<const Impl>(problem, progress)) {}
MapEngine::~MapEngine() = default;
MapEngine::MapEngine(MapEngine&&) noexcept = default;
MapEngine& MapEngine::operator=(MapEngine&&) noexcept = default;

void MapEngine::compute(std::span<const std::size_t> numbers, std::span<MapPixel> out, Cost& cost,
                        const Progress& progress) const {
  if (numbers.size() != out.size()) throw std::logic_error("a pixel for each number");
  const auto width = static_cast<std::size_t>(impl_->problem.x().pixels);
  const auto share = [&](std::size_t done) { return static_cast<double>(done) / static_cast<double>(numbers.size()); };
  Asking asking(progress);
  for (std::size_t begin = 0; begin < numbers.size(); begin += kLanes) {
    asking.done(share(begin));
    asking.now();
    const std::size_t count = std::min(kLanes, numbers.size() - begin);
    std::vector<MapProblem::Run> runs;
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t number = numbers[begin + k];
      runs.push_back(impl_->problem.run(static_cast<int>(number % width), static_cast<int>(number / width)));
    }
    const auto pixels = out.subspan(begin, count);
    std::fill(pixels.begin(), pixels.end(), MapPixel{});
    try {
      impl_->first.run(runs, pixels, cost, asking);
      impl_->second.run(runs, pixels, cost, asking);
      for (std::size_t k = 0; k < count; ++k) {
        if (pixels[k].drawn) continue;
        asking.done(share(begin + k));
        asking.now();
        pixels[k].fate = by_the_rules(impl_->problem, runs[k], asking, cost);
        pixels[k].drawn = true;
      }
    } catch (const Interrupted&) {
      for (MapPixel& pixel : pixels)
        if (!pixel.drawn) pixel = {};
      throw;
    }
  }
}

}  // namespace etamax
