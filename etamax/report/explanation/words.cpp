#include <fmt/format.h>

#include <algorithm>

#include "etamax/core/format.h"
#include "etamax/report/explanation/detail_words.h"

namespace etamax {
namespace {

Fact fact(const std::string& name, const std::optional<double>& value, const std::string& basis) {
  return {name, value ? format_number(*value) : "", basis};
}

/// The largest rate that converges, "(measured: 0.999999 converges, 1.000001 does not)".
Fact largest_rate(const Stability& s) {
  const std::string name = "largest from this start";
  if (!s.lr_max_from_start || !s.lr_max_from_start_bracket) return {name, "", s.lr_max_from_start_reason};
  const Interval bracket{without_noise((*s.lr_max_from_start_bracket)[0]),
                         without_noise((*s.lr_max_from_start_bracket)[1])};
  const int digits = interval_digits(bracket);
  return {name, rounded_down(without_noise(*s.lr_max_from_start), digits),
          fmt::format("(measured: {} converges, {} does not)", rounded_down(*bracket.lower, digits),
                      rounded_up(*bracket.upper, digits))};
}

std::string fastest_basis(const Stability& s) {
  if (!s.lr_fastest) return s.lr_fastest_reason;
  return s.lr_fastest_warning.empty() ? "(theory)" : "(theory; careful: " + s.lr_fastest_warning + ")";
}

}  // namespace

std::string start_words(const Explanation& e) {
  constexpr std::size_t kMost = 8;
  std::vector<std::string> start;
  for (std::size_t i = 0; i < std::min(e.start.size(), e.variables.size()); ++i)
    start.push_back(e.variables[i] + " = " + format_number(e.start[i]));
  return list_of(start, kMost) + (e.start.size() > kMost ? fmt::format(" ({} variables)", e.start.size()) : "");
}

std::string setting_sentence(const Explanation& e) {
  const std::string optimizer = " the optimizer " + optimizer_words(e.optimizer, e.hyperparameters) + ".";
  return e.start.empty() ? "With" + optimizer : "From " + start_words(e) + ", with" + optimizer;
}

std::string observed_remark(const Explanation& e) { return e.observed ? e.observed->sentence : ""; }

std::vector<std::string> multiplier_sentences(const Explanation& e) {
  constexpr std::size_t kMost = 12;
  std::vector<std::string> multipliers;
  for (const FunctionRun& run : e.runs)
    if (run.rate && multipliers.size() < kMost)
      multipliers.push_back("at lr " + format_rate(run.lr) + " by " + format_factor(*run.rate));
  if (multipliers.empty()) return {};
  const std::string where =
      e.stability.minimizer ? "Near the minimum" : "Near the point that small learning rates end at";
  const char* along = e.variables.size() == 1 ? ": " : ", in the direction that matters most: ";
  return {where + ", one step multiplies the distance to it" + along + joined(multipliers, "; ") + "."};
}

std::vector<Fact> stability_facts(const Stability& s) {
  return {fact("stability edge", s.lr_edge, s.lr_edge ? "(theory: " + s.lr_edge_formula + ")" : s.lr_edge_reason),
          largest_rate(s), fact("fastest near the minimum", s.lr_fastest, fastest_basis(s))};
}

}  // namespace etamax
