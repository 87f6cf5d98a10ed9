#include "etamax/answers/spectra.h"

#include <algorithm>
#include <cmath>

#include "etamax/answers/detail_csv.h"
#include "etamax/answers/detail_json.h"
#include "etamax/core/format.h"

namespace etamax {

using namespace detail;

namespace {

Json interval(const Interval& x) { return {{"lower", maybe(x.lower)}, {"upper", maybe(x.upper)}}; }

Json ends_json(const SpectralEnds& ends) {
  Json values = Json::array();
  for (const SpectralEnd& e : ends.values) {
    Json layers = Json::array();
    for (const NamedShare& layer : e.layers) layers.push_back({{"name", layer.name}, {"share", number(layer.share)}});
    values.push_back({{"value", number(e.value)},
                      {"lower", maybe(e.bounds.lower)},
                      {"upper", maybe(e.bounds.upper)},
                      {"residual", number(e.residual)},
                      {"gauss_newton", maybe(e.gauss_newton)},
                      {"cluster", maybe(e.cluster, [](long k) { return k; })},
                      {"layers", layers}});
  }
  return {{"eigenvalues", values}, {"others", maybe(ends.others)}, {"reached_tolerance", ends.reached_tolerance}};
}

Json mass_json(const SpectralMass& mass) {
  Json starts = Json::array();
  for (const SpectralMass::Start& start : mass.starts)
    starts.push_back({{"nodes", numbers(start.nodes)},
                      {"weights", numbers(start.weights)},
                      {"residuals", numbers(start.residuals)}});
  return {{"near", number(mass.near)},
          {"share_near", {{"value", number(mass.share_near)}, {"error", number(mass.share_near_error)}}},
          {"share_negative", {{"value", number(mass.share_negative)}, {"error", number(mass.share_negative_error)}}},
          {"outer", number(mass.outer)},
          {"count_outer", {{"value", number(mass.count_outer)}, {"error", number(mass.count_outer_error)}}},
          {"starts", starts},
          {"products", mass.products}};
}

int leading_digit(double x) { return static_cast<int>(std::floor(std::log10(std::abs(x)))); }

Json trace_json(const TraceValue& t) { return {{"value", number(t.value)}, {"half_width", maybe(t.half_width)}}; }

Json traces_json(const SpectralTraces& t) {
  Json layers = Json::array();
  for (const LayerTrace& layer : t.layers)
    layers.push_back({{"name", layer.name}, {"parameters", layer.parameters}, {"trace", trace_json(layer.trace)}});
  return {
      {"trace", trace_json(t.trace)}, {"square", trace_json(t.square)}, {"layers", layers}, {"products", t.products}};
}

Json diagonal_json(const SpectralDiagonal& d) {
  Json layers = Json::array();
  for (const LayerDiagonal& layer : d.layers)
    layers.push_back({{"name", layer.name},
                      {"parameters", layer.parameters},
                      {"mean", trace_json(layer.mean)},
                      {"lowest", number(layer.lowest)},
                      {"highest", number(layer.highest)},
                      {"standard_error", number(layer.standard_error)}});
  return {{"file", d.file}, {"layers", layers}, {"products", d.products}};
}

}  // namespace

std::string with_half_width(const TraceValue& t) {
  const double width = t.half_width.value_or(0);
  if (!(width > 0) || !std::isfinite(width) || t.value == 0)
    return format_number(t.value, 4) + (t.half_width ? " +- " + format_number(width, 2) : "");
  const int digits = std::clamp(leading_digit(t.value) - leading_digit(width) + 2, 1, 6);
  return format_number(t.value, digits) + " +- " + format_number(width, 2);
}

std::string to_json(const Spectra& s) {
  Json json = document("spectrum", s.partial);
  json["model"] = {{"name", s.model}, {"parameters", s.parameters}};
  json["data"] = {{"name", s.data}, {"examples", s.examples}, {"of_examples", s.of_examples}};
  json["loss"] = {{"name", s.loss}, {"value", number(s.loss_value)}};
  if (!s.loss_basis.empty()) json["loss"]["guessed_because"] = s.loss_basis;
  json["notes"] = s.notes;
  json["device"] = s.device;
  json["dtype"] = s.dtype;
  json["matrix"] = {{"name", s.matrix}, {"dimension", s.dimension}};
  if (!s.preconditioner.empty()) {
    json["optimizer"] = optimizer_json(s.optimizer, s.hyperparameters);
    json["matrix"]["preconditioner"] = s.preconditioner;
    json["matrix"]["left_out"] = s.left_out;
  }
  json["lambda_max"] = interval(s.lambda_max);
  json["lambda_min"] = interval(s.lambda_min);
  json["confidence"] = number(s.confidence);
  json["top"] = maybe(s.top, ends_json);
  json["bottom"] = maybe(s.bottom, ends_json);
  json["density"] = maybe(s.density, mass_json);
  json["trace"] = maybe(s.traces, traces_json);
  json["diagonal"] = maybe(s.diagonal, diagonal_json);
  if (!s.vectors.empty()) json["vectors"] = s.vectors;
  json["answer"] = s.answer;
  json["cost"] = cost_json(s.cost);
  return text_of(json);
}

std::string to_csv(const Spectra& s) {
  CsvTable table({"kind", "start", "index", "value", "lower", "upper", "residual", "gauss_newton", "weight"});
  const auto add = [&](const std::string& kind, const std::optional<SpectralEnds>& ends) {
    if (!ends) return;
    for (std::size_t k = 0; k < ends->values.size(); ++k) {
      const SpectralEnd& e = ends->values[k];
      table.row({kind, "", std::to_string(k + 1), cell(e.value), cell(e.bounds.lower), cell(e.bounds.upper),
                 cell(e.residual), cell(e.gauss_newton), ""});
    }
  };
  add("top", s.top);
  add("bottom", s.bottom);
  if (s.density)
    for (std::size_t start = 0; start < s.density->starts.size(); ++start) {
      const SpectralMass::Start& of = s.density->starts[start];
      for (std::size_t i = 0; i < of.nodes.size(); ++i)
        table.row({"node", std::to_string(start + 1), std::to_string(i + 1), cell(of.nodes[i]), "", "",
                   cell(of.residuals[i]), "", cell(of.weights[i])});
    }
  return table.take();
}

}  // namespace etamax
