// How the losses go and end, without the last rise. The weights are fitted: tests/diagnose/fit.py writes them here.
#include <algorithm>
#include <cmath>

#include "etamax/diagnose/evidence.h"
#include "etamax/diagnose/sentences.h"
#include "etamax/diagnose/signs.h"

namespace etamax {
namespace {

constexpr std::size_t kFew = 8;  // records

double share(bool shown) { return shown ? 1 : 0; }
std::string no_sentence(const Findings&) { return ""; }

}  // namespace

std::vector<EvidenceSpec> course_evidence() {
  return {
      // name, weights for: learning_rate, collapse, bad_batch, overflow, domain_error, data_or_bug, recovering_spikes,
      // healthy
      {"anything",
       {0.84, -1.01, -0.46, -1.66, -1.08, -0.05, 0.36, 1.22},
       [](const Findings&) { return 1.0; },
       no_sentence},
      {"ends_not_finite",
       {0.50, -0.77, 0.47, 0.98, 1.42, 0.35, -1.32, -1.63},
       [](const Findings& f) { return share(f.first_bad.has_value()); },
       [](const Findings& f) {
         return std::string("from " + step_text(f, *f.first_bad) + " on the loss is " + loss_text(f, *f.first_bad));
       }},
      {"not_finite_from_first",
       {0.34, -0.23, -0.24, -0.07, -0.16, 1.31, -0.40, -0.55},
       [](const Findings& f) { return share(f.first_bad && f.finite == 0); },
       [](const Findings&) { return std::string("no loss of the log is finite, so what came before is not in it"); }},
      {"no_finite_from_beginning",
       {-0.09, -0.03, -0.11, -0.15, -0.16, 0.66, -0.05, -0.07},
       [](const Findings& f) {
         return share(f.first_bad && f.finite == 0 && f.from_beginning && f.records_per_line <= 2 && !f.epochs);
       },
       [](const Findings& f) {
         return std::string("it was " + loss_text(f, 0) + " at " + step_text(f, 0) +
                            ", among the first steps, already");
       }},
      {"infinite_first",
       {-0.45, -0.10, -0.52, 2.20, -0.44, -0.26, -0.20, -0.23},
       // Growth that goes on to the largest number is infinite, too.
       [](const Findings& f) { return share(f.first_bad && !f.bad_is_nan && !(f.onset && f.rise > 2.3)); },
       [](const Findings& f) {
         return std::string("the first loss that is not finite is " + loss_text(f, *f.first_bad) + ", and not NaN");
       }},
      {"ends_above_start",
       {0.60, 0.38, 0.43, -0.12, -0.26, -0.34, -0.43, -0.26},
       [](const Findings& f) { return share(f.ending == Ending::above_start); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) + ", and began at " + loss_text(f, 0));
       }},
      {"ends_far_above_start",
       {0.21, 0.01, 0.76, -0.05, -0.11, -0.14, -0.35, -0.34},
       [](const Findings& f) { return share(f.ending == Ending::above_start && f.end > f.start + 2.3); },
       no_sentence},
      {"ends_at_start",
       {0.25, 0.78, -0.09, -0.07, 0.10, -0.37, -0.38, -0.21},
       [](const Findings& f) { return share(f.ending == Ending::at_start); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) +
                            ", near its start, and had been elsewhere: at " + loss_at(f, farthest(f)));
       }},
      {"ends_above_best",
       {0.11, 0.02, -0.31, -0.04, -0.09, -0.11, 0.62, -0.20},
       [](const Findings& f) { return share(f.ending == Ending::above_best); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) + ", and had been as low as " +
                            loss_at(f, lowest_record(f, end_of(f))));
       }},
      {"falls",
       {-1.35, -0.65, -0.10, -0.42, -0.60, -0.86, 1.64, 2.32},
       [](const Findings& f) { return share(falls(f)); },
       [](const Findings& f) { return course_down(f, "the loss falls: "); }},
      {"falls_swinging",
       {0.71, -0.04, 0.12, -0.02, -0.03, -0.04, 0.49, -1.19},
       [](const Findings& f) { return share(!f.first_bad && f.ending == Ending::falling && f.noise > 0.5); },
       [](const Findings& f) {
         return std::string("among the last records it still swings between " + loss_text(f, lowest_of_last(f)) +
                            " and " + loss_text(f, highest_of_last(f)));
       }},
      {"ends_on_highest",
       {0.21, 0.06, 0.40, -0.05, -0.09, -0.17, -0.20, -0.15},
       [](const Findings& f) { return share(ends_on_highest(f)); },
       [](const Findings& f) {
         return std::string("its last record, " + loss_at(f, last_record(f)) + ", is the highest by far");
       }},
      {"jumps_at_the_end",
       {0.34, -0.07, 0.00, 0.00, 0.01, 0.23, -0.22, -0.29},
       [](const Findings& f) { return share(jumps_at_the_end(f)); },
       [](const Findings& f) {
         return std::string("its last record, " + loss_at(f, last_record(f)) + ", is clearly above all before, up to " +
                            loss_at(f, highest_record(f, last_record(f))));
       }},
      {"stays_above_first",
       {0.80, 0.00, 0.00, -0.03, -0.06, -0.12, -0.31, -0.29},
       [](const Findings& f) { return share(stays_above_first(f)); },
       [](const Findings& f) {
         return std::string("it began at " + loss_text(f, 0) + ", and no later record is so low");
       }},
      {"highest_at_once",
       {0.30, 0.00, -0.19, -0.03, -0.05, -0.12, 0.01, 0.09},
       [](const Findings& f) { return share(is_highest_at_once(f)); },
       [](const Findings& f) {
         return std::string("the record before it is " + loss_text(f, last_record(f) - 1) + ": only the last is high");
       }},
      {"stays_below_first",
       {-0.30, -0.09, -0.18, -0.03, -0.05, -0.39, 0.20, 0.85},
       [](const Findings& f) { return share(stays_below_first(f)); },
       [](const Findings& f) {
         return std::string("it began at " + loss_text(f, 0) + ", and no later record is so high");
       }},
      {"moves_little_later",
       {-0.38, -0.17, -0.19, -0.05, -0.07, -0.04, -0.10, 1.02},
       [](const Findings& f) { return share(moves_little_later(f)); },
       [](const Findings& f) {
         return std::string("in this piece of the run it moves between " +
                            loss_text(f, lowest_record(f, f.raw.size())) + " and " +
                            loss_text(f, highest_record(f, f.raw.size())) + " only");
       }},
      {"leaps",
       {0.65, -0.05, -0.30, 0.00, -0.01, 0.00, -0.22, -0.07},
       [](const Findings& f) { return share(leaps_often(f)); },
       [](const Findings& f) {
         return std::string(std::to_string(f.leaps) + " records are more than ten times as high as the one before");
       }},
      {"stands_high",
       {0.05, 0.00, -0.04, 0.00, 0.00, 0.00, 0.00, 0.00},
       [](const Findings& f) { return share(stands_high(f)); },
       [](const Findings& f) {
         return std::string("it is as high as " + loss_text(f, lowest_record(f, f.raw.size())) +
                            " and more, and does not fall");
       }},
      {"came_down_from_astronomic",
       {0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00},
       [](const Findings& f) { return share(came_down_from_astronomic(f)); },
       [](const Findings& f) {
         return std::string("its first record, " + loss_text(f, 0) +
                            ", is more than a hundred times as high as the next");
       }},
      {"falls_far",
       {0.08, -0.15, -0.40, -0.16, -0.23, -0.41, 1.36, -0.08},
       [](const Findings& f) { return share(f.ending == Ending::falling && f.fall > 0.7); },
       no_sentence},
      {"no_trend",
       {-0.79, -0.24, -0.12, -0.28, -0.49, 0.54, 0.58, 0.82},
       [](const Findings& f) { return share(is_level(f)); },
       [](const Findings&) { return std::string("neither a rise nor a fall stands out of the noise"); }},
      {"no_trend_from_beginning",
       {0.54, 0.11, -0.17, -0.14, -0.24, 0.63, -0.74, 0.01},
       [](const Findings& f) { return share(is_level(f) && f.from_beginning); },
       [](const Findings& f) { return std::string("it does not fall from its beginning on, " + loss_at(f, 0)); }},
      {"no_trend_in_many",
       {0.15, 0.09, -0.26, -0.08, -0.11, 0.05, 0.91, -0.75},
       [](const Findings& f) { return share(is_level(f) && f.finite >= 30); },
       no_sentence},
      {"noisy_level",
       {-0.30, 0.14, 0.38, -0.11, -0.27, -0.48, 0.64, 0.00},
       [](const Findings& f) { return share(is_level(f) && f.noise > 0.05); },
       no_sentence},
      {"ends_below_first",
       {-0.23, 0.02, -0.08, -0.04, -0.07, -0.60, -0.49, 1.49},
       [](const Findings& f) { return share(ends_below_first(f)); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) + ", and began at " + loss_text(f, 0));
       }},
      {"falls_each_time",
       {-0.07, -0.02, -0.04, -0.01, -0.01, 0.22, -0.01, -0.06},
       [](const Findings& f) { return share(falls_each_time(f) && !ends_below_first(f)); },
       [](const Findings& f) {
         return std::string("each record is lower than the one before, from " + loss_at(f, 0) + " on");
       }},
      {"ends_above_first",
       {0.24, 0.40, -0.04, 0.00, 0.00, 0.12, -0.25, -0.46},
       [](const Findings& f) { return share(ends_above_first(f)); },
       [](const Findings& f) {
         return std::string("its last record, " + loss_at(f, last_record(f)) + ", is higher than all before");
       }},
      {"falls_little",
       {-0.41, 0.61, -0.05, -0.04, -0.07, 0.28, -0.16, -0.15},
       [](const Findings& f) { return share(falls_little(f)); },
       [](const Findings& f) { return std::string("from " + loss_at(f, 0) + " on it fell by less than 2%"); }},
      {"rises_little",
       {-0.08, -0.03, 0.00, 0.00, 0.00, 0.16, -0.03, -0.03},
       [](const Findings& f) { return share(f.trend >= 2 && f.finite >= 4 && rises_little(f)); },
       [](const Findings&) { return std::string("the records rise by no more than 8% in all"); }},
      {"rises",
       {1.19, 0.10, 0.48, -0.07, -0.17, -0.23, -0.71, -0.59},
       [](const Findings& f) { return share(rises(f)); },
       [](const Findings& f) { return course_up(f, "on the whole the loss rises: "); }},
      {"swings_widely",
       {-0.02, -0.10, -0.13, -0.26, 0.79, -0.62, 0.93, -0.60},
       [](const Findings& f) { return share(swings_widely(f)); },
       [](const Findings& f) {
         return std::string("among the last records the loss swings between " + loss_text(f, lowest_of_last(f)) +
                            " and " + loss_text(f, highest_of_last(f)));
       }},
      {"rests",
       {0.14, 0.19, -0.24, -0.03, -0.05, 0.94, -0.52, -0.43},
       [](const Findings& f) { return share(!f.first_bad && f.resting >= 3 && f.raw.back() > 0 && !rests_huge(f)); },
       [](const Findings& f) {
         return std::string("the last " + std::to_string(f.resting) + " records are all " +
                            loss_text(f, last_record(f)));
       }},
      {"rests_later",
       {-0.32, -0.41, 0.03, 0.01, 0.03, 0.14, 0.54, -0.02},
       [](const Findings& f) {
         return share(!f.first_bad && f.resting >= 3 && (f.steps_known || f.epochs) && !f.from_beginning &&
                      !rests_huge(f));
       },
       no_sentence},
      {"rests_at_cutoff",
       {0.11, -0.04, 0.01, 0.01, 0.01, 0.20, -0.10, -0.20},
       [](const Findings& f) {
         // -ln of the smallest normal number of single precision, below which probabilities are cut off.
         return share(!f.first_bad && f.resting >= 2 && std::abs(f.raw.back() - 87.3365) < 1e-3);
       },
       [](const Findings& f) {
         return std::string("it stands at " + loss_text(f, last_record(f)) +
                            ", the highest that a logarithm in single precision can give");
       }},
      {"rests_huge",
       {0.27, -0.03, 0.02, -0.02, -0.03, -0.11, -0.05, -0.06},
       [](const Findings& f) { return share(rests_huge(f)); },
       [](const Findings& f) {
         return std::string("it stands still at " + loss_text(f, last_record(f)) +
                            ", as a number that is cut off there");
       }},
      {"rests_at_zero",
       {-0.33, -0.39, 0.07, 0.03, 0.05, 0.37, 0.44, -0.25},
       [](const Findings& f) { return share(!f.first_bad && f.resting >= 3 && f.raw.back() == 0); },
       [](const Findings& f) {
         return std::string("the last " + std::to_string(f.resting) + " records are exactly 0");
       }},
      {"constant_guess",
       {-0.60, 0.20, -0.08, -0.03, -0.04, 1.76, -0.47, -0.76},
       [](const Findings& f) {
         return share(f.constant_guess > 0 && (f.finite > kFew || f.resting == f.raw.size()) && !died_at_guess(f));
       },
       [](const Findings& f) {
         return std::string("it rests at about ln " + std::to_string(f.constant_guess) +
                            ", the loss of a constant guess");
       }},
      {"died_at_guess",
       {0.15, 0.22, -0.02, -0.01, -0.01, -0.16, -0.04, -0.13},
       [](const Findings& f) { return share(died_at_guess(f)); },
       [](const Findings& f) {
         return std::string("it had been lower, at " + loss_at(f, lowest_record(f, f.raw.size())) +
                            ", so that it could learn");
       }},
      {"one_spike",
       {-0.30, 0.16, 0.79, -0.06, -0.09, -0.39, 0.83, -0.93},
       [](const Findings& f) { return share(f.spikes.size() == 1); },
       [](const Findings& f) {
         return std::string("the loss rose to " + loss_at(f, f.spikes.front().peak) + " and came back");
       }},
      {"some_spikes",
       {-0.15, -0.08, -0.23, -0.03, -0.04, -0.19, 1.25, -0.54},
       [](const Findings& f) { return share(f.spikes.size() == 2); },
       [](const Findings& f) {
         return std::string("the loss rose and came back twice, to " + loss_at(f, f.spikes.front().peak) +
                            " the first time");
       }},
      {"several_spikes",
       {-0.04, -0.01, -0.02, 0.00, 0.00, -0.01, 0.42, -0.33},
       [](const Findings& f) { return share(f.spikes.size() >= 3); },
       [](const Findings& f) {
         return std::string("the loss rose and came back " + std::to_string(f.spikes.size()) + " times, to " +
                            loss_at(f, f.spikes.front().peak) + " the first time");
       }},
      {"spikes_built_up",
       {-0.03, -0.02, -0.18, -0.01, -0.01, -0.04, 0.62, -0.32},
       [](const Findings& f) { return share(spikes_built_up(f)); },
       [](const Findings&) { return std::string("spikes built up over several records, as an instability does"); }},
      {"spike_high",
       {-0.41, 0.12, 1.22, -0.04, -0.05, -0.17, 0.17, -0.85},
       [](const Findings& f) { return share(!f.spikes.empty() && highest_spike(f).rise > 1.5); },
       [](const Findings& f) { return std::string("the highest spike is " + loss_at(f, highest_spike(f).peak)); }},
      {"spike_between_records",
       {-0.21, 0.21, 0.88, -0.05, -0.09, -0.34, 0.11, -0.51},
       [](const Findings& f) {
         return share(f.spikes.size() == 1 && f.spikes.front().peak <= f.spikes.front().first + 1 &&
                      f.spikes.front().peak > 2);
       },
       [](const Findings&) { return std::string("it rose from one record to the next"); }},
      {"spike_early",
       {0.04, -0.03, -0.24, -0.01, -0.02, -0.02, 0.78, -0.50},
       [](const Findings& f) { return share(!f.spikes.empty() && highest_spike(f).peak <= 2 && f.from_beginning); },
       [](const Findings&) { return std::string("the highest spike is among the first records"); }},
      {"passing_not_finite",
       {0.01, -0.08, 0.94, 0.04, 0.06, 0.19, -0.35, -0.81},
       [](const Findings& f) { return share(!f.first_bad && f.passing_bad > 0); },
       [](const Findings&) { return std::string("losses that are not finite have finite ones after them"); }},
  };
}

}  // namespace etamax
