#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/answers/diagnosis.h"
#include "etamax/diagnose/growth.h"

namespace etamax {

/// The columns that a diagnosis looks at, and what is known of them.
struct LogColumns {
  std::vector<LogSeries::Sample> loss;
  std::optional<std::vector<LogSeries::Sample>> learning_rate, gradient_norm, loss_scale, weight_norm, throughput,
      accuracy;
  std::vector<LogSeries> other_losses;  ///< parts of the loss, losses of validation and the like
  std::optional<double> given_rate;     ///< by the user
  double high_rate = 0.3;               ///< a rate that few runs with the optimizer bear
  bool steps_known = true;              ///< the log counts optimizer steps
  bool epochs = false;                  ///< it counts epochs only
  std::optional<double> first_epoch;    ///< the first one that the log names
  std::vector<std::string> messages;    ///< that the program printed about its numbers
  bool rewards = false;                 ///< it has rewards beside them
  bool players = false;                 ///< it has the losses of two networks that play against each other
  bool held_out = false;                ///< `loss` is of data that is held out: there is none of the training's
};

/// How the log ends, as far as the loss alone tells.
enum class Ending {
  not_a_number,  ///< the last records are NaN or infinite
  above_start,   ///< finite, and clearly above where it began
  at_start,      ///< finite, near where it began, after it had been lower or far above
  above_best,    ///< clearly above its best level, and below the start
  level,         ///< neither a rise nor a fall stands out of the noise
  falling,       ///< near its best level, which is below the start
};

/// What can be measured in a log without deciding anything. Losses are compared by their logarithm, so
/// levels, rises and noise are in natural logarithms: 0.69 is a factor of two. Where losses are not positive,
/// by that of their height above the lowest one plus a tenth of their usual range or half the size of the lowest one,
/// whichever is more.
///
/// "Level" is a running median; "noise" a robust standard deviation about it, from the calm records, those up to the
/// onset.
struct Findings {
  // The records.
  std::vector<double> step, raw, height;  ///< of each record; `height` is NaN where `raw` is not finite
  bool positive = true;                   ///< `height` is the plain logarithm
  std::size_t finite = 0;
  double records_per_line = 1;        ///< steps between two records, the median
  bool steps_known = true;            ///< so that is known
  bool epochs = false;                ///< a record is an epoch
  bool from_beginning = false;        ///< the first record is of the first steps or the first epoch
  std::vector<std::string> messages;  ///< as LogColumns has them
  bool rewards = false;               ///< there are rewards: the loss is mostly a policy's or of what it is worth
  bool players = false;               ///< it is of two networks of which one gains what the other loses
  bool held_out = false;              ///< it is of data that is held out

  // The course.
  Ending ending = Ending::falling;
  double start = 0, best = 0, end = 0;  ///< levels
  double noise = 0, noise_after = 0;    ///< of single records: up to the onset, and from the crest on
  double end_noise = 0;                 ///< spread of the last records
  double trend = 0;                     ///< its standard score, of the finite records; negative: it falls
  double fall = 0;                      ///< from the level of the first third to that of the last one
  int constant_guess = 0;               ///< classes k where it rests at ln k, the loss of a constant guess; 0: none
  double first_margin = 0;              ///< height of the lowest record after the first above that one
  double first_drop = 0;                ///< height of the first record above the highest after it
  double last_margin = 0;               ///< height of the last record above the highest before it
  double noise_before_last = 0;         ///< noise of the records before the last
  std::size_t leaps = 0;       ///< records more than ten times as high as the one before, above the start or huge
  std::size_t resting = 0;     ///< last records that are all the same
  std::size_t early_peak = 0;  ///< the highest of the first finite records
  double early_rise = 0;       ///< its height above the first one

