#include "etamax/maps/wandering_pass.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "etamax/dynamics/tail_tests.h"
#include "etamax/maps/distances.h"

namespace etamax {
namespace {

StepProgram growing_program(const StepExpressions& step, const Progress& progress) {
  std::vector<std::string> names = step.state;
  std::vector<Expression> next = step.next;
  add_growth(step, names, next, progress);
  return {next, names, step.parameters, kStepNumber};
}

/// An experiment, made anew only where a run has another start or other hyperparameters than the one before.
class LastExperiment {
 public:
  LastExperiment(const MapProblem& problem, Cost& cost, const Progress& progress)
      : problem_(problem), cost_(cost), progress_(progress) {}
  const Experiment& of(const MapProblem::Run& run) {
    if (experiment_ && start_ == run.start && values_ == run.values.values()) return *experiment_;
    start_ = run.start, values_ = run.values.values();
    const RuleWithValues rule = simplest_rule(problem_.optimizer(), run.values);
    experiment_ =
        std::make_unique<const Experiment>(problem_.function(), run.start, rule.spec, rule.values, cost_, progress_);
    return *experiment_;
  }

 private:
  const MapProblem& problem_;
  Cost& cost_;
  Progress progress_;
  std::vector<double> start_, values_;
  std::unique_ptr<const Experiment> experiment_;
};

/// The minimum below the start repels, and the run did not begin so near to it that `explain` would skip ahead.
bool is_driven_out(const Experiment& experiment, double lr) {
  constexpr double kLinear = 1e-2;  // ten times what `iterate` calls linear
  const LocalTheory& theory = experiment.theory;
  return theory.applies() && theory.radius(lr) > 1 + 2 * kRadiusOne && theory.nonlinearity(experiment.start) > kLinear;
}

}  // namespace

WanderingPass::WanderingPass(const MapProblem& problem, const StepExpressions& step, const Progress& progress)
    : problem_(problem),
      dimension_(step.dimension),
      states_(step.state.size()),
      program_(growing_program(step, progress)) {}

std::vector<WanderingPass::Exponent> WanderingPass::measure(Lanes& lanes, Cost& cost, Asking& asking) const {
  constexpr long kBlocks = 8, kSteps = 500;  // as in lyapunov_exponent
  static_assert(kSteps % Distances::kBroughtBack == 0);
  lanes.state.resize(2 * states_, std::vector<double>(lanes.padded()));
  Distances distances(lanes, states_, states_, dimension_, dimension_);
  distances.begin();
  std::vector<Exponent> found(lanes.live);
  std::vector<double> square(lanes.live, 0), before(lanes.live, 0);
  long step = problem_.max_steps();
  for (long block = 0; block < kBlocks; ++block) {
    for (long k = 0; k < kSteps; k += Distances::kBroughtBack) {
      lanes.run(program_, step + 1, Distances::kBroughtBack, asking);
      distances.bring_back();
      step += Distances::kBroughtBack;
    }
    const std::vector<double> now = distances.growth();
    for (std::size_t lane = 0; lane < lanes.live; ++lane) {
      const double exponent = (now[lane] - before[lane]) / kSteps;
      found[lane].mean += exponent / kBlocks, square[lane] += exponent * exponent / kBlocks;
    }
    before = now;
  }
  cost.hvps += 2 * kBlocks * kSteps * static_cast<long>(lanes.live);
  for (std::size_t lane = 0; lane < lanes.live; ++lane)
    found[lane].error = std::sqrt(std::max(0.0, square[lane] - found[lane].mean * found[lane].mean) / (kBlocks - 1));
  return found;
}

void WanderingPass::run(Lanes lanes, std::span<const double> doublings, const std::vector<MapProblem::Run>& runs,
                        std::span<MapPixel> pixels, Cost& cost, Asking& asking) const {
  // An exponent this far above 0, and so many standard errors, is above it for every run that begins so.
  constexpr double kParts = 0.01, kErrors = 8;
  constexpr double kBelow = 0.9;  // of the least exponent that counts: the two ways of measuring agree to 1e-6
  constexpr double kTold = 30;    // doublings: chaos that came to an end may come to another one by a last digit
  if (problem_.optimizer().preconditioner || !problem_.optimizer().recurrence) return;
  const std::vector<Exponent> exponents = measure(lanes, cost, asking);
  LastExperiment experiments(problem_, cost, asking.progress());
  for (std::size_t lane = 0; lane < lanes.live; ++lane) {
    const auto [mean, error] = exponents[lane];
    const bool parts = mean > kParts && mean > kErrors * error;
    const bool stays = mean < kBelow * tail::kLeastExponent && std::isfinite(mean) && doublings[lane] < kTold;
    if (!parts && !stays) continue;
    asking.now();
    const MapProblem::Run& run = runs[lanes.number[lane]];
    if (!is_driven_out(experiments.of(run), run.lr)) continue;
    MapPixel& pixel = pixels[lanes.number[lane]];
    pixel.fate = parts ? Verdict::chaotic : Verdict::cycles, pixel.drawn = true;
  }
}

}  // namespace etamax
