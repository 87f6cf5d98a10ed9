#include "requests.h"

#include "attempt.h"
#include "etamax/model/memory_fit.h"

namespace etamax::apps {
namespace {

template <typename Verb, typename Options>
auto answered(const Verb& verb, ModelSetup setup, const Options& options, const char* fewer) {
  setup.seed = options.seed;
  const EndAtAttempt meanwhile;
  try {
    return verb(*make_problem(setup), options);
  } catch (const InputError&) {
    throw;
  } catch (const std::exception& e) {
    if (!out_of_memory(e)) {
      if (const auto refusal = cannot_run(setup, e)) throw InputError(*refusal);
      throw;
    }
  }
  throw does_not_fit(setup, fewer);
}

}  // namespace

void refuse_unchecked(const OptimizerSpec& optimizer, const std::optional<double>& lr) {
  if (!lr) throw InputError("check", "needs the learning rate that is to be checked, `lr`");
  if (!optimizer.recurrence)
    throw InputError("check", optimizer.name + " has no stability edge: " + optimizer.no_recurrence_reason);
}

Analysis analyze(AnalyzeRequest request) {
  const auto verb = [check = request.check](ModelProblem& problem, AnalyzeOptions options) {
    if (!options.lr) options.lr = problem.saved_lr();
    if (check) refuse_unchecked(*problem.optimizer().spec, options.lr);
    return etamax::analyze(problem, options);
  };
  return answered(verb, request.setup, request.options, "samples");
}
Following follow(FollowRequest request) {
  return answered(follow_training, request.setup, request.options, "batch_size");
}
Spectra spectrum(SpectrumRequest request) { return answered(find_spectra, request.setup, request.options, "samples"); }
Tuning tune(TuneRequest request) { return answered(etamax::tune, request.setup, request.options, "batch_size"); }

}  // namespace etamax::apps
