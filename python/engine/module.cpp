// The extension `etamax._engine`: what the package `etamax` (python/etamax) is written on. Not for users.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "answer.h"
#include "arguments.h"
#include "certify.h"
#include "etamax/analyze/analyze.h"
#include "etamax/core/error.h"
#include "etamax/core/interruption.h"
#include "etamax/core/version.h"
#include "etamax/diagnose/diagnose.h"
#include "etamax/explain/compare.h"
#include "etamax/explain/explain.h"
#include "etamax/files/input_file.h"
#include "etamax/follow/follow.h"
#include "etamax/optim/options.h"
#include "etamax/report/analysis.h"
#include "etamax/report/comparison.h"
#include "etamax/report/diagnosis.h"
#include "etamax/report/explanation.h"
#include "etamax/report/following.h"
#include "etamax/report/spectra.h"
#include "etamax/report/tuning.h"
#include "etamax/spectra/spectra.h"
#include "etamax/tune/tune.h"
#include "interruption.h"
#include "problem.h"
#include "tuner.h"
#include "watching.h"

namespace py = pybind11;

namespace etamax::python {
namespace {

using GivenOptions = py::dict;

/// A verb's options with those of the optimizer. One place says which a function takes.
struct Explain {
  ExplainOptions options = {};
  OptimizersOptions optimizers = {};
  Fields fields() { return etamax::fields(options) + etamax::fields(optimizers); }
};
struct Diagnose {
  DiagnoseOptions options = {};
  OptimizerOptions optimizer = {};
  Fields fields() { return etamax::fields(options) + etamax::fields(optimizer); }
};
/// What part of the data is looked at, and how much of it at once.
struct DataOptions {
  std::int64_t samples = 0, chunk = 4096;
};
Fields fields(DataOptions& o) {
  return {
      {Group::problem, "samples", &o.samples, "Examples to analyze, chosen at random; 0 takes all of them",
       Range::at_least(0)},
      {Group::runs, "chunk", &o.chunk, "Examples in memory at once", Range::at_least(1)},
  };
}
/// Options of a verb on somebody's model.
template <typename Options>
struct OnModel {
  Options options = {};
  OptimizerOptions optimizer = {};
  DataOptions data = {};
  Fields fields() {
    return python::fields(data) + etamax::fields(options) + etamax::fields(optimizer) +
           Fields{{Group::runs, "seed", &options.seed, "Random seed", Range::at_least(0)}};
  }
};
using Analyze = OnModel<AnalyzeOptions>;
using Follow = OnModel<FollowingOptions>;
using Spectrum = OnModel<SpectrumOptions>;
using Tune = OnModel<TuneOptions>;

std::unique_ptr<Answer> explain(const GivenOptions& given) {
  Explain call;
  read_arguments("explain", call.fields(), given);
  const std::vector<std::string> optimizers = call.optimizers.names();
  call.options.settings = call.optimizers.settings();
  call.options.follow.progress = progress_of(py::none());
  const Interruptions interruptions;
  const py::gil_scoped_release others_may_run;
  if (optimizers.size() > 1) return answer_of(compare(call.options, optimizers));
  call.options.optimizer = optimizers.front();
  return answer_of(explain(call.options));
}

std::unique_ptr<Answer> diagnose(const std::string& name, const std::optional<std::string>& text,
                                 const GivenOptions& given) {
  Diagnose call;
  read_arguments("diagnose", call.fields(), given);
  call.options.optimizer = call.optimizer.name();
  call.options.settings = call.optimizer.settings();
  call.options.progress = progress_of(py::none());
  const Interruptions interruptions;
  const py::gil_scoped_release others_may_run;
  try {
    if (!text) check_file_name(name);
    ByteSource log = text ? ByteSource::memory(*text) : ByteSource::file(name);
    return answer_of(diagnose(log, call.options));
  } catch (const InputError& e) {
    throw e.about("log");
  }
}

/// Checks all that a verb on a model is given, before any work is done, and returns what Python has use for.
template <typename Call>
py::dict problem_options(const std::string& function, const GivenOptions& given) {
  Call call;
  read_arguments(function, call.fields(), given);
  make_optimizer(call.optimizer.name(), call.optimizer.settings());
  py::dict options;
  options["samples"] = call.data.samples;
  options["chunk"] = call.data.chunk;
  options["seed"] = call.options.seed;
  return options;
}

/// `user`: the optimizer that somebody has; null: the one that the options name.
template <typename Call, typename Verb>
std::unique_ptr<Answer> on_model(const std::string& function, Verb verb, const py::object& problem,
                                 const Optimizer* user, const GivenOptions& given, const py::object& listener) {
  Call call;
  read_arguments(function, call.fields(), given);
  const Settings settings = call.optimizer.settings();
  if (user && !settings.empty())
    throw InputError(settings.front().first, "is the optimizer's own; an option only where `optimizer` is a name");
  call.options.progress = progress_of(listener);
  call.options.stage = stage_of(listener);
  const Interruptions interruptions;
  PythonProblem ours(problem, user ? *user : make_optimizer(call.optimizer.name(), settings));
  return answer_of(verb(ours, call.options));
}

std::unique_ptr<Answer> analyze(const py::object& problem, const Optimizer* user, const GivenOptions& given,
                                const py::object& listener) {
  return on_model<Analyze>(
      "analyze", [](Problem& p, const AnalyzeOptions& o) { return etamax::analyze(p, o); }, problem, user, given,
      listener);
}

std::unique_ptr<Answer> follow(const py::object& problem, const Optimizer* user, const GivenOptions& given,
                               const py::object& listener) {
  return on_model<Follow>(
      "follow", [](Problem& p, const FollowingOptions& o) { return follow_training(p, o); }, problem, user, given,
      listener);
}

std::unique_ptr<Answer> spectrum(const py::object& problem, const Optimizer* user, const GivenOptions& given,
                                 const py::object& listener) {
  return on_model<Spectrum>(
      "spectrum", [](Problem& p, const SpectrumOptions& o) { return find_spectra(p, o); }, problem, user, given,
      listener);
}

std::unique_ptr<Answer> tune(const py::object& problem, const Optimizer* user, const GivenOptions& given,
                             const py::object& listener) {
  return on_model<Tune>(
      "tune", [](Problem& p, const TuneOptions& o) { return etamax::tune(p, o); }, problem, user, given, listener);
}

template <typename Call>
py::list options_of() {
  Call call;
  return described(call.fields());
}

/// What is known of a rule: its hyperparameters, and what torch.optim calls its state at those values.
py::dict rule(const std::string& name, const Settings& settings) {
  const Optimizer optimizer = make_optimizer(name, settings);
  py::dict known;
  std::vector<std::string> hyperparameters;
  for (const Hyperparameter& h : optimizer.spec->hyperparameters) hyperparameters.push_back(h.name);
  known["hyperparameters"] = hyperparameters;
  known["state"] =
      optimizer.spec->state_names ? optimizer.spec->state_names(optimizer.values) : std::vector<std::string>{};
  known["preconditions"] = optimizer.spec->preconditioner != nullptr;
  return known;
}

std::vector<std::string> rule_names() {
  std::vector<std::string> names;
  for (const OptimizerSpec& spec : optimizers()) names.push_back(spec.name);
  return names;
}

/// The stability edge of the user's learning rate at a curvature of P^-1 (H + d I), in step `step` >= 1.
std::optional<double> edge_at(const Optimizer& optimizer, double curvature, long step) {
  if (!optimizer.spec->recurrence) return {};
  const auto edge = stability_edge(*optimizer.spec, optimizer.values, curvature);
  if (!edge || !optimizer.spec->lr_scale) return edge;
  return *edge / optimizer.spec->lr_scale(optimizer.values, step);
}

/// Raises the exceptions of the package for those of the library.
void translate(std::exception_ptr thrown) {
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const InputError& e) {
    const py::object type = py::module_::import("etamax._errors").attr("InputError");
    const py::object error = type(e.what(), e.field(), e.value(), e.constraint());
    PyErr_SetObject(type.ptr(), error.ptr());
  } catch (const EnvironmentError& e) {
    PyErr_SetString(PyExc_OSError, e.what());
  } catch (const Interrupted&) {
    PyErr_SetNone(PyExc_KeyboardInterrupt);
  }
}

}  // namespace

