#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "etamax/core/format.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/spectra/detail_words.h"

namespace etamax {
namespace {

constexpr std::size_t kLayers = 2;  // named in the table

std::string layer_words(const std::vector<NamedShare>& layers) {
  std::string text;
  for (const NamedShare& layer : std::span(layers).first(std::min(kLayers, layers.size())))
    if (layer.share >= 0.05)
      text += fmt::format("{}{} {}%", text.empty() ? "" : ", ", layer.name, format_number(100 * layer.share, 2));
  return text;
}

/// a to z, then aa, ab, ...: no two clusters have one name.
std::string cluster_name(long k) {
  const std::string last(1, static_cast<char>('a' + k % 26));
  return k < 26 ? last : cluster_name(k / 26 - 1) + last;
}

/// `clusters`: that were named before.
void add_rows(std::vector<EigenvalueRow>& rows, const std::string& which, const std::optional<SpectralEnds>& ends,
              long clusters = 0) {
  if (!ends) return;
  for (std::size_t k = 0; k < ends->values.size(); ++k) {
    const SpectralEnd& e = ends->values[k];
    rows.push_back({which + " " + std::to_string(k + 1), format_number(e.value, 5), rounded_out(e.bounds),
                    format_number(e.residual, 2), e.gauss_newton ? format_number(*e.gauss_newton, 4) : "-",
                    e.cluster ? cluster_name(clusters + *e.cluster) : "-", layer_words(e.layers)});
  }
}

}  // namespace

std::string setting_sentence(const Spectra& s) {
  std::string text = fmt::format("{} ({} parameters) on {}, {}{}: {} examples", s.model, s.parameters, s.data, s.loss,
                                 guess_words(s.loss_basis), s.examples);
  if (s.examples < s.of_examples) text += fmt::format(" of {}: this is the matrix on that sample", s.of_examples);
  if (!s.preconditioner.empty())
    text += fmt::format("; {}, whose P is {}", optimizer_words(s.optimizer, s.hyperparameters), s.preconditioner);
  if (s.left_out > 0)
    text += fmt::format("; {} parameters, whose gradients were all 0 so far, are left out", s.left_out);
  text += ".";
  for (const std::string& note : s.notes) text += " Note: " + note + ".";
  return text;
}

std::vector<EigenvalueRow> eigenvalue_rows(const Spectra& s) {
  std::vector<EigenvalueRow> rows = {
      {"", "eigenvalue", "between", "residual", "Gauss-Newton", "cluster", "layers of its vector"}};
  add_rows(rows, "top", s.top);
  long clusters = 0;
  if (s.top)
    for (const SpectralEnd& e : s.top->values) clusters = std::max(clusters, e.cluster.value_or(-1) + 1);
  add_rows(rows, "bottom", s.bottom, clusters);
  if (rows.size() == 1) rows.clear();
  return rows;
}

std::vector<DiagonalRow> diagonal_rows(const Spectra& s) {
  std::vector<DiagonalRow> rows;
  if (!s.diagonal) return rows;
  rows.push_back({"layer", "parameters", "mean (95%)", "lowest", "highest", "standard error"});
  for (const LayerDiagonal& layer : s.diagonal->layers)
    rows.push_back({layer.name, std::to_string(layer.parameters), with_half_width(layer.mean),
                    format_number(layer.lowest, 3), format_number(layer.highest, 3),
                    format_number(layer.standard_error, 2)});
  return rows;
}

std::vector<TraceRow> trace_rows(const Spectra& s) {
  std::vector<TraceRow> rows;
  if (!s.traces || s.traces->layers.empty()) return rows;
  rows.push_back({"layer", "parameters", "trace"});
  for (const LayerTrace& layer : s.traces->layers)
    rows.push_back({layer.name, std::to_string(layer.parameters), with_half_width(layer.trace)});
  return rows;
}

}  // namespace etamax
