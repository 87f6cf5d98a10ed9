#include <fmt/format.h>
#include <fmt/ranges.h>

#include "etamax/core/format.h"
#include "etamax/report/diagnosis/detail_words.h"

namespace etamax {
namespace {

constexpr int kDigits = 4;  // of the numbers and their intervals

/// "1.104" and "(1.05 to 1.16: 95%)"; without the interval where it is narrower than these digits.
Fact fact_of(const std::string& name, const std::optional<Estimate>& estimate, const std::string& reason) {
  if (!estimate) return {name, "", reason};
  const auto [low, high] = estimate->interval;
  const bool narrow = format_number(low, kDigits) == format_number(high, kDigits);
  return {name, format_number(estimate->value, kDigits),
          "(" + (narrow ? "" : rounded_out({low, high}, kDigits) + ": ") + estimate->basis + ")"};
}

}  // namespace

std::string heading(LogVerdict verdict) {
  switch (verdict) {
    case LogVerdict::learning_rate:
      return "It was the learning rate";
    case LogVerdict::not_learning_rate:
      return "It was not the learning rate";
    case LogVerdict::collapse:
      return "The run collapsed";
    case LogVerdict::healthy:
      return "The run is healthy";
    case LogVerdict::unclear:
      break;
  }
  return "The log does not decide it";
}

std::vector<Fact> diagnosis_facts(const Diagnosis& d) {
  std::vector<Fact> facts;
  if (d.onset_step)
    facts.push_back({"onset", format_number(*d.onset_step, 12),
                     d.log.step_column.empty() ? "(record, counted from 0)" : "(the last calm step)"});
  if (d.growth_per_step) facts.push_back(fact_of("growth per step", d.growth_per_step, ""));
  if (d.multiplier) facts.push_back(fact_of("multiplier per step", d.multiplier, ""));
  if (d.lr)
    facts.push_back({"learning rate", format_number(*d.lr, kDigits),
                     d.implied_lr ? "(as logged or given)" : "(in force at the onset)"});
  if (!d.onset_step && d.lr && !d.implied_lr && !facts.empty()) facts.back().basis = "(in force at the end)";
  if (d.implied_lr)
    facts.push_back({"learning rate implied", format_number(*d.implied_lr, kDigits), "(the values are from this one)"});
  const bool wanted = d.verdict == LogVerdict::learning_rate || d.verdict == LogVerdict::collapse || d.lr_edge;
  if (wanted) facts.push_back(fact_of("stability edge", d.lr_edge, d.lr_edge_reason));
  if (wanted) facts.push_back(fact_of("learning rate to use", d.lr_suggested, d.lr_suggested_reason));
  return facts;
}

std::string sum_sentence(const Diagnosis& d) {
  constexpr double kCounts = 0.01;
  std::vector<std::string> parts;
  for (const WeighedCause& cause : d.causes)
    if (cause.verdict == d.verdict && cause.score >= kCounts) parts.push_back(cause.heading);
  if (parts.size() < 2) return "";
  return fmt::format("The {} of the verdict are the sum of: {}.", percent_text(d.score), fmt::join(parts, "; "));
}

std::string log_sentence(const LogSummary& log) {
  if (log.loss_column.empty()) return fmt::format("{}, read as {}.", log.name, log.format);
  std::string text =
      fmt::format("{}, read as {}: {} records of '{}'", log.name, log.format, log.records, log.loss_column);
  text += log.step_column.empty() ? ", counted as steps" : fmt::format(" by '{}'", log.step_column);
  for (std::size_t i = 0; i < log.other_columns.size(); ++i)
    text += (i == 0 ? ", with '" : "', '") + log.other_columns[i] + (i + 1 == log.other_columns.size() ? "'" : "");
  return text + ".";
}

std::string as_sentence(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return !text.empty() && text.back() != '.' ? text + "." : text;
}

}  // namespace etamax
