#include "etamax/answers/following.h"

#include "etamax/answers/detail_csv.h"
#include "etamax/answers/detail_json.h"

namespace etamax {

using namespace detail;

namespace {

Json look_json(const SharpnessLook& l) {
  return {{"step", l.step},
          {"lr", number(l.lr)},
          {"loss", number(l.loss)},
          {"sharpness", number(l.sharpness)},
          {"residual", number(l.residual)},
          {"lower", maybe(l.bounds.lower)},
          {"upper", maybe(l.bounds.upper)},
          {"lr_edge", maybe(l.edge)},
          {"critical_sharpness", maybe(l.critical)},
          {"of_edge", maybe(l.of_edge())},
          {"batch_sharpness", maybe(l.batch_sharpness)},
          {"gauss_newton", maybe(l.gauss_newton)},
          {"layer", l.layer},
          {"layer_share", number(l.layer_share)},
          {"products", l.products}};
}

Json run_json(const SharpnessRun& r) {
  Json looks = Json::array();
  for (const SharpnessLook& look : r.looks) looks.push_back(look_json(look));
  return {{"lr", number(r.lr)},
          {"steps", r.steps},
          {"lost", r.lost.has_value()},
          {"first_beyond", maybe(r.first_beyond, [](long step) { return step; })},
          {"crossings", r.crossings},
          {"late_of_edge", maybe(r.late_of_edge)},
          {"looks", looks},
          {"losses", numbers(r.losses)},
          {"losses_stride", r.losses_stride},
          {"looks_left_out", r.left_out},
          {"training_gradients", number(r.training_gradients)},
          {"looking_gradients", number(r.looking_gradients)},
          {"training_seconds", number(r.training_seconds)},
          {"looking_seconds", number(r.looking_seconds)}};
}

}  // namespace

std::string to_json(const Following& f) {
  Json json = document("follow", f.partial);
  json["model"] = {{"name", f.model}, {"parameters", f.parameters}};
  json["data"] = {{"name", f.data}, {"examples", f.examples}, {"looked_at", f.looked_at}};
  json["loss"] = {{"name", f.loss}};
  if (!f.loss_basis.empty()) json["loss"]["guessed_because"] = f.loss_basis;
  json["notes"] = f.notes;
  json["device"] = f.device;
  json["dtype"] = f.dtype;
  json["optimizer"] = optimizer_json(f.optimizer, f.hyperparameters);
  json["preconditioned"] = f.preconditioned;
  if (!f.no_edge_reason.empty()) json["lr_edge_reason"] = f.no_edge_reason;
  json["confidence"] = number(f.confidence);
  json["batch_size"] = f.batch_size;
  json["steps"] = f.steps;
  json["schedule"] = f.manner.schedule;
  json["warmup"] = f.manner.warmup;
  json["clip"] = maybe(f.manner.clip);
  json["budget"] = number(f.budget);
  json["runs"] = Json::array();
  for (const SharpnessRun& run : f.runs) json["runs"].push_back(run_json(run));
  json["answer"] = f.answer;
  json["cost"] = cost_json(f.cost);
  return text_of(json);
}

std::string to_csv(const Following& f) {
  CsvTable table({"lr_peak", "step", "lr", "loss", "sharpness", "residual", "lower", "upper", "edge", "critical",
                  "batch_sharpness", "gauss_newton", "layer"});
  for (const SharpnessRun& run : f.runs)
    for (const SharpnessLook& l : run.looks)
      table.row({cell(run.lr), std::to_string(l.step), cell(l.lr), cell(l.loss), cell(l.sharpness), cell(l.residual),
                 cell(l.bounds.lower), cell(l.bounds.upper), cell(l.edge), cell(l.critical), cell(l.batch_sharpness),
                 cell(l.gauss_newton), l.layer});
  return table.take();
}

}  // namespace etamax
