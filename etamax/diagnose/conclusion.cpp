#include "etamax/diagnose/conclusion.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/diagnose/cause.h"
#include "etamax/diagnose/numbers.h"
#include "etamax/diagnose/sentences.h"
#include "etamax/optim/optimizer.h"

namespace etamax {
namespace {

constexpr double kStandsOut = 0.6;  // the share of a verdict that a single cause needs to be named for it

constexpr double kWorthSaying = 0.95;  // of the rate in use: a bound above that says little

constexpr std::array kVerdicts = {LogVerdict::learning_rate, LogVerdict::not_learning_rate, LogVerdict::collapse,
                                  LogVerdict::healthy};

double score_of(const Diagnosis& answer, LogVerdict verdict) {
  double score = 0;
  for (const WeighedCause& cause : answer.causes) score += cause.verdict == verdict ? cause.score : 0;
  return score;
}

/// The likeliest cause with that verdict. The causes are in order.
const WeighedCause& top_cause(const Diagnosis& answer, LogVerdict verdict) {
  return *std::find_if(answer.causes.begin(), answer.causes.end(),
                       [&](const WeighedCause& cause) { return cause.verdict == verdict; });
}

const CauseSpec& spec_of(const WeighedCause& cause) {
  return *std::find_if(known_causes().begin(), known_causes().end(),
                       [&](const CauseSpec& spec) { return spec.name == cause.name; });
}

/// "likely, 83%".
std::string certainty_text(const Diagnosis& answer) {
  return certainty(answer.verdict, answer.score) + ", " + percent_text(answer.score);
}

/// What a log would have to hold to decide it.
std::string what_would_decide(const Findings& f) {
  if (f.first_bad && (f.finite == 0 || !f.steps_known || f.records_per_line > 2))
    return "Log the loss, the learning rate and the gradient norm at every step up to where it breaks, and try a tenth "
           "of the rate: if that trains, it was the rate.";
  if (f.first_bad || f.onset)
    return "Log the learning rate and the gradient norm beside the loss, and try a tenth of the rate: if that trains, "
           "it was the rate.";
  return "Give more of the log, from its beginning if there is one.";
}

void word_unclear(const Findings& f, Diagnosis& answer) {
  const WeighedCause &a = answer.causes[0], &b = answer.causes[1];
  answer.reason = fmt::format("The log does not decide it: {}. The likeliest explanations are {} ({}) and {} ({}).",
                              course_of(f), a.heading, percent_text(a.score), b.heading, percent_text(b.score));
  answer.next = what_would_decide(f);
  const auto shared = [&](const std::string& sentence) {
    return std::find(a.evidence.begin(), a.evidence.end(), sentence) != a.evidence.end() &&
           std::find(b.evidence.begin(), b.evidence.end(), sentence) != b.evidence.end();
  };
  for (const WeighedCause* cause : {&a, &b})
    for (const std::string& sentence : cause->evidence)
      if (!shared(sentence))
        answer.evidence.push_back(fmt::format("for {}: {}", cause->heading, sentence));
      else if (cause == &a)
        answer.evidence.push_back("for both: " + sentence);
}

/// A factor with the digits in which it differs from one: "1.44", "1.0023".
std::string about_one(double factor) {
  const double apart = std::abs(std::abs(factor) - 1);
  return format_number(factor,
                       apart < 0.1 ? 3 - static_cast<int>(std::floor(std::log10(std::max(apart, 1e-9)))) - 1 : 3);
}

/// What the numbers add to the sentence of a verdict that the rate is part of, and to what to do.
void add_numbers(const Findings& f, const DiagnoseOptions& options, Diagnosis& answer) {
  if (answer.multiplier)
    answer.reason += fmt::format(
        " It grew {} times a step, as it does where each step multiplies the distance to the minimum by {}.",
        about_one(answer.growth_per_step->value), about_one(answer.multiplier->value));
  if (!answer.lr_suggested) {
    const OptimizerSpec& spec = find_optimizer(options.optimizer);
    const auto share = answer.verdict == LogVerdict::learning_rate
                           ? edge_share_bound(f, spec, hyperparameter_values(spec, options.settings))
                           : std::nullopt;
    if (share && *share < kWorthSaying)
      answer.next += fmt::format(
          " With {} the rate must be below {}, or it could not have grown so fast: begin with half of that, and",
          spec.name,
          answer.lr ? format_number(*share * *answer.lr, 2) : format_number(*share, 2) + " times the one in use");
    else
      answer.next += " The log does not tell by how much:";
    answer.next += " divide the rate by 10 until it holds, or let `etamax analyze` measure the edge.";
    return;
  }
  const Estimate& rate = *answer.lr_suggested;
  const std::string low = format_number(rate.interval[0], 2), high = format_number(rate.interval[1], 2);
  answer.next += fmt::format(" Use about {}{}: {}.", format_number(rate.value, 2),
                             low == high ? "" : fmt::format(" ({} to {})", low, high), rate.basis);
  if (answer.lr_edge && answer.curvature && find_optimizer(answer.optimizer).plain)
    answer.next += " That is for plain gradient descent: give the optimizer and its momentum where it was another.";
  if (answer.lr_edge && f.noise > 0.02) answer.next += " That edge is of full batches; small ones need less.";
}

}  // namespace

double least_score(LogVerdict verdict) {
  switch (verdict) {
    case LogVerdict::learning_rate:
    case LogVerdict::collapse:
      return 0.5;
    case LogVerdict::not_learning_rate:
      return 0.7;
    case LogVerdict::healthy:
      return 0.56;
    default:
      return 0.6;
  }
}

void choose_verdict(Diagnosis& answer) {
  const LogVerdict likeliest = *std::max_element(kVerdicts.begin(), kVerdicts.end(), [&](LogVerdict a, LogVerdict b) {
    return score_of(answer, a) < score_of(answer, b);
  });
  answer.score = score_of(answer, likeliest);
  const WeighedCause& top = top_cause(answer, likeliest);
  if (answer.score < least_score(likeliest) || top.evidence.empty()) return;
  answer.verdict = likeliest;
  if (top.score >= kStandsOut * answer.score) answer.cause = top.name;
}

void put_into_words(const Findings& f, const DiagnoseOptions& options, Diagnosis& answer) {
  if (answer.verdict == LogVerdict::unclear) return word_unclear(f, answer);
  const WeighedCause& top = top_cause(answer, answer.verdict);
  const std::string seen = course_of(f), sure = certainty_text(answer);
  answer.evidence = top.evidence;
  answer.next = spec_of(top).next;
  switch (answer.verdict) {
    case LogVerdict::learning_rate:
      answer.reason = fmt::format("The learning rate was too high ({}): {}.", sure, seen);
      break;
    case LogVerdict::collapse:
      answer.reason = fmt::format("The run collapsed ({}): {}.", sure, seen);
      break;
    case LogVerdict::healthy:
      answer.reason = fmt::format(
          "{} ({}): {}.",
          top.name == "healthy" ? "Nothing is wrong, as far as the log goes" : "Nothing went wrong that lasted", sure,
          seen);
      break;
    default: {
      std::string others;
      for (const WeighedCause& cause : answer.causes)
        if (cause.verdict == answer.verdict && cause.name != top.name && cause.score > 0.15 * answer.score)
          others += ", or " + cause.heading;
      answer.reason = fmt::format("Not the learning rate, but {}{} ({}): {}.", top.heading,
                                  answer.cause.empty() ? others : "", sure, seen);
    }
  }
  if (answer.verdict == LogVerdict::learning_rate || answer.verdict == LogVerdict::collapse)
    add_numbers(f, options, answer);
}

}  // namespace etamax
