#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "etamax/core/cost.h"
#include "etamax/core/setting.h"

/// What `etamax diagnose` answers about a training log.
namespace etamax {

/// The words of the JSON field `verdict`.
enum class LogVerdict {
  learning_rate,      ///< it went wrong, and the learning rate was too high
  not_learning_rate,  ///< it went wrong for another reason, which `cause` names
  collapse,           ///< stuck at a constant loss, as high as at the start or higher, after it had moved
  healthy,            ///< nothing went wrong that lasted
  unclear,            ///< the log does not decide it
};
std::string to_string(LogVerdict verdict);

/// How sure a verdict is, in a word: "likely", "possible", "unclear".
std::string certainty(LogVerdict verdict, double score);
/// "83%": rounded down, wherever it stands, so that what is not yet likely does not read as if it were.
std::string percent_text(double probability);
/// The probability from which a verdict is called likely.
constexpr double kLikely = 0.8;

/// A number with the interval that it is known to lie in.
struct Estimate {
  double value = 0;
  std::array<double, 2> interval{};
  std::string basis;  ///< what the interval rests on: "95%, from 12 records", "the rates before and at the onset"
};

/// A quantity of the log as it was kept: every record where there are few, else ranges of them, with every
/// record near the places of interest.
struct LogSeries {
  struct Sample {
    double step = 0;
    double value = 0;          ///< may be NaN or infinite; of several records the mean of their finite values
    double low = 0, high = 0;  ///< the range of the finite values
    long records = 1;
  };
  std::string name;  ///< of the column
  std::vector<Sample> samples;
};

/// What was read.
struct LogSummary {
  std::string name;    ///< the file's, or "standard input"
  std::string format;  ///< "csv", "json", "tensorboard", "text"
  long long bytes = 0;
  long records = 0;                        ///< records of the column that is diagnosed
  std::string loss_column;                 ///< the column that is diagnosed
  std::string step_column;                 ///< empty where the records are counted
  std::vector<std::string> other_columns;  ///< further columns that were used
  std::vector<std::string> remarks;        ///< restarts, parts that could not be read, assumptions
};

/// An explanation that was weighed.
struct WeighedCause {
  std::string name;                            ///< "learning_rate", "bad_batch", ...
  std::string heading;                         ///< for people: "the learning rate was too high"
  LogVerdict verdict = LogVerdict::unclear;    ///< what it means for the verdict
  double score = 0;                            ///< its probability; docs/diagnose.md says how reliable it is
  std::vector<std::string> evidence, against;  ///< the strongest first
};

/// A piece of evidence that the log shows, and how far, up to 1. docs/diagnose.md lists them.
struct ShownEvidence {
  std::string name;
  double value = 0;
};

/// The answer of `etamax diagnose`.
struct Diagnosis {
  LogVerdict verdict = LogVerdict::unclear;
  std::string cause;   ///< the name of the likeliest explanation that has this verdict; empty: none stands out
  std::string reason;  ///< the verdict in a sentence
  std::string next;    ///< what to do
  double score = 0;    ///< the probability of the likeliest verdict, given or not: its explanations', added
  std::vector<ShownEvidence> shown;   ///< what the scores are made of; none for iterates
  std::vector<WeighedCause> causes;   ///< the likeliest first
  std::vector<std::string> evidence;  ///< what decided, in sentences

  std::optional<double> onset_step;         ///< the last step before it went wrong
  std::string onset_step_reason;            ///< why there is none
  std::optional<Estimate> growth_per_step;  ///< factor per step of the loss (of the values, for iterates)
  std::string growth_per_step_reason;
  std::array<double, 2> growth_range{};  ///< the first and last step of the fit, where there is one
  double growth_start = 0;               ///< the fitted loss (above its level before) at the first of them
  double growth_level = 0;               ///< that level
  std::optional<Estimate> multiplier;    ///< signed, of the distance to the minimum per step
  std::string multiplier_reason;
  std::optional<double> lr;          ///< in force at the onset: logged, or given
  std::optional<double> implied_lr;  ///< the rate that the values are really from
  std::string implied_lr_reason;
  std::optional<double> curvature;  ///< that the multiplier implies, preconditioned where the optimizer does so
  std::optional<Estimate> lr_edge;
  std::string lr_edge_reason;
  std::optional<Estimate> lr_suggested;
  std::string lr_suggested_reason;

  std::string optimizer;
  LogSummary log;
  LogSeries loss;         ///< or the iterates
  bool iterates = false;  ///< the column holds values of a parameter, not losses
  std::optional<LogSeries> learning_rate;
  Cost cost;
  bool partial = false;  ///< interrupted before the end of the log
};

/// The contract's JSON, indented. Values that do not exist are null beside their `*_reason`.
std::string to_json(const Diagnosis& diagnosis);

/// The column that was diagnosed, a row for each sample that was kept: step, value (the mean of its records), low,
/// high, records.
std::string to_csv(const Diagnosis& diagnosis);

}  // namespace etamax
