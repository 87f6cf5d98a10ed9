#include "etamax/diagnose/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/diagnose/edge.h"

namespace etamax {
namespace {

/// Near the edge L - L* grows as the square of the distance to the minimum (theory.md, section 13).
void use_growth(const Findings& f, Diagnosis& answer) {
  const GrowthFit& fit = *f.growth;
  const std::string basis = fmt::format("95%, from the records of steps {} to {}, residuals taken as independent",
                                        format_number(f.step[fit.first], 12), format_number(f.step[fit.last], 12));
  answer.growth_per_step = Estimate{fit.factor(), fit.interval(), basis};
  answer.growth_range = {f.step[fit.first], f.step[fit.last]};
  answer.growth_start = std::exp(fit.intercept);
  answer.growth_level = f.growth_level;
  if (answer.verdict != LogVerdict::learning_rate) {
    answer.multiplier_reason = "only growth through the learning rate has one";
    return;
  }
  const std::array<double, 2> interval = fit.interval();
  answer.multiplier = Estimate{-std::sqrt(fit.factor()),
                               {-std::sqrt(interval[1]), -std::sqrt(interval[0])},
                               basis + "; the sign is that of overshooting"};
}

void edge_from_growth(const Findings& f, const DiagnoseOptions& options, Diagnosis& answer) {
  const OptimizerSpec& spec = find_optimizer(options.optimizer);
  const HyperparameterValues values = hyperparameter_values(spec, options.settings);
  if (spec.recurrence == nullptr) {
    answer.lr_edge_reason = spec.no_recurrence_reason;
    return;
  }
  if (spec.preconditioner != nullptr) {
    answer.lr_edge_reason =
        fmt::format("{} changes its preconditioner as the gradients grow, so growth does not tell the edge", spec.name);
    return;
  }
  if (!answer.multiplier) {
    answer.lr_edge_reason = answer.multiplier_reason;
    return;
  }
  if (answer.log.step_column.empty()) {
    answer.lr_edge_reason = "the log does not count steps, and growth per record does not tell the edge";
    return;
  }
  if (f.rate_varies && f.rate_rose) {
    answer.lr_edge_reason = "the learning rate changed as the loss grew";
    return;
  }
  const auto edge_at = [&](double multiplier) -> std::optional<double> {
    const auto curvature = implied_curvature(spec, values, *answer.lr, multiplier);
    return curvature ? stability_edge(spec, values, *curvature) : std::nullopt;
  };
  const auto edge = edge_at(answer.multiplier->value);
  if (!edge) {
    answer.lr_edge_reason = "no curvature gives this growth";
    return;
  }
  const double a = edge_at(answer.multiplier->interval[0]).value_or(*edge),
               b = edge_at(answer.multiplier->interval[1]).value_or(*edge);
  answer.curvature = implied_curvature(spec, values, *answer.lr, answer.multiplier->value);
  answer.lr_edge =
      Estimate{*edge,
               {std::min(a, b), std::min(std::max(a, b), *answer.lr)},
               fmt::format("the growth at lr {}, with the optimizer {}", format_number(*answer.lr, 3), spec.name)};
}

/// A schedule that passes the edge brackets it: calm up to one rate, unstable at another.
void edge_from_schedule(const Findings& f, Diagnosis& answer) {
  if (!f.rate_rose || !f.rate_before || *f.rate_before >= *answer.lr) return;
  const double low = *f.rate_before, high = *answer.lr;
  answer.lr_edge = Estimate{
      std::sqrt(low * high), {low, high}, "the rates that were calm for half of the records before, and at the onset"};
  answer.lr_edge_reason.clear();
}

}  // namespace

std::optional<double> edge_share_bound(const Findings& f, const OptimizerSpec& spec,
                                       const HyperparameterValues& values) {
  if (!f.positive || !f.steps_known || f.rate_rose || !f.onset || f.rising_records == 0) return {};
  if (spec.recurrence == nullptr || spec.preconditioner != nullptr) return {};
  const double per_step = (f.height[f.crest] - f.height[*f.onset]) / (f.step[f.crest] - f.step[*f.onset]);
  if (!(per_step > 0)) return {};
  const auto curvature = implied_curvature(spec, values, 1, -std::exp(per_step / 2));
  return curvature ? stability_edge(spec, values, *curvature) : std::nullopt;
}

void infer_numbers(const Findings& f, const DiagnoseOptions& options, Diagnosis& answer) {
  if (f.onset) answer.onset_step = f.step[*f.onset];
  answer.onset_step_reason = answer.onset_step ? ""
                             : f.first_bad     ? "it was wrong from the first record on"
                                               : "nothing went wrong";
  answer.growth_per_step_reason = !f.onset     ? "no rise was found"
                                  : f.positive ? "too few records lie between the onset and the end of the rise"
                                               : "the losses are not positive, so their growth has no factor";
  answer.multiplier_reason = answer.growth_per_step_reason;
  answer.implied_lr_reason = "that needs iterates and the function";
  if (f.growth && !f.growth->steady)
    answer.growth_per_step_reason = answer.multiplier_reason = "the growth has no constant factor";
  else if (f.growth && f.growth->r_squared > 0.5 && f.rise > 0.3)
    use_growth(f, answer);
  if (answer.verdict != LogVerdict::learning_rate && answer.verdict != LogVerdict::collapse) {
    answer.lr_edge_reason = "only a run that the learning rate made unstable tells the edge";
    answer.lr_suggested_reason = "it was not the learning rate, as far as the log tells";
    return;
  }
  if (!answer.lr) {
    answer.lr_edge_reason = answer.lr_suggested_reason = "the learning rate is not known";
    return;
  }
  edge_from_growth(f, options, answer);
  if (!answer.lr_edge) edge_from_schedule(f, answer);
  if (answer.lr_edge) {
    const Estimate& edge = *answer.lr_edge;
    answer.lr_suggested = Estimate{edge.value / 2, {edge.interval[0] / 2, edge.interval[1] / 2}, "half the edge"};
  } else {
    answer.lr_suggested_reason = "the log does not tell the edge; divide the rate by 10 until it holds";
  }
}

}  // namespace etamax
