#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/report/diagnosis.h"
#include "etamax/report/scale.h"

namespace etamax {
namespace {

constexpr std::size_t kMostEvidence = 6, kMostCauses = 4;

std::string capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

/// "1.10 (1.05 to 1.16)".
Fact fact_of(const std::string& name, const std::optional<Estimate>& estimate, const std::string& reason) {
  if (!estimate) return {name, {}, reason};
  const auto& [low, high] = estimate->interval;
  const std::string from = format_number(low, 4), to = format_number(high, 4);
  return {name, estimate->value,
          from == to ? "(" + estimate->basis + ")" : fmt::format("({} to {}: {})", from, to, estimate->basis)};
}

}  // namespace

Look look(LogVerdict verdict) {
  switch (verdict) {
    case LogVerdict::learning_rate:
      return look(Verdict::diverges);
    case LogVerdict::not_learning_rate:
      return look(Verdict::undefined);
    case LogVerdict::collapse:
      return look(Verdict::collapses);
    case LogVerdict::healthy:
      return look(Verdict::converges);
    case LogVerdict::unclear:
      break;
  }
  return look(Verdict::unclear);
}

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
    facts.push_back(
        {"onset", *d.onset_step, d.log.step_column.empty() ? "(record, counted from 0)" : "(the last calm step)"});
  if (d.growth_per_step) facts.push_back(fact_of("growth per step", d.growth_per_step, ""));
  if (d.multiplier) facts.push_back(fact_of("multiplier per step", d.multiplier, ""));
  if (d.lr) facts.push_back({"learning rate", d.lr, d.implied_lr ? "(as logged or given)" : "(in force at the onset)"});
  if (!d.onset_step && d.lr && !d.implied_lr && !facts.empty()) facts.back().basis = "(in force at the end)";
  if (d.implied_lr) facts.push_back({"learning rate implied", d.implied_lr, "(the values are from this one)"});
  const bool wanted = d.verdict == LogVerdict::learning_rate || d.verdict == LogVerdict::collapse || d.lr_edge;
  if (wanted) facts.push_back(fact_of("stability edge", d.lr_edge, d.lr_edge_reason));
  if (wanted) facts.push_back(fact_of("learning rate to use", d.lr_suggested, d.lr_suggested_reason));
  return facts;
}

std::string log_sentence(const LogSummary& log) {
  std::string text =
      fmt::format("{}, read as {}: {} records of '{}'", log.name, log.format, log.records, log.loss_column);
  text += log.step_column.empty() ? ", counted as steps" : fmt::format(" by '{}'", log.step_column);
  for (std::size_t i = 0; i < log.other_columns.size(); ++i)
    text += (i == 0 ? ", with '" : "', '") + log.other_columns[i] + (i + 1 == log.other_columns.size() ? "'" : "");
  return text + ".";
}

std::string to_text(const Diagnosis& d, const TerminalStyle& wanted) {
  TerminalStyle style = wanted;
  style.width = std::clamp(style.width, 40, 400);
  std::string text = signed_paragraph(look(d.verdict), d.reason, style);
  if (!d.evidence.empty()) text += "\nWhy:\n";
  for (std::size_t i = 0; i < std::min(d.evidence.size(), kMostEvidence); ++i)
    text += paragraph(capital(d.evidence[i]) + (d.evidence[i].back() == '.' ? "" : "."), style, "  - ", "    ");
  if (d.causes.size() > 1) {
    text += "\nExplanations weighed:\n";
    for (std::size_t i = 0; i < std::min(d.causes.size(), kMostCauses); ++i) {
      const WeighedCause& cause = d.causes[i];
      if (i > 0 && cause.score < 0.01) break;
      const std::string against = i > 0 && !cause.against.empty() ? "; against it: " + cause.against.front() : "";
      text += paragraph(cause.heading + against, style, fmt::format("  {:>3.0f}%  ", 100 * cause.score), "        ");
    }
  }
  const std::vector<std::string> picture = lines(d, style);
  if (!picture.empty()) text += "\n";
  for (const std::string& line : picture) text += line + "\n";
  text += "\nWhat the log says in numbers:\n";
  for (const Fact& fact : diagnosis_facts(d)) {
    const std::string what = fact.value ? format_number(*fact.value, fact.name == "onset" ? 12 : 4) + "  " + fact.basis
                                        : "none: " + fact.basis;
    text += definition(fact.name, what, 26, style);
  }
  text += "\nWhat to do:\n" + paragraph(d.next, style, "  ", "  ");
  text += "\n" + paragraph(log_sentence(d.log), style);
  for (const std::string& remark : d.log.remarks) text += paragraph("Note: " + remark + ".", style);
  if (d.partial) text += "\nInterrupted: this is what was known by then.\n";
  return text;
}

}  // namespace etamax
