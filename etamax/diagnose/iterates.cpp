#include "etamax/diagnose/iterates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/diagnose/conclusion.h"
#include "etamax/diagnose/edge.h"
#include "etamax/diagnose/score.h"
#include "etamax/dynamics/observed.h"
#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"

namespace etamax {
namespace {

constexpr std::size_t kMostIterates = 1000;  // the last ones; the recurrence is the same all along
constexpr std::size_t kMostListed = 6;
constexpr double kSpread = 0.05;  // of the ratios, relative, up to which they count as one

struct Multiplier {
  std::optional<double> value;
  double low = 0, high = 0;
  std::size_t ratios = 0;
  bool moves_on = false;  ///< after it stood still: no rule of one multiplier does
};

/// What the iterates show.
struct IterateFindings {
  std::vector<double> x;  ///< the last ones that are known step by step
  bool overflowed = false;
  bool every_step = false;  ///< the log counts steps, and has them all
  Multiplier multiplier;
  bool hops_away = false;     ///< they change sides as they grow by decades
  std::string no_multiplier;  ///< why there is none
};

/// The ratios of successive differences; those of the second half, where a rule with memory has settled.
Multiplier multiplier_of(const std::vector<double>& x) {
  Multiplier m;
  std::vector<double> ratios;
  double scale = 0;
  for (const double v : x) scale = std::max(scale, std::abs(v));
  for (std::size_t i = 2; i < x.size(); ++i) {
    const double before = x[i - 1] - x[i - 2], after = x[i] - x[i - 1];
    // Differences near the last digit that print keeps say nothing.
    const double nothing = 1e-4 * scale;
    if (std::abs(before) > nothing * (std::abs(before) < std::abs(after) ? 0 : 1)) ratios.push_back(after / before);
    m.moves_on |= before == 0 && std::abs(after) > nothing;
  }
  if (ratios.empty()) return m;
  const std::vector<double> late(
      ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() > 4 ? ratios.size() / 2 : 0), ratios.end());
  m.low = without_noise(*std::min_element(late.begin(), late.end()));
  m.high = without_noise(*std::max_element(late.begin(), late.end()));
  m.ratios = late.size();
  if (!m.moves_on && std::isfinite(m.low) && std::isfinite(m.high) &&
      m.high - m.low <= kSpread * std::max(std::abs(m.low), std::abs(m.high)))
    m.value = simplest_between(m.low - 1e-9 * std::abs(m.low), m.high + 1e-9 * std::abs(m.high));
  return m;
}

/// At their end, three at least grow tenfold and more each, and on both sides: no function that falls without end does
/// that, only steps that overshoot.
bool hop_away(const std::vector<double>& x) {
  constexpr std::size_t kFewest = 3;
  constexpr double kTenfold = 10, kFar = 1e6;
  std::size_t first = x.size();
  while (first > 1 && std::abs(x[first - 1]) > kTenfold * std::abs(x[first - 2])) --first;
  if (x.size() - first < kFewest || first < 2) return false;
  double before = 0;
  for (std::size_t i = 0; i < first; ++i) before = std::max(before, std::abs(x[i]));
  const auto tail = x.begin() + static_cast<std::ptrdiff_t>(first);
  const auto [low, high] = std::minmax_element(tail, x.end());
  return *low < 0 && *high > 0 && std::abs(x.back()) > kFar * before;
}

constexpr int kDigits = 4;  // as many as the report gives the multiplier

bool is_one_number(const Multiplier& m) { return format_number(m.low, kDigits) == format_number(m.high, kDigits); }

/// "-1.41 to -1.38".
std::string range_text(const Multiplier& m) {
  return rounded_down(m.low, kDigits) + " to " + rounded_up(m.high, kDigits);
}

/// With the function known: the rate that the iterates are from, and the edge at its minimum.
void use_expression(const DiagnoseOptions& options, const std::vector<double>& x, const OptimizerSpec& spec,
                    const HyperparameterValues& values, Diagnosis& answer) {
  const NamedExpression named = parse_objective(options.expression);
  if (named.variables.size() != 1)
    throw InputError("expression", fmt::format("'{}' has {} variables; the iterates of one are expected",
                                               options.expression, named.variables.size()));
  const Function function(named.expression, named.variables);
  const Experiment experiment(function, {x.front()}, spec, values, answer.cost);
  std::vector<std::vector<double>> points;
  for (const double v : x) points.push_back({v});
  const Observed observed = identify_learning_rate(experiment, points, answer.lr, answer.cost);
  answer.implied_lr = observed.lr;
  if (!observed.lr) answer.implied_lr_reason = observed.sentence;
  answer.evidence.push_back(observed.sentence);
  if (experiment.theory.applies()) {
    if (const auto edge = experiment.theory.edge()) {
      const double rounded = simplest_between(*edge * (1 - 1e-9), *edge * (1 + 1e-9));
      answer.lr_edge = Estimate{rounded, {rounded, rounded}, "theory, from the function's curvature at its minimum"};
      answer.curvature = experiment.descent.eigenvalues.back();
    } else {
      answer.lr_edge_reason = "the curvature at the minimum is 0, or the rule has no edge";
    }
  } else {
    answer.lr_edge_reason = experiment.theory.reason();
  }
}

IterateFindings find_iterates(const Diagnosis& answer) {
  IterateFindings f;
  for (const LogSeries::Sample& s : answer.loss.samples) {
    f.overflowed |= !std::isfinite(s.value);
    if (std::isfinite(s.value) && s.records == 1)
      f.x.push_back(s.value);
    else if (!f.overflowed)
      f.x.clear();  // ranges of records: only what follows is step by step
  }
  if (f.x.size() > kMostIterates) f.x.erase(f.x.begin(), f.x.end() - kMostIterates);
  if (f.x.size() < 3)
    throw InputError(fmt::format("'{}': the column '{}' has {} usable iterates, and three are needed", answer.log.name,
                                 answer.log.loss_column, f.x.size()));
  const auto& samples = answer.loss.samples;
  f.every_step = !answer.log.step_column.empty() &&
                 samples.back().step - samples.front().step == static_cast<double>(samples.size() - 1);
  f.multiplier = multiplier_of(f.x);
  f.hops_away = !f.multiplier.value && hop_away(f.x);
  f.no_multiplier =
      f.multiplier.moves_on ? "they stand still and move on, so that there is no single multiplier"
      : f.multiplier.ratios == 0
          ? "the iterates do not move"
          : fmt::format("the ratios of successive differences run from {}, so they are no single multiplier",
                        range_text(f.multiplier));
  return f;
}

constexpr double kAtOne = 1e-9;  // about a multiplier of 1 or -1

constexpr double kAlone = 0.4;     // of a single ratio, that it is no law: any three values have one
constexpr double kRounded = 1e-3;  // to which ratios agree at best, as they are printed
constexpr double kHopsAway = 0.8;  // of growth on both sides without one factor, that it is of steps too long
constexpr double kOneStep = 10;    // a growth on one side that a single step may have

/// That growth on one side may be of hops, of which every second one is logged.
bool may_hop_unseen(const IterateFindings& f) { return *f.multiplier.value > kOneStep && !f.every_step; }

/// The multiplier decides. What can be wrong with it is that there is none: ratios of values without a law agree so
/// well by accident, the more seldom the more there are.
double score_of(const IterateFindings& f) {
  const Multiplier& m = f.multiplier;
  if (!m.value) return f.hops_away ? kHopsAway : 0;
  if (may_hop_unseen(f)) return 0.5;
  const double size = std::max(std::abs(m.low), std::abs(m.high)), spread = size > 0 ? (m.high - m.low) / size : 0;
  const auto ratios = static_cast<double>(m.ratios);
  const double accident = ratios * std::pow(std::max(spread, kRounded), ratios - 1);
  return 1 - std::clamp(accident, kDoubt, kAlone);
}

void judge(const IterateFindings& f, Diagnosis& answer) {
  answer.onset_step_reason = "nothing went wrong";
  answer.score = score_of(f);
  if (f.hops_away) {
    answer.onset_step = answer.loss.samples.front().step, answer.onset_step_reason.clear();
    answer.verdict = LogVerdict::learning_rate, answer.cause = "learning_rate";
    return;
  }
  if (!f.multiplier.value) return;
  const double rho = *f.multiplier.value;
  const LogVerdict verdict = std::abs(rho) <= 1 + kAtOne ? LogVerdict::healthy
                             : rho < 0                   ? LogVerdict::learning_rate
                                                         : LogVerdict::not_learning_rate;
  if (verdict != LogVerdict::healthy)
    answer.onset_step = answer.loss.samples.front().step, answer.onset_step_reason.clear();
  if (answer.score < least_score(verdict)) return;
  answer.verdict = verdict;
  answer.cause = verdict == LogVerdict::healthy         ? "healthy"
                 : verdict == LogVerdict::learning_rate ? "learning_rate"
                                                        : "unbounded_below";
}

void number_multiplier(const IterateFindings& f, Diagnosis& answer) {
  const Multiplier& m = f.multiplier;
  answer.multiplier_reason = answer.growth_per_step_reason = f.no_multiplier;
  answer.implied_lr_reason = "that needs the function";
  if (!m.value) return;
  answer.multiplier =
      Estimate{*m.value,
               {m.low, m.high},
               fmt::format("the smallest and the largest of {} ratios of successive differences", m.ratios)};
  answer.growth_per_step =
      Estimate{std::abs(*m.value),
               {std::min(std::abs(m.low), std::abs(m.high)), std::max(std::abs(m.low), std::abs(m.high))},
               answer.multiplier->basis};
}

/// Without the function: by the optimizer's recurrence.
void number_edge(const Multiplier& m, const OptimizerSpec& spec, const HyperparameterValues& values,
                 Diagnosis& answer) {
  const auto curvature = implied_curvature(spec, values, *answer.lr, *m.value);
  const auto edge = curvature ? stability_edge(spec, values, *curvature) : std::nullopt;
  if (!edge) {
    answer.lr_edge_reason = curvature && *curvature <= 0 ? "the multiplier says that the function curves downward there"
                                                         : "the optimizer has no edge";
    return;
  }
  answer.curvature = curvature;
  std::array<double, 2> interval = {*edge, *edge};
  for (const double end : {m.low, m.high})
    if (const auto c = implied_curvature(spec, values, *answer.lr, end))
      if (const auto e = stability_edge(spec, values, *c))
        interval = {std::min(interval[0], *e), std::max(interval[1], *e)};
  answer.lr_edge =
      Estimate{*edge, interval,
               fmt::format("the multiplier at lr {}, with the optimizer {}", format_number(*answer.lr), spec.name)};
}

void number_rates(const IterateFindings& f, const DiagnoseOptions& options, Diagnosis& answer) {
  const OptimizerSpec& spec = find_optimizer(options.optimizer);
  const HyperparameterValues values = hyperparameter_values(spec, options.settings);
  if (!options.expression.empty())
    use_expression(options, f.x, spec, values, answer);
  else if (f.multiplier.value && answer.lr)
    number_edge(f.multiplier, spec, values, answer);
  else
    answer.lr_edge_reason = f.multiplier.value ? "the learning rate is not known" : f.no_multiplier;
  if (answer.lr_edge) {
    const Estimate& edge = *answer.lr_edge;
    answer.lr_suggested = Estimate{edge.value / 2, {edge.interval[0] / 2, edge.interval[1] / 2}, "half the edge"};
  } else {
    answer.lr_suggested_reason = answer.lr_edge_reason;
  }
}

void put_into_words(const IterateFindings& f, Diagnosis& answer) {
  const std::string numbers = "The values " + list_of(number_texts(f.x), kMostListed);
  const Multiplier& m = f.multiplier;
  if (f.hops_away) {
    answer.reason = fmt::format(
        "{} run away, on both sides: up to {}, as steps do that overshoot ever farther, so the learning rate was too "
        "high ({}, {}).",
        numbers, format_number(f.x.back(), 4), certainty(answer.verdict, answer.score), percent_text(answer.score));
    answer.next = "Lower the learning rate, by 10 at a time until it holds; where the inputs grow, scale them.";
    return;
  }
  if (!m.value) {
    const bool out = f.overflowed || std::abs(f.x.back() - f.x.front()) > 1e3 * std::abs(f.x[1] - f.x[0]);
    answer.reason = fmt::format("{} {}: {}.", numbers, out ? "run away" : "have no single law", f.no_multiplier);
    answer.next = "Give every step's value, or the loss.";
    return;
  }
  const double rho = *m.value;
  const std::string each = fmt::format("each step multiplies the distance to the minimum by {}", format_number(rho));
  if (answer.verdict == LogVerdict::learning_rate) {
    answer.reason =
        fmt::format("{} hop from side to side and grow: {}, so the learning rate was too high{}.", numbers, each,
                    m.ratios > 1 ? ""
                                 : " (" + certainty(answer.verdict, answer.score) + ", " + percent_text(answer.score) +
                                       ": any three values have a ratio)");
    answer.next = answer.lr_suggested
                      ? fmt::format("Use {}: half the stability edge {}.", format_number(answer.lr_suggested->value, 3),
                                    format_number(answer.lr_edge->value, 3))
                      : "Lower the learning rate; where it is given, the edge is computed.";
  } else if (answer.verdict == LogVerdict::unclear) {
    answer.reason = fmt::format("{} grow on one side, by {} each time: {}.", numbers, format_number(rho),
                                may_hop_unseen(f)
                                    ? "where several steps lie between two of them, they may hop from side to side, as "
                                      "at too high a learning rate, or run down a function that is unbounded below"
                                    : "they are too few to tell a law from an accident");
    answer.next = "Give every step's value, or the loss.";
  } else if (answer.verdict == LogVerdict::not_learning_rate) {
    answer.reason = fmt::format(
        "{} run away on one side: successive differences grow by {} each step. The function curves "
        "downward there, and no learning rate would hold them.",
        numbers, format_number(rho));
    answer.next = "Look for a loss that is unbounded below, or its sign.";
  } else {
    answer.reason = std::abs(rho) >= 1 - kAtOne
                        ? fmt::format("{} neither grow nor shrink: {}, exactly at the stability edge.", numbers, each)
                        : fmt::format("{} converge: {}.", numbers, each);
    answer.next = "Nothing needs to be done.";
  }
  answer.evidence.insert(
      answer.evidence.begin(),
      is_one_number(m) ? fmt::format("{} successive differences have the ratio {}", m.ratios + 1, format_number(rho))
                       : fmt::format("{} successive differences have ratios from {}", m.ratios + 1, range_text(m)));
}

}  // namespace

void judge_iterates(const DiagnoseOptions& options, Diagnosis& answer) {
  const IterateFindings findings = find_iterates(answer);
  judge(findings, answer);
  number_multiplier(findings, answer);
  number_rates(findings, options, answer);
  put_into_words(findings, answer);
}

}  // namespace etamax
