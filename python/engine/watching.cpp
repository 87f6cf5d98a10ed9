#include "watching.h"

#include <pybind11/stl.h>

#include <cmath>

#include "etamax/report/watching.h"

namespace py = pybind11;

namespace etamax::python {
namespace {

template <typename T>
void read(const py::dict& from, const char* name, T& to) {
  to = from[name].cast<T>();
}

WatchEventKind kind_of(const std::string& name) {
  for (const WatchEventKind kind : {WatchEventKind::warned, WatchEventKind::capped, WatchEventKind::released,
                                    WatchEventKind::calm, WatchEventKind::not_finite})
    if (to_string(kind) == name) return kind;
  throw py::value_error("no event is called " + name);
}

CurvatureLook look_of(const py::dict& d) {
  CurvatureLook look;
  read(d, "step", look.step);
  read(d, "lr", look.lr);
  read(d, "sharpness", look.sharpness);
  read(d, "lr_edge", look.lr_edge);
  read(d, "residual", look.residual);
  read(d, "layer", look.layer);
  read(d, "gradients", look.gradients);
  return look;
}

}  // namespace

std::unique_ptr<Answer> watching_of(const py::dict& d) {
  Watching w;
  read(d, "model", w.model);
  read(d, "optimizer", w.optimizer);
  for (const auto& [name, value] : d["hyperparameters"].cast<std::vector<std::pair<std::string, double>>>())
    w.hyperparameters.push_back({name, value});
  read(d, "parameters", w.parameters);
  read(d, "planned_steps", w.planned_steps);
  read(d, "steps", w.steps);
  read(d, "budget", w.budget);
  read(d, "spent", w.spent);
  read(d, "cap", w.cap);
  read(d, "lr_edge_reason", w.lr_edge_reason);
  for (const auto& look : d["looks"].cast<std::vector<py::dict>>()) w.looks.push_back(look_of(look));
  for (const auto& [step, kind, text] : d["events"].cast<std::vector<std::tuple<long, std::string, std::string>>>())
    w.events.push_back({step, kind_of(kind), text});
  for (const auto& [step, set, in_force] : d["rates"].cast<std::vector<std::tuple<long, double, double>>>())
    w.rates.push_back({step, set, in_force});
  read(d, "answer", w.answer);
  read(d, "notes", w.notes);
  read(d, "seconds_of_training", w.seconds_of_training);
  read(d, "seconds", w.cost.seconds);
  w.cost.gradients = std::lround(w.spent);
  return answer_of(std::move(w));
}

}  // namespace etamax::python
