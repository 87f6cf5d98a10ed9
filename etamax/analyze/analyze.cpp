#include "etamax/analyze/analyze.h"

#include <fmt/format.h>

#include <cmath>

#include "etamax/analyze/answer.h"
#include "etamax/analyze/stages.h"
#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/stopwatch.h"

namespace etamax {
namespace {

void check(const AnalyzeOptions& o, Problem& problem) {
  check_fields(o);
  if (o.steps > 0 && o.warmup > o.steps)
    throw InputError("warmup", fmt::format("{} is more than the {} steps of a run", o.warmup, o.steps));
  check_batch_size(problem.objective(), o.batch_size);
}

Analysis described(const AnalysisWork& work) {
  Analysis a;
  describe(work.problem, a);
  ProblemDescription about = work.problem.description();
  a.frozen = std::move(about.frozen);
  a.unused = std::move(about.unused);
  a.manner = {work.options.schedule, work.options.warmup, work.options.clip};
  a.of_examples = work.problem.all_examples() ? work.problem.all_examples()->count() : a.examples;
  a.batch_size = work.batched() ? work.options.batch_size : a.examples;
  return a;
}

}  // namespace

Analysis analyze(Problem& problem, const AnalyzeOptions& options) {
  const Stopwatch watch;
  check(options, problem);
  AnalysisWork work{problem, problem.objective(), options};
  const Cost before = work.f.cost();
  work.answer = described(work);
  try {
    for (const AnalysisStage& stage : analysis_stages()) {
      if (!stage.wanted(work)) continue;
      if (options.stage) options.stage(stage.name);
      stage.fill(work);
    }
  } catch (const Interrupted&) {
    work.answer.partial = true;
  }
  Analysis& a = work.answer;
  conclude(a, problem.optimizer(), options.lr);
  a.cost.gradients += work.f.cost().gradients - before.gradients;
  a.cost.hvps += work.f.cost().hvps - before.hvps;
  a.cost.forwards += work.f.cost().forwards - before.forwards;
  a.cost.seconds = watch.seconds();
  return std::move(a);
}

}  // namespace etamax
