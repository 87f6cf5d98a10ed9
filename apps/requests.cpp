#include "requests.h"

#include "etamax/model/memory_fit.h"

namespace etamax::apps {
namespace {

template <typename Answer, typename Options>
Answer answered(Answer (*verb)(Problem&, const Options&), ModelSetup setup, const Options& options, const char* fewer) {
  setup.seed = options.seed;
  try {
    return verb(*make_problem(setup), options);
  } catch (const InputError&) {
    throw;
  } catch (const std::exception& e) {
    if (!out_of_memory(e)) throw;
  }
  throw does_not_fit(setup, fewer);
}

}  // namespace

Analysis analyze(AnalyzeRequest request) {
  return answered(etamax::analyze, request.setup, request.options, "samples");
}
Tuning tune(TuneRequest request) { return answered(etamax::tune, request.setup, request.options, "batch_size"); }

}  // namespace etamax::apps