PYBIND11_MODULE(_engine, module) {
  py::register_exception_translator(translate);
  set_interruption_check(asked_to_stop);
  bind_answer(module);
  bind_tuner(module);
  py::class_<Optimizer>(module, "Optimizer")
      .def(py::init(&optimizer_of))
      .def("edge", &edge_at, py::arg("curvature"), py::arg("step"))
      .def_property_readonly("why_no_edge", [](const Optimizer& o) { return o.spec->no_recurrence_reason; })
      .def_property_readonly("gradient_decay", &Optimizer::gradient_decay);
  module.attr("version") = ETAMAX_VERSION;
  module.def("explain", py::overload_cast<const GivenOptions&>(&explain));
  module.def("diagnose",
             py::overload_cast<const std::string&, const std::optional<std::string>&, const GivenOptions&>(&diagnose));
  module.def("analyze",
             py::overload_cast<const py::object&, const Optimizer*, const GivenOptions&, const py::object&>(&analyze));
  module.def("follow", &follow);
  module.def("follow_problem_options",
             [](const GivenOptions& given) { return problem_options<Follow>("follow", given); });
  module.def("follow_options", &options_of<Follow>);
  module.def("spectrum", &spectrum);
  module.def("spectrum_problem_options",
             [](const GivenOptions& given) { return problem_options<Spectrum>("spectrum", given); });
  module.def("spectrum_options", &options_of<Spectrum>);
  module.def("tune",
             py::overload_cast<const py::object&, const Optimizer*, const GivenOptions&, const py::object&>(&tune));
  module.def("analyze_problem_options",
             [](const GivenOptions& given) { return problem_options<Analyze>("analyze", given); });
  module.def("tune_problem_options", [](const GivenOptions& given) { return problem_options<Tune>("tune", given); });
  module.def("preconditioner", &preconditioner_of);
  module.def("certify", &certify);
  module.def("certify_objective", &certify_objective);
  module.def("stop_by_agreement", &stop_by_agreement);
  module.def("was_asked_here", &was_asked_here);
  module.def("agree_to_stop", &agree_to_stop);
  module.def("explain_options", &options_of<Explain>);
  module.def("diagnose_options", &options_of<Diagnose>);
  module.def("analyze_options", &options_of<Analyze>);
  module.def("tune_options", &options_of<Tune>);
  module.def("certify_options", &certify_options);
  module.def("watching", &watching_of);
  module.def("rule", &rule);
  module.def("rule_names", &rule_names);
}

}  // namespace etamax::python
