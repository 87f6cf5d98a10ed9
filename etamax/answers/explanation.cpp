#include "etamax/answers/explanation.h"

#include <algorithm>

#include "etamax/answers/detail_csv.h"
#include "etamax/answers/detail_explanation.h"

namespace etamax {

using namespace detail;

namespace {

Json texts(const std::vector<Formula>& formulas) {
  Json array = Json::array();
  for (const Formula& formula : formulas) array.push_back(formula.text);
  return array;
}

Json points(const std::vector<std::vector<double>>& all) {
  Json array = Json::array();
  for (const auto& x : all) array.push_back(numbers(x));
  return array;
}

Json small_rates_json(const SmallRates& s) {
  return {{"outcome", to_string(s.outcome)},
          {"point", maybe(s.point, numbers)},
          {"point_kind", maybe(s.kind, [](PointKind k) { return to_string(k); })},
          {"with_decay", s.with_decay},
          {"corner", s.corner}};
}

Json stability_json(const Stability& s) {
  Json json = Json::object();
  json["small_rates"] = small_rates_json(s.small_rates);
  put(json, "minimizer", maybe(s.minimizer, numbers), s.minimizer_reason);
  const std::string& no_curvature = s.minimizer ? s.lr_edge_reason : s.minimizer_reason;
  put(json, "lambda_max", maybe(s.lambda_max), no_curvature);
  put(json, "lambda_min", maybe(s.lambda_min), no_curvature);
  put(json, "lr_edge", maybe(s.lr_edge), s.lr_edge_reason);
  json["lr_edge_formula"] = s.lr_edge_formula;
  put(json, "lr_max_from_start", maybe(s.lr_max_from_start), s.lr_max_from_start_reason);
  json["lr_max_from_start_bracket"] = maybe(s.lr_max_from_start_bracket, [](const auto& b) {
    return Json::array({number(b[0]), number(b[1])});
  });
  if (s.lr_converges_up_to) {
    json["lr_converges_up_to"] = number(*s.lr_converges_up_to);
    json["lr_unsettled"] = maybe(s.lr_unsettled);
  }
  json["lr_settles_below"] = maybe(s.lr_settles_below);
  put(json, "lr_fastest", maybe(s.lr_fastest), s.lr_fastest_reason);
  json["lr_fastest_warning"] = s.lr_fastest_warning.empty() ? Json(nullptr) : Json(s.lr_fastest_warning);
  json["can_settle"] = s.can_settle;
  return json;
}

Json run_json(const FunctionRun& run) {
  Json json = Json::object();
  json["lr"] = run.lr;
  json["iterates"] = points(run.iterates);
  json["losses"] = numbers(run.losses);
  json["gradients"] = points(run.gradients);
  json["updates"] = points(run.updates);
  json["verdict"] = to_string(run.verdict);
  json["cause"] = maybe(run.cause, [](Cause c) { return to_string(c); });
  json["mode"] = maybe(run.mode, [](Mode m) { return to_string(m); });
  put(json, "rate", maybe(run.rate), run.rate_reason);
  json["rate_scope"] = maybe(run.rate_scope, [](RateScope s) { return to_string(s); });
  json["reached_tolerance"] = run.reached_tolerance;
  json["period"] = maybe(run.period, [](int p) { return p; });
  json["kind"] = maybe(run.kind, [](PointKind k) { return to_string(k); });
  json["lyapunov"] = maybe(run.lyapunov);
  json["bad_step"] = maybe(run.bad_step, [](long s) { return s; });
  json["limit"] = maybe(run.limit, numbers);
  json["lr_edge_at_limit"] = maybe(run.lr_edge_at_limit);
  json["domain_fault"] = run.domain_fault.empty() ? Json(nullptr) : Json(run.domain_fault);
  json["step_fault"] = run.step_fault.empty() ? Json(nullptr) : Json(run.step_fault);
  json["extent"] = maybe(run.extent);
  json["spreads"] = run.spreads;
  json["pole"] = maybe(run.pole);
  json["pole_step"] = maybe(run.pole_step, [](long s) { return s; });
  json["passes_by"] = run.passes_by;
  json["falls"] = run.falls;
  json["stuck"] = run.stuck;
  json["skipped_ahead"] = run.skipped_ahead;
  json["steps_followed"] = run.steps_followed;
  json["reason"] = run.reason;
  return json;
}

Json observed_json(const Observed& observed) {
  Json json = Json::object();
  json["iterates"] = points(observed.iterates);
  json["claimed_lr"] = maybe(observed.claimed_lr);
  put(json, "lr", maybe(observed.lr), observed.sentence);
  json["lr_range"] = Json::array({number(observed.lr_range[0]), number(observed.lr_range[1])});
  json["consistent"] = observed.consistent;
  json["sentence"] = observed.sentence;
  return json;
}

}  // namespace

Json detail::explanation_json(const Explanation& e) {
  Json json = document("explain", e.partial);
  json["objective"] = {{"expression", e.expression}, {"variables", e.variables}, {"gradient", texts(e.gradient)}};
  if (e.update.size() == 1)
    json["objective"]["update"] = e.update.front().text;
  else
    json["objective"]["update"] = texts(e.update);
  json["objective"]["update_in_words"] = e.update_in_words;
  json["start"] = numbers(e.start);
  json["optimizer"] = optimizer_json(e.optimizer, e.hyperparameters);
  json["stability"] = stability_json(e.stability);
  json["runs"] = Json::array();
  for (const FunctionRun& run : e.runs) json["runs"].push_back(run_json(run));
  if (e.observed) json["observed"] = observed_json(*e.observed);
  json["cost"] = cost_json(e.cost);
  return json;
}

std::vector<std::string> detail::step_columns(const std::vector<std::string>& variables) {
  const std::vector<std::string> ours = {"lr", "verdict", "step", "loss", "optimizer"};
  std::vector<std::string> columns(ours.begin(), ours.begin() + 3);
  for (const std::string& variable : variables)
    columns.push_back(std::find(ours.begin(), ours.end(), variable) == ours.end() ? variable : "variable " + variable);
  columns.push_back(ours[3]);
  return columns;
}

std::vector<std::vector<std::string>> detail::step_rows(const Explanation& e) {
  std::vector<std::vector<std::string>> rows;
  for (const FunctionRun& run : e.runs)
    for (std::size_t k = 0; k < run.iterates.size(); ++k) {
      std::vector<std::string> row = {cell(run.lr), to_string(run.verdict), std::to_string(k)};
      for (const double x : run.iterates[k]) row.push_back(cell(x));
      row.push_back(k < run.losses.size() ? cell(run.losses[k]) : "");
      rows.push_back(std::move(row));
    }
  return rows;
}

std::string to_json(const Explanation& e) { return text_of(explanation_json(e)); }

std::string to_csv(const Explanation& e) {
  CsvTable table(step_columns(e.variables));
  for (const std::vector<std::string>& row : step_rows(e)) table.row(row);
  return table.take();
}

}  // namespace etamax
