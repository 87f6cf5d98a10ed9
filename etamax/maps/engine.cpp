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
Verdict by_the_rules(const MapProblem& problem, const MapProblem::Run& run, Cost& cost) {
  const RuleWithValues rule = simplest_rule(problem.optimizer(), run.values);
  const Experiment experiment(problem.function(), run.start, rule.spec, rule.values, cost);
  FollowOptions options;
  options.max_steps = problem.max_steps();
  return verdict_of_run(experiment, run.lr, options, cost);
}

}  // namespace

struct MapEngine::Impl {
  explicit Impl(const MapProblem& p) : problem(p), first(p), second(p, first.step(), first.may_leave_domain()) {}
  const MapProblem& problem;
  FirstPass first;
  SecondPass second;
};

MapEngine::MapEngine(const MapProblem& problem) : impl_(std::make_unique<const Impl>(problem)) {}
MapEngine::~MapEngine() = default;
MapEngine::MapEngine(MapEngine&&) noexcept = default;
MapEngine& MapEngine::operator=(MapEngine&&) noexcept = default;

void MapEngine::compute(std::span<const std::size_t> numbers, std::span<MapPixel> out, Cost& cost,
                        const Progress& progress) const {
  if (numbers.size() != out.size()) throw std::logic_error("a pixel for each number");
  const auto width = static_cast<std::size_t>(impl_->problem.x().pixels);
  const auto share = [&](std::size_t done) { return static_cast<double>(done) / static_cast<double>(numbers.size()); };
  for (std::size_t begin = 0; begin < numbers.size(); begin += kLanes) {
    report_progress(progress, share(begin));
    const std::size_t count = std::min(kLanes, numbers.size() - begin);
    std::vector<MapProblem::Run> runs;
    for (std::size_t k = 0; k < count; ++k) {
      const std::size_t number = numbers[begin + k];
      runs.push_back(impl_->problem.run(static_cast<int>(number % width), static_cast<int>(number / width)));
    }
    const auto pixels = out.subspan(begin, count);
    std::fill(pixels.begin(), pixels.end(), MapPixel{});
    impl_->first.run(runs, pixels, cost);
    impl_->second.run(runs, pixels, cost);
    for (std::size_t k = 0; k < count; ++k) {
      if (pixels[k].drawn) continue;
      if (k % 16 == 0) report_progress(progress, share(begin + k));
      pixels[k].fate = by_the_rules(impl_->problem, runs[k], cost);
      pixels[k].drawn = true;
    }
  }
}

}  // namespace etamax