  std::optional<std::size_t> first_bad;  ///< the first record from which on none, or no more than half, is finite
  bool bad_is_nan = false;               ///< that record is NaN; else infinite
  double gap = 0;                        ///< steps between the last finite record before it and it
  std::size_t passing_bad = 0;           ///< records that are not finite, with finite ones after them

  /// Where the last rise began (endings other than falling and level).
  std::optional<std::size_t> onset;  ///< the last calm record
  std::size_t crest = 0;             ///< the record where the rise from there ends
  double level_before = 0;           ///< level at the onset
  double rise = 0;                   ///< height of the crest above it
  std::size_t rising_records = 0;    ///< records from the onset to the crest, the crest counted
  std::size_t accelerating = 0;      ///< rises on end, up to the crest, each larger than the one before
  double first_jump = 0;             ///< the rise to the record after the onset, as a share of the whole
  double largest_jump = 0;           ///< the largest rise between two records, as a share of the whole
  std::optional<GrowthFit> growth;   ///< of the loss above its level before; indices are those of records
  double growth_level = 0;           ///< the loss that was subtracted

  struct Spike {
    std::size_t first = 0, peak = 0, last = 0;  ///< records above the level
    double rise = 0;
  };
  std::vector<Spike> spikes;    ///< rises that came back down
  std::size_t alternating = 0;  ///< records on end from the onset on of which each other one is higher: period two

  std::optional<double> rate;          ///< learning rate at the onset (at the end of the log without one)
  std::optional<double> rate_before;   ///< the largest rate in force up to half of the calm records ago
  std::optional<double> rate_highest;  ///< of all the log up to the onset
  bool rate_varies = false;
  bool rate_rose = false;    ///< it rose by 2% or more within the last tenth of the calm records, to its highest so far
  bool rate_rising = false;  ///< it rose from record to record up to where it went wrong, as in a warmup
  bool rate_high = false;    ///< LogColumns::high_rate or more

  std::optional<double> gradient_before, gradient_peak;  ///< norms: calm, and the highest after the onset
  std::size_t gradient_rising = 0;    ///< successive records from the onset on in which the norm rises
  bool gradient_bad = false;          ///< it is not finite at or after the onset
  bool gradient_bad_at_rest = false;  ///< it was not finite in the first records, where the learning rate was still 0
  std::optional<double> gradient_at_lowest, gradient_at_last;  ///< where the loss was lowest, and at its last record

  /// Of the other losses the one that had grown the most by where the loss is not finite, to its highest so far.
  std::string part;
  double part_before = 0, part_peak = 0;  ///< its usual value, and its last one

  /// The loss of data held out that was logged last, where it is finite after the training's is not for good: the
  /// weights are, too.
  std::string sound_part;
  double sound_part_value = 0;
  /// A part of the loss that falls on the whole, while that does not; its first and its last value.
  std::string falling_part;
  /// Of two players' losses one, which is not the log's, that is in the end ten times and more what it was, and
  /// highest.
  std::string outplayed;
  double outplayed_from = 0, outplayed_to = 0;
  double falling_from = 0, falling_to = 0;

  std::optional<double> scale_high, scale_low;  ///< loss scale: the highest up to the onset, the lowest after

  /// Norm of the weights: at the onset, the highest after it, and how many records on end it rises in there.
  std::optional<double> weights_before, weights_peak;
  std::size_t weights_rising = 0;
  /// The first norm that was logged after the loss was NaN for good; may be NaN itself.
  std::optional<double> weights_after_bad;

  /// Shares of right answers while the loss was finite: of the first and the last third of their records, three at
  /// least.
  std::optional<double> accuracy_first, accuracy_last;
  double accuracy_shown = 0;  ///< the last one, as it is logged

  /// Work done in a second, medians of the records before and after the onset: set where they differ by more
  /// than 30% and than it varied before, and the loss was still a number after.
  std::optional<double> speed_before, speed_after;
};

/// Measures. `columns.loss` holds at least two records.
Findings find(const LogColumns& columns);

}  // namespace etamax
