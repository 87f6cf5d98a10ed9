#include "tuner.h"

#include <pybind11/stl.h>

#include <cmath>

#include "arguments.h"
#include "etamax/core/error.h"
#include "etamax/report/tuning.h"
#include "etamax/training/verdict.h"
#include "etamax/tune/answer.h"
#include "etamax/tune/policy.h"

namespace py = pybind11;

namespace etamax::python {
namespace {

/// Whoever makes the runs has the batches, and keeps what a state file would.
Fields fields_without_data(TuneOptions& o, std::string& optimizer) {
  Fields all = etamax::fields(o);
  std::erase_if(all, [](const Field& field) { return field.name == "batch_size" || field.name == "state"; });
  return all + Fields{{Group::runs, "seed", &o.seed, "The first of the random seeds", Range::at_least(0)},
                      {Group::runs, "optimizer", &optimizer,
                       "Name of the optimizer, such as adam, where it has one: what rates it usually takes"}};
}

}  // namespace

Tuner::Tuner(const py::dict& options) {
  read_arguments("Tuner", fields_without_data(options_, terms_.optimizer), options);
  terms_.horizon = options_.steps;
  terms_.seeds = options_.seeds;
  terms_.seed = options_.seed;
  terms_.budget = options_.budget;
  terms_.decays = options_.schedule != "constant";
  decide(terms_, ledger_);  // refuses a budget that is too small
}

std::optional<TrialRequest> Tuner::ask() const {
  const auto next = decide(terms_, ledger_);
  const auto* request = std::get_if<TuningRequest>(&next);
  return request ? std::optional(std::get<TrialRequest>(*request)) : std::nullopt;  // no edge: nothing else is asked
}

void Tuner::tell(const TrialRequest& trial, std::optional<double> loss, std::optional<double> start_loss) {
  const std::optional<TrialRequest> asked = ask();
  if (!asked || ledger_.find(trial) || asked->lr != trial.lr || asked->seed != trial.seed ||
      asked->steps != trial.steps || asked->warmup_steps != trial.warmup_steps)
    throw InputError("trial", "is not the one that was asked for");
  RunRecord record;
  record.lr = trial.lr;
  record.seed = trial.seed;
  record.warmup_steps = trial.warmup_steps;
  record.steps = trial.steps;
  record.units = terms_.steps_cost(trial.steps - ledger_.made_before(trial)) + terms_.judging_cost(trial.steps);
  if (!loss || !std::isfinite(*loss)) {
    record.verdict = Verdict::diverges;
  } else {
    record.loss = record.training_loss = loss;
    record.start_loss = start_loss.value_or(INFINITY);
    judge(record, {});
  }
  if (start_loss && std::isfinite(*start_loss) && !terms_.start_loss && trial.seed == terms_.seed)
    terms_.start_loss = start_loss;
  ledger_.add(*asked, record);
}

std::unique_ptr<Answer> Tuner::answer() const {
  Tuning answer = decide_now(terms_, ledger_);
  answer.horizon_steps = options_.steps;
  answer.schedule = options_.schedule;
  answer.seeds = options_.seeds;
  conclude(answer);
  return answer_of(std::move(answer));
}

void bind_tuner(py::module_& module) {
  py::class_<TrialRequest>(module, "TrialRequest")
      .def(py::init([](double lr, std::uint64_t seed, long warmup_steps, long steps) {
        return TrialRequest{lr, seed, warmup_steps, steps};
      }))
      .def_readonly("lr", &TrialRequest::lr)
      .def_readonly("seed", &TrialRequest::seed)
      .def_readonly("warmup_steps", &TrialRequest::warmup_steps)
      .def_readonly("steps", &TrialRequest::steps);
  py::class_<Tuner>(module, "Tuner")
      .def(py::init<const py::dict&>())
      .def("ask", &Tuner::ask)
      .def("tell", &Tuner::tell)
      .def("answer", &Tuner::answer);
  module.def("tuner_options", [] {
    TuneOptions options;
    std::string optimizer;
    return described(fields_without_data(options, optimizer));
  });
}

}  // namespace etamax::python
