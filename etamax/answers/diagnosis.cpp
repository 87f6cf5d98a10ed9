#include "etamax/answers/diagnosis.h"

#include "etamax/answers/detail_csv.h"
#include "etamax/answers/detail_json.h"

namespace etamax {

using namespace detail;

namespace {

/// A step is a whole number where the log counts in whole steps.
Json step_number(double step) {
  if (step == std::floor(step) && std::abs(step) < 9e15) return Json(static_cast<long long>(step));
  return number(step);
}

/// The value under its name, its interval beside it.
void put_estimate(Json& json, const std::string& name, const std::optional<Estimate>& estimate,
                  const std::string& reason) {
  put(json, name, estimate ? number(estimate->value) : Json(nullptr), reason);
  if (!estimate) return;
  json[name + "_interval"] = {number(estimate->interval[0]), number(estimate->interval[1])};
  json[name + "_basis"] = estimate->basis;
}

/// Whole where every record is kept; else with the range of those that were taken together.
Json sample_json(const LogSeries::Sample& sample) {
  Json json = {{"step", step_number(sample.step)}, {"value", number(sample.value)}};
  if (sample.records > 1) {
    json["low"] = number(sample.low);
    json["high"] = number(sample.high);
    json["records"] = sample.records;
  }
  return json;
}

Json log_json(const LogSummary& log) {
  return {{"name", log.name},
          {"format", log.format},
          {"bytes", log.bytes},
          {"records", log.records},
          {"column", log.loss_column},
          {"step_column", log.step_column.empty() ? Json(nullptr) : Json(log.step_column)},
          {"other_columns", log.other_columns},
          {"remarks", log.remarks}};
}

}  // namespace

std::string to_string(LogVerdict verdict) {
  switch (verdict) {
    case LogVerdict::learning_rate:
      return "learning_rate";
    case LogVerdict::not_learning_rate:
      return "not_learning_rate";
    case LogVerdict::collapse:
      return "collapse";
    case LogVerdict::healthy:
      return "healthy";
    case LogVerdict::unclear:
      break;
  }
  return "unclear";
}

std::string percent_text(double probability) { return std::to_string(static_cast<int>(100 * probability)) + "%"; }

std::string certainty(LogVerdict verdict, double score) {
  return verdict == LogVerdict::unclear ? "unclear" : score >= kLikely ? "likely" : "possible";
}

std::string to_json(const Diagnosis& d) {
  Json json = document("diagnose", d.partial);
  json["verdict"] = to_string(d.verdict);
  put(json, "cause", d.cause.empty() ? Json(nullptr) : Json(d.cause), "no single explanation stands out");
  json["score"] = number(d.score);
  json["certainty"] = certainty(d.verdict, d.score);
  json["reason"] = d.reason;
  json["next"] = d.next;
  put(json, "onset_step", d.onset_step ? step_number(*d.onset_step) : Json(nullptr), d.onset_step_reason);
  put_estimate(json, "growth_per_step", d.growth_per_step, d.growth_per_step_reason);
  put_estimate(json, "multiplier", d.multiplier, d.multiplier_reason);
  put(json, "lr", d.lr ? number(*d.lr) : Json(nullptr), "the log has no learning rate, and none was given");
  put(json, "implied_lr", d.implied_lr ? number(*d.implied_lr) : Json(nullptr), d.implied_lr_reason);
  put(json, "curvature", d.curvature ? number(*d.curvature) : Json(nullptr), d.lr_edge_reason);
  put_estimate(json, "lr_edge", d.lr_edge, d.lr_edge_reason);
  put_estimate(json, "lr_suggested", d.lr_suggested, d.lr_suggested_reason);
  json["evidence"] = d.evidence;
  json["causes"] = Json::array();
  for (const WeighedCause& cause : d.causes)
    json["causes"].push_back({{"name", cause.name},
                              {"verdict", to_string(cause.verdict)},
                              {"score", number(cause.score)},
                              {"evidence", cause.evidence},
                              {"against", cause.against}});
  json["shown"] = Json::object();
  for (const ShownEvidence& shown : d.shown) json["shown"][shown.name] = number(shown.value);
  json["optimizer"] = d.optimizer;
  json["losses"] = Json::array();
  for (const LogSeries::Sample& sample : d.loss.samples) json["losses"].push_back(sample_json(sample));
  json["log"] = log_json(d.log);
  json["cost"] = cost_json(d.cost);
  return text_of(json);
}

std::string to_csv(const Diagnosis& d) {
  CsvTable table({"step", "value", "low", "high", "records"});
  for (const LogSeries::Sample& sample : d.loss.samples)
    table.row(
        {cell(sample.step), cell(sample.value), cell(sample.low), cell(sample.high), std::to_string(sample.records)});
  return table.take();
}

}  // namespace etamax
