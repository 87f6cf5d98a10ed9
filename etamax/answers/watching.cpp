#include "etamax/answers/watching.h"

#include "etamax/answers/detail_csv.h"
#include "etamax/answers/detail_json.h"

namespace etamax {

using namespace detail;

namespace {

std::optional<double> over_edge(const CurvatureLook& look) {
  if (!look.lr_edge) return {};
  return look.lr / *look.lr_edge;
}

}  // namespace

std::string to_string(WatchEventKind kind) {
  switch (kind) {
    case WatchEventKind::warned:
      return "warned";
    case WatchEventKind::capped:
      return "capped";
    case WatchEventKind::released:
      return "released";
    case WatchEventKind::calm:
      return "calm";
    case WatchEventKind::not_finite:
      break;
  }
  return "not_finite";
}

std::string to_json(const Watching& w) {
  Json json = document("watch", w.partial);
  json["model"] = {{"name", w.model}, {"parameters", w.parameters}};
  json["optimizer"] = optimizer_json(w.optimizer, w.hyperparameters);
  json["planned_steps"] = w.planned_steps;
  json["steps"] = w.steps;
  json["budget"] = {{"share", number(w.budget)}, {"spent_gradients", number(w.spent)}};
  json["cap"] = maybe(w.cap);
  json["notes"] = w.notes;
  json["looks"] = Json::array();
  for (const CurvatureLook& look : w.looks) {
    Json row = {{"step", look.step}, {"lr", number(look.lr)}, {"sharpness", number(look.sharpness)}};
    put(row, "lr_edge", maybe(look.lr_edge), w.lr_edge_reason.empty() ? "no positive curvature" : w.lr_edge_reason);
    row["lr_over_edge"] = maybe(over_edge(look));
    row["residual"] = number(look.residual);
    row["layer"] = look.layer;
    row["gradients"] = number(look.gradients);
    json["looks"].push_back(row);
  }
  json["events"] = Json::array();
  for (const WatchEvent& event : w.events)
    json["events"].push_back({{"step", event.step}, {"kind", to_string(event.kind)}, {"text", event.text}});
  json["rates"] = Json::array();
  for (const Watching::Rate& rate : w.rates)
    json["rates"].push_back({{"step", rate.step}, {"lr", number(rate.set)}, {"lr_in_force", number(rate.in_force)}});
  json["answer"] = w.answer;
  json["seconds_of_training"] = number(w.seconds_of_training);
  json["cost"] = cost_json(w.cost);
  return text_of(json);
}

std::string to_csv(const Watching& w) {
  CsvTable table({"step", "lr", "sharpness", "lr_edge", "lr_over_edge", "residual", "layer", "gradients"});
  for (const CurvatureLook& look : w.looks)
    table.row({std::to_string(look.step), cell(look.lr), cell(look.sharpness), cell(look.lr_edge),
               cell(over_edge(look)), cell(look.residual), look.layer, cell(look.gradients)});
  return table.take();
}

}  // namespace etamax
