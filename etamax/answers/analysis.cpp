#include "etamax/answers/analysis.h"

#include <algorithm>

#include "etamax/answers/detail_csv.h"
#include "etamax/answers/detail_json.h"

namespace etamax {

using namespace detail;

namespace {

Json interval(const Interval& x) { return {{"lower", maybe(x.lower)}, {"upper", maybe(x.upper)}}; }

Json curvature_json(const Curvature& c) {
  Json json = interval(c.lambda_max);
  if (!c.reason.empty()) json["lower_reason"] = json["upper_reason"] = c.reason;
  json["confidence"] = maybe(c.confidence);
  json["reached_gap"] = c.reached_gap;
  json["preconditioned"] = !c.preconditioner.empty();
  if (!c.preconditioner.empty()) {
    json["preconditioner"] = c.preconditioner;
    json["left_out"] = c.left_out;
  }
  json["hvps"] = c.hvps;
  return json;
}

Json edge_json(const StabilityEdge& edge) {
  if (!edge.lr.lower && !edge.lr.upper) return nullptr;
  Json json = interval(edge.lr);
  json["formula"] = edge.formula;
  return json;
}

Json mini_batch_json(const MiniBatchEdge& edge) {
  Json json = {{"batch_size", edge.batch_size}};
  put(json, "upper", maybe(edge.lr), edge.reason);
  json["curvature_spread"] = number(edge.curvature_spread);
  json["batch_sharpness"] = number(edge.batch_sharpness);
  json["batch_sharpness_error"] = number(edge.batch_sharpness_error);
  json["batches"] = edge.batches;
  return json;
}

Json starts_json(const StartCount& starts) { return {{"train", starts.train}, {"of", starts.of}}; }

Json trainable_json(const Analysis& a) {
  const LargestTrainable& trainable = a.trainable;
  if (!trainable.lr.lower && !trainable.lr.upper) return nullptr;
  Json json = Json::object();
  put(json, "lower", maybe(trainable.lr.lower), trainable.reason);
  put(json, "upper", maybe(trainable.lr.upper), trainable.reason);
  if (trainable.lr.lower) json["lower_starts"] = starts_json(starts_at(a, *trainable.lr.lower));
  if (trainable.lr.upper) json["upper_starts"] = starts_json(starts_at(a, *trainable.lr.upper));
  json["of_edge"] = maybe(trainable_beyond_edge(a));
  json["starts"] = trainable.starts;
  json["starts_differ_in"] = trainable.starts_about;
  json["runs"] = a.runs.size() + a.other_starts.size();
  json["steps"] = trainable.steps;
  return json;
}

Json run_json(const RunRecord& run) {
  return {{"lr", number(run.lr)},
          {"seed", run.seed},
          {"start_loss", number(run.start_loss)},
          {"verdict", to_string(run.verdict)},
          {"first_bad_step", maybe(run.first_bad_step, [](long s) { return s; })},
          {"lost_loss", maybe(run.lost_loss)},
          {"divergence_threshold", number(run.divergence_threshold)},
          {"steps", run.steps},
          {"final_loss", maybe(run.loss)},
          {"losses", numbers(run.losses)},
          {"losses_stride", run.stride},
          {"reason", run.reason}};
}

Json layer_json(const LayerShare& layer) {
  return {{"name", layer.name},
          {"parameters", layer.parameters},
          {"share", number(layer.share)},
          {"lambda_max", maybe(layer.lambda_max)}};
}

Json intervention_json(const Intervention& made) {
  Json json = run_json(made.run);
  json["from_step"] = made.from;
  json["first_changed_step"] = made.steps > 0 ? Json(made.first) : Json(nullptr);
  json["steps_changed"] = made.steps;
  json["lowest_lr"] = number(made.lowest_lr);
  return json;
}

Json failing_json(const FailingRun& failing) {
  const auto step = [](long s) { return s; };
  Json json = {{"lr", number(failing.lr)},
               {"cause", to_string(failing.cause)},
               {"run", run_json(failing.run)},
               {"losses", numbers(failing.losses)}};
  put(json, "onset_step", maybe(failing.onset, step), "the loss never rises for good");
  json["looks"] = Json::array();
  for (const StepLook& look : failing.looks)
    json["looks"].push_back({{"step", look.step},
                             {"lr", number(look.lr)},
                             {"loss", number(look.loss)},
                             {"loss_after", number(look.loss_after)},
                             {"lr_edge", interval(look.edge)},
                             {"change_along_top_eigenvector", number(look.along)},
                             {"change_predicted", number(look.predicted)},
                             {"step_length", number(look.length)}});
  put(json, "explained_step", maybe(failing.explained, step),
      "in none of these steps a rise lies mostly along the top eigenvector, beyond the edge");
  if (failing.layer) json["layer"] = layer_json(*failing.layer);
  if (failing.onset_layer) json["onset_layer"] = layer_json(*failing.onset_layer);
  json["rate_held"] = maybe(failing.held, intervention_json);
  json["rate_held_from_start"] = maybe(failing.held_from_start, intervention_json);
  json["rate_held_again"] = Json::array();
  for (const RunRecord& run : failing.held_again) json["rate_held_again"].push_back(run_json(run));
  json["direction_taken_out"] = maybe(failing.direction_out, intervention_json);
  json["rate_dithered"] = Json::array();
  for (const RunRecord& run : failing.dithered) json["rate_dithered"].push_back(run_json(run));
  json["hvps"] = failing.hvps;
  return json;
}

Json culprits_json(const Analysis& a) {
  const Culprits& c = a.culprits;
  Json json = {{"layers", Json::array()}, {"inputs", inputs_json(c.inputs)}, {"examples", Json::array()}};
  for (const LayerShare& layer : c.layers) json["layers"].push_back(layer_json(layer));
  for (const ExampleShare& example : c.examples)
    json["examples"].push_back(
        {{"example", example.example}, {"curvature", number(example.curvature)}, {"loss", number(example.loss)}});
  if (!c.inputs.empty()) json["inputs_share"] = number(total_share(c.inputs));
  if (!c.examples.empty()) json["examples_share"] = number(c.examples_share);
  if (c.standardized_lambda_max)
    json["standardized"] = {{"lambda_max", interval(*c.standardized_lambda_max)},
                            {"lr_edge", c.standardized_edge ? edge_json(*c.standardized_edge) : Json(nullptr)},
                            {"times_as_high", maybe(standardized_factor(a))}};
  return json;
}

}  // namespace

std::string to_string(FailureCause cause) {
  switch (cause) {
    case FailureCause::curvature:
      return "curvature";
    case FailureCause::other:
      return "other";
    case FailureCause::unclear:
      break;
  }
  return "unclear";
}

const Intervention* held_run(const FailingRun& failing) {
  const auto& held = failing.held_from_start ? failing.held_from_start : failing.held;
  return held ? &*held : nullptr;
}

const StepLook* look_at(const FailingRun& failing, std::optional<long> step) {
  const auto look =
      std::find_if(failing.looks.begin(), failing.looks.end(), [&](const StepLook& l) { return l.step == step; });
  return look == failing.looks.end() ? nullptr : &*look;
}

const RunRecord* run_at(const Analysis& a, double lr) {
  const auto run = std::find_if(a.runs.begin(), a.runs.end(), [&](const RunRecord& r) { return r.lr == lr; });
  return run == a.runs.end() ? nullptr : &*run;
}

StartCount starts_at(const Analysis& a, double lr) {
  StartCount count;
  for (const auto* runs : {&a.runs, &a.other_starts})
    for (const RunRecord& run : *runs) {
      if (run.lr != lr) continue;
      ++count.of;
      count.train += run.verdict == Verdict::trains ? 1 : 0;
    }
  return count;
}

std::optional<double> trainable_beyond_edge(const Analysis& a) {
  const std::optional<double> lower = a.trainable.lr.lower, edge = a.edge.lr.upper;
  if (!lower || !edge || *lower <= *edge) return {};
  return *lower / *edge;
}

std::optional<double> standardized_factor(const Analysis& a) {
  const std::optional<StabilityEdge>& standardized = a.culprits.standardized_edge;
  if (!standardized || !standardized->lr.lower || !a.edge.lr.lower) return {};
  return *standardized->lr.lower / *a.edge.lr.lower;
}

std::string to_json(const Analysis& a) {
  Json json = document("analyze", a.partial);
  json["model"] = {{"name", a.model}, {"parameters", a.parameters}, {"frozen", a.frozen}, {"unused", a.unused}};
  json["data"] = {{"name", a.data}, {"examples", a.examples}, {"of_examples", a.of_examples}};
  json["loss"] = {{"name", a.loss}, {"value", number(a.loss_value)}, {"chance", maybe(a.chance_loss)}};
  if (!a.loss_basis.empty()) json["loss"]["guessed_because"] = a.loss_basis;
  json["gradient_norm"] = number(a.gradient_norm);
  json["optimizer"] = optimizer_json(a.optimizer, a.hyperparameters);
  json["batch_size"] = a.batch_size;
  json["device"] = a.device;
  json["dtype"] = a.dtype;
  json["notes"] = a.notes;
  put(json, "lambda_max", maybe(a.curvature, curvature_json), "not reached");
  put(json, "lambda_min", maybe(a.curvature, [](const Curvature& c) { return interval(c.lambda_min); }), "not reached");
  if (a.sampling)
    json["sampling"] = {{"lambda_max", interval(a.sampling->lambda_max)},
                        {"confidence", a.sampling->confidence},
                        {"subsets", a.sampling->subsets},
                        {"examples_each", a.sampling->examples}};
  put(json, "lr_edge", edge_json(a.edge), a.edge.reason);
  if (a.mini_batch) json["lr_edge_mini_batch"] = mini_batch_json(*a.mini_batch);
  put(json, "lr_max_trainable", trainable_json(a),
      a.trainable.reason.empty() ? "no runs were made" : a.trainable.reason);
  put(json, "lr_recommended", maybe(a.recommended, [](const Recommended& r) { return number(r.lr); }),
      a.recommended_reason);
  if (a.recommended) {
    json["lr_recommended_starts"] = starts_json(a.recommended->starts);
    json["lr_recommended_mean_loss"] = number(a.recommended->mean_loss);
  }
  put(json, "warmup_steps", maybe(a.warmup_steps, [](long steps) { return steps; }), a.warmup_steps_reason);
  json["runs_schedule"] = a.manner.schedule;
  json["runs_warmup_steps"] = a.manner.warmup;
  json["runs_clip"] = maybe(a.manner.clip);
  json["bands"] = Json::array();
  for (const Ruler::Band& band : a.ruler.bands)
    json["bands"].push_back(
        {{"name", band.name}, {"from", number(band.from)}, {"to", maybe(band.to)}, {"basis", band.basis}});
  json["runs"] = Json::array();
  for (const RunRecord& run : a.runs) json["runs"].push_back(run_json(run));
  json["other_starts"] = Json::array();
  for (const RunRecord& run : a.other_starts) json["other_starts"].push_back(run_json(run));
  if (a.failing) json["failing_run"] = failing_json(*a.failing);
  json["culprits"] = culprits_json(a);
  if (a.yours)
    json["yours"] = {{"lr", number(a.yours->lr)},
                     {"band", a.yours->band.empty() ? Json(nullptr) : Json(a.yours->band)},
                     {"stable", maybe(a.yours->stable, [](bool stable) { return stable; })},
                     {"of_edge", maybe(a.yours->of_edge)},
                     {"sentence", a.yours->sentence}};
  json["answer"] = a.answer;
  json["cost"] = cost_json(a.cost);
  return text_of(json);
}

std::string to_csv(const Analysis& a) {
  CsvTable table({"lr", "seed", "verdict", "step", "loss"});
  for (const std::vector<RunRecord>* runs : {&a.runs, &a.other_starts})
    for (const RunRecord& run : *runs)
      for (std::size_t k = 0; k < run.losses.size(); ++k)
        table.row({cell(run.lr), std::to_string(run.seed), to_string(run.verdict),
                   std::to_string(static_cast<long>(k) * run.stride), cell(run.losses[k])});
  return table.take();
}

}  // namespace etamax
