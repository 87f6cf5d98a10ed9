#include "etamax/answers/tuning.h"

#include "etamax/answers/detail_csv.h"
#include "etamax/answers/detail_json.h"

namespace etamax {

using namespace detail;

namespace {

Json trial_json(const RunRecord& t) {
  return {{"lr", number(t.lr)},
          {"seed", t.seed},
          {"warmup_steps", t.warmup_steps},
          {"steps", t.steps},
          {"verdict", to_string(t.verdict)},
          {"loss", maybe(t.loss)},
          {"training_loss", maybe(t.training_loss)},
          {"lowest_loss", maybe(t.lowest, [](const RunRecord::Evaluation& x) { return number(x.loss); })},
          {"lowest_loss_step", maybe(t.lowest, [](const RunRecord::Evaluation& x) { return x.step; })},
          {"purpose", t.purpose},
          {"cost", t.units}};
}

Json bounds(const Interval& x, const std::string& reason) {
  Json json = Json::object();
  put(json, "lower", maybe(x.lower), reason);
  put(json, "upper", maybe(x.upper), reason);
  return json;
}

}  // namespace

std::optional<double> margin(const Tuning& t) {
  if (!t.lr_recommended || !t.trainable.lr.upper) return {};
  return *t.trainable.lr.upper / *t.lr_recommended;
}

std::string to_json(const Tuning& t) {
  Json json = document("tune", t.partial);
  json["model"] = {{"name", t.model}, {"parameters", t.parameters}};
  json["data"] = {
      {"name", t.data}, {"training_examples", t.training_examples}, {"validation_examples", t.validation_examples}};
  json["inputs"] = inputs_json(t.inputs);
  if (!t.inputs.empty()) json["inputs_share"] = number(total_share(t.inputs));
  json["loss"] = {{"name", t.loss}, {"value", number(t.start_loss)}, {"chance", maybe(t.chance_loss)}};
  if (!t.loss_basis.empty()) json["loss"]["guessed_because"] = t.loss_basis;
  json["notes"] = t.notes;
  json["optimizer"] = optimizer_json(t.optimizer, t.hyperparameters);
  json["batch_size"] = t.batch_size;
  json["horizon_steps"] = t.horizon_steps;
  json["schedule"] = t.schedule;
  json["seeds"] = t.seeds;
  json["starts"] = t.starts;
  put(json, "lr_recommended", maybe(t.lr_recommended), t.lr_recommended_reason);
  put(json, "lr_interval",
      maybe(t.lr_interval,
            [&](const auto& x) {
              return Json{{"lower", x[0]}, {"upper", x[1]}, {"probability", t.lr_interval_probability}};
            }),
      t.lr_recommended_reason);
  put(json, "failure_probability", maybe(t.failure_probability), t.lr_recommended_reason);
  json["margin"] = maybe(margin(t));
  put(json, "warmup_steps", maybe(t.warmup_steps, [](long n) { return n; }), t.warmup_reason);
  if (t.warmup_steps) json["warmup_reason"] = t.warmup_reason;
  json["warmup_edges"] = Json::array();
  for (const EdgeAtStep& then : t.warmup_edges)
    json["warmup_edges"].push_back(
        {{"step", then.step}, {"lower", maybe(then.edge.lower)}, {"upper", maybe(then.edge.upper)}});
  const bool has_edge = t.edge.lr.lower || t.edge.lr.upper;
  put(json, "lr_edge", has_edge ? bounds(t.edge.lr, "not known") : Json(nullptr), t.edge.reason);
  if (has_edge) json["lr_edge"]["examples"] = t.edge_examples;
  const bool has_limit = t.trainable.lr.lower || t.trainable.lr.upper;
  put(json, "lr_max_trainable", has_limit ? bounds(t.trainable.lr, t.trainable.reason) : Json(nullptr),
      t.trainable.reason);
  if (has_limit) json["lr_max_trainable"]["steps"] = t.trainable.steps;
  put(json, "expected_loss",
      maybe(t.expected_loss,
            [&](double x) {
              Json json_loss = {{"value", number(x)},
                                {"warmup_steps", t.expected_loss_warmup_steps},
                                {"spread", maybe(t.expected_loss_spread)}};
              if (t.expected_loss_spread) json_loss["spread_steps"] = t.expected_loss_spread_steps;
              return json_loss;
            }),
      t.expected_loss_reason);
  json["trials"] = Json::array();
  for (const RunRecord& trial : t.trials) json["trials"].push_back(trial_json(trial));
  const TuningBudget& b = t.budget;
  json["budget"] = {{"limit", b.runs(b.limit)}, {"spent", b.runs(b.spent)}, {"limit_units", b.limit},
                    {"spent_units", b.spent},   {"run_units", b.run},       {"edge_units", b.edge}};
  json["answer"] = t.answer;
  json["code"] = t.code;
  json["cost"] = cost_json(t.cost);
  return text_of(json);
}

std::string to_csv(const Tuning& t) {
  CsvTable table({"purpose", "lr", "seed", "warmup_steps", "steps", "verdict", "loss", "training_loss"});
  for (const RunRecord& run : t.trials)
    table.row({run.purpose, cell(run.lr), std::to_string(run.seed), std::to_string(run.warmup_steps),
               std::to_string(run.steps), to_string(run.verdict), cell(run.loss), cell(run.training_loss)});
  return table.take();
}

}  // namespace etamax
