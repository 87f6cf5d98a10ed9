#include "etamax/tune/ledger.h"

#include <algorithm>

namespace etamax {

const RunRecord* Ledger::find(const TrialRequest& request) const {
  const Key wanted{request.lr, request.seed, request.warmup_steps, request.steps};
  for (const auto& [key, record] : trials)
    if (key == wanted) return &record;
  return nullptr;
}

long Ledger::made_before(const TrialRequest& request) const {
  long most = 0;
  for (const auto& [key, record] : trials)
    if (key.lr == request.lr && key.seed == request.seed && key.warmup_steps == request.warmup_steps &&
        key.steps < request.steps)
      most = std::max(most, record.steps);
  return most;
}

void Ledger::add(const TuningRequest& request, const TuningResult& result) {
  if (std::holds_alternative<EdgeRequest>(request)) {
    start = std::get<StartFinding>(result);
  } else if (const auto* trial = std::get_if<TrialRequest>(&request)) {
    RunRecord record = std::get<RunRecord>(result);
    record.purpose = trial->purpose;
    trials.push_back({{trial->lr, trial->seed, trial->warmup_steps, trial->steps}, std::move(record)});
  } else {
    warmup_edges = std::get<std::vector<EdgeAtStep>>(result);
  }
}

}  // namespace etamax
