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
       {0.89, -1.13, -0.54, -1.53, -1.23, -0.01, 0.37, 1.28},
       [](const Findings&) { return 1.0; },
       no_sentence},
      {"ends_not_finite",
       {0.42, -0.78, 0.48, 1.17, 1.56, 0.33, -1.42, -1.77},
       [](const Findings& f) { return share(f.first_bad.has_value()); },
       [](const Findings& f) {
         return std::string("from " + step_text(f, *f.first_bad) + " on the loss is " + loss_text(f, *f.first_bad));
       }},
      {"not_finite_from_first",
       {0.45, -0.24, -0.26, -0.12, -0.18, 1.35, -0.42, -0.58},
       [](const Findings& f) { return share(f.first_bad && f.finite == 0); },
       [](const Findings&) { return std::string("no loss of the log is finite, so what came before is not in it"); }},
      {"no_finite_from_beginning",
       {-0.16, -0.03, -0.10, -0.16, -0.16, 0.75, -0.05, -0.08},
       [](const Findings& f) {
         return share(f.first_bad && f.finite == 0 && f.from_beginning && f.records_per_line <= 2 && !f.epochs);
       },
       [](const Findings& f) {
         return std::string("it was " + loss_text(f, 0) + " at " + step_text(f, 0) +
                            ", among the first steps, already");
       }},
      {"infinite_first",
       {-0.12, -0.09, -0.55, 1.73, -0.35, -0.21, -0.19, -0.22},
       // Growth that goes on to the largest number is infinite, too.
       [](const Findings& f) { return share(f.first_bad && !f.bad_is_nan && !(f.onset && f.rise > 2.3)); },
       [](const Findings& f) {
         return std::string("the first loss that is not finite is " + loss_text(f, *f.first_bad) + ", and not NaN");
       }},
      {"ends_above_start",
       {0.61, 0.38, 0.50, -0.15, -0.22, -0.37, -0.45, -0.30},
       [](const Findings& f) { return share(f.ending == Ending::above_start); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) + ", and began at " + loss_text(f, 0));
       }},
      {"ends_far_above_start",
       {0.21, 0.02, 0.86, -0.06, -0.10, -0.16, -0.38, -0.39},
       [](const Findings& f) { return share(f.ending == Ending::above_start && f.end > f.start + 2.3); },
       no_sentence},
      {"ends_at_start",
       {0.21, 0.83, -0.04, -0.07, -0.09, -0.28, -0.38, -0.19},
       [](const Findings& f) { return share(f.ending == Ending::at_start); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) +
                            ", near its start, and had been elsewhere: at " + loss_at(f, farthest(f)));
       }},
      {"ends_above_best",
       {0.06, 0.04, -0.34, -0.05, -0.07, -0.11, 0.66, -0.19},
       [](const Findings& f) { return share(f.ending == Ending::above_best); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) + ", and had been as low as " +
                            loss_at(f, lowest_record(f, end_of(f))));
       }},
      {"falls",
       {-1.43, -0.64, -0.17, -0.47, -0.56, -0.82, 1.71, 2.36},
       [](const Findings& f) { return share(falls(f)); },
       [](const Findings& f) { return course_down(f, "the loss falls: "); }},
      {"falls_swinging",
       {0.72, -0.03, 0.15, -0.02, -0.03, -0.05, 0.55, -1.29},
       [](const Findings& f) { return share(!f.first_bad && f.ending == Ending::falling && f.noise > 0.5); },
       [](const Findings& f) {
         return std::string("among the last records it still swings between " + loss_text(f, lowest_of_last(f)) +
                            " and " + loss_text(f, highest_of_last(f)));
       }},
      {"ends_on_highest",
       {0.23, 0.10, 0.41, -0.06, -0.09, -0.18, -0.23, -0.17},
       [](const Findings& f) { return share(ends_on_highest(f)); },
       [](const Findings& f) {
         return std::string("its last record, " + loss_at(f, last_record(f)) + ", is the highest by far");
       }},
      {"jumps_at_the_end",
       {0.34, -0.05, 0.01, 0.00, 0.00, 0.23, -0.22, -0.30},
       [](const Findings& f) { return share(jumps_at_the_end(f)); },
       [](const Findings& f) {
         return std::string("its last record, " + loss_at(f, last_record(f)) + ", is clearly above all before, up to " +
                            loss_at(f, highest_record(f, last_record(f))));
       }},
      {"stays_above_first",
       {1.06, 0.00, 0.00, -0.05, -0.07, -0.17, -0.38, -0.40},
       [](const Findings& f) { return share(stays_above_first(f)); },
       [](const Findings& f) {
         return std::string("it began at " + loss_text(f, 0) + ", and no later record is so low");
       }},
      {"turned_up",
       {0.26, -0.01, 0.03, -0.02, -0.03, -0.04, -0.09, -0.10},
       [](const Findings& f) { return share(turned_up(f)); },
       [](const Findings& f) {
         return std::string("from its lowest, " + loss_at(f, lowest_record(f, f.raw.size())) +
                            ", on each record is higher than the one before, up to " + loss_at(f, last_record(f)));
       }},
      {"highest_at_once",
       {0.33, 0.04, -0.20, -0.04, -0.05, -0.13, -0.02, 0.06},
       [](const Findings& f) { return share(is_highest_at_once(f)); },
       [](const Findings& f) {
         return std::string("the record before it is " + loss_text(f, last_record(f) - 1) + ": only the last is high");
       }},
      {"stays_below_first",
       {-0.31, -0.10, -0.21, -0.04, -0.04, -0.41, 0.21, 0.90},
       [](const Findings& f) { return share(stays_below_first(f)); },
       [](const Findings& f) {
         return std::string("it began at " + loss_text(f, 0) + ", and no later record is so high");
       }},
      {"moves_little_later",
       {-0.41, -0.17, -0.19, -0.06, -0.07, -0.05, -0.12, 1.07},
       [](const Findings& f) { return share(moves_little_later(f)); },
       [](const Findings& f) {
         return std::string("in this piece of the run it moves between " +
                            loss_text(f, lowest_record(f, f.raw.size())) + " and " +
                            loss_text(f, highest_record(f, f.raw.size())) + " only");
       }},
      {"leaps",
       {0.69, -0.04, -0.32, 0.00, 0.00, 0.00, -0.25, -0.08},
       [](const Findings& f) { return share(leaps_often(f)); },
       [](const Findings& f) {
         return std::string(std::to_string(f.leaps) + " records are more than ten times as high as the one before");
       }},
      {"stands_high",
       {0.04, 0.00, -0.03, 0.00, 0.00, 0.00, 0.00, 0.00},
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
       {0.10, -0.14, -0.43, -0.19, -0.23, -0.48, 1.41, -0.04},
       [](const Findings& f) { return share(f.ending == Ending::falling && f.fall > 0.7); },
       no_sentence},
      {"no_trend",
       {-0.96, -0.17, -0.02, -0.32, -0.44, 0.56, 0.61, 0.74},
       [](const Findings& f) { return share(is_level(f)); },
       [](const Findings&) { return std::string("neither a rise nor a fall stands out of the noise"); }},
      {"no_trend_from_beginning",
       {0.72, 0.13, -0.14, -0.16, -0.23, 0.56, -0.93, 0.05},
       [](const Findings& f) { return share(is_level(f) && f.from_beginning); },
       [](const Findings& f) { return std::string("it does not fall from its beginning on, " + loss_at(f, 0)); }},
      {"no_trend_in_many",
       {0.15, 0.07, -0.34, -0.09, -0.10, 0.13, 1.01, -0.85},
       [](const Findings& f) { return share(is_level(f) && f.finite >= 30); },
       no_sentence},
      {"noisy_level",
       {-0.47, 0.17, 0.42, -0.12, -0.22, -0.49, 0.66, 0.06},
       [](const Findings& f) { return share(is_level(f) && f.noise > 0.05); },
       no_sentence},
      {"ends_below_first",
       {-0.27, 0.01, -0.11, -0.06, -0.07, -0.63, -0.50, 1.61},
       [](const Findings& f) { return share(ends_below_first(f)); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) + ", and began at " + loss_text(f, 0));
       }},
      {"falls_each_time",
       {-0.07, -0.02, -0.04, -0.01, -0.01, 0.26, -0.01, -0.09},
       [](const Findings& f) { return share(falls_each_time(f) && !ends_below_first(f)); },
       [](const Findings& f) {
         return std::string("each record is lower than the one before, from " + loss_at(f, 0) + " on");
       }},
      {"ends_above_first",
       {0.26, 0.39, -0.06, -0.01, -0.01, 0.14, -0.27, -0.44},
       [](const Findings& f) { return share(ends_above_first(f)); },
       [](const Findings& f) {
         return std::string("its last record, " + loss_at(f, last_record(f)) + ", is higher than all before");
       }},
      {"falls_little",
       {-0.59, 0.59, -0.08, -0.06, -0.08, 0.30, -0.13, 0.04},
       [](const Findings& f) { return share(falls_little(f)); },
       [](const Findings& f) { return std::string("from " + loss_at(f, 0) + " on it fell by less than 2%"); }},
      {"rises_little",
       {-0.10, -0.03, 0.01, 0.00, 0.00, 0.18, -0.03, -0.03},
       [](const Findings& f) { return share(f.trend >= 2 && f.finite >= 4 && rises_little(f)); },
       [](const Findings&) { return std::string("the records rise by no more than 8% in all"); }},
      {"rises",
       {1.08, 0.09, 0.51, -0.08, -0.17, -0.18, -0.56, -0.69},
       [](const Findings& f) { return share(rises(f)); },
       [](const Findings& f) { return course_up(f, "on the whole the loss rises: "); }},
      {"swings_widely",
       {0.02, -0.22, -0.15, -0.31, 0.66, -0.66, 1.14, -0.50},
       [](const Findings& f) { return share(swings_widely(f)); },
       [](const Findings& f) {
         return std::string("among the last records the loss swings between " + loss_text(f, lowest_of_last(f)) +
                            " and " + loss_text(f, highest_of_last(f)));
       }},
      {"rests",
       {0.12, 0.20, -0.27, -0.03, -0.04, 1.00, -0.58, -0.40},
       [](const Findings& f) { return share(!f.first_bad && f.resting >= 3 && f.raw.back() > 0 && !rests_huge(f)); },
       [](const Findings& f) {
         return std::string("the last " + std::to_string(f.resting) + " records are all " +
                            loss_text(f, last_record(f)));
       }},
      {"rests_later",
       {-0.33, -0.42, 0.02, 0.01, 0.02, 0.13, 0.56, -0.01},
       [](const Findings& f) {
         return share(!f.first_bad && f.resting >= 3 && (f.steps_known || f.epochs) && !f.from_beginning &&
                      !rests_huge(f));
       },
       no_sentence},
      {"rests_at_cutoff",
       {0.10, -0.03, 0.01, 0.01, 0.01, 0.20, -0.11, -0.20},
       [](const Findings& f) {
         // -ln of the smallest normal number of single precision, below which probabilities are cut off.
         return share(!f.first_bad && f.resting >= 2 && std::abs(f.raw.back() - 87.3365) < 1e-3);
       },
       [](const Findings& f) {
         return std::string("it stands at " + loss_text(f, last_record(f)) +
                            ", the highest that a logarithm in single precision can give");
       }},
      {"rests_huge",
       {0.17, -0.03, 0.12, -0.01, -0.02, -0.07, -0.06, -0.11},
       [](const Findings& f) { return share(rests_huge(f)); },
       [](const Findings& f) {
         return std::string("it stands still at " + loss_text(f, last_record(f)) +
                            ", as a number that is cut off there");
       }},
      {"rests_at_zero",
       {-0.36, -0.39, 0.06, 0.03, 0.04, 0.39, 0.48, -0.24},
       [](const Findings& f) { return share(!f.first_bad && f.resting >= 3 && f.raw.back() == 0); },
       [](const Findings& f) {
         return std::string("the last " + std::to_string(f.resting) + " records are exactly 0");
       }},
      {"constant_guess",
       {-0.30, 0.28, -0.10, -0.04, -0.04, 1.61, -0.53, -0.88},
       [](const Findings& f) {
         return share(f.constant_guess > 0 && (f.finite > kFew || f.resting == f.raw.size()) && !died_at_guess(f));
       },
       [](const Findings& f) {
         return std::string("it rests at about ln " + std::to_string(f.constant_guess) +
                            ", the loss of a constant guess");
       }},
      {"died_at_guess",
       {0.16, 0.22, -0.02, -0.01, -0.01, -0.17, -0.04, -0.14},
       [](const Findings& f) { return share(died_at_guess(f)); },
       [](const Findings& f) {
         return std::string("it had been lower, at " + loss_at(f, lowest_record(f, f.raw.size())) +
                            ", so that it could learn");
       }},
      {"one_spike",
       {-0.31, 0.14, 0.87, -0.07, -0.09, -0.41, 0.87, -1.00},
       [](const Findings& f) { return share(f.spikes.size() == 1); },
       [](const Findings& f) {
         return std::string("the loss rose to " + loss_at(f, f.spikes.front().peak) + " and came back");
       }},
      {"some_spikes",
       {-0.15, -0.09, -0.26, -0.03, -0.03, -0.22, 1.35, -0.57},
       [](const Findings& f) { return share(f.spikes.size() == 2); },
       [](const Findings& f) {
         return std::string("the loss rose and came back twice, to " + loss_at(f, f.spikes.front().peak) +
                            " the first time");
       }},
      {"several_spikes",
       {-0.04, -0.01, -0.03, 0.00, 0.00, -0.01, 0.46, -0.36},
       [](const Findings& f) { return share(f.spikes.size() >= 3); },
       [](const Findings& f) {
         return std::string("the loss rose and came back " + std::to_string(f.spikes.size()) + " times, to " +
                            loss_at(f, f.spikes.front().peak) + " the first time");
       }},
      {"spikes_built_up",
       {-0.04, -0.02, -0.21, -0.01, -0.01, -0.05, 0.68, -0.34},
       [](const Findings& f) { return share(spikes_built_up(f)); },
       [](const Findings&) { return std::string("spikes built up over several records, as an instability does"); }},
      {"spike_high",
       {-0.42, 0.13, 1.37, -0.04, -0.05, -0.16, 0.10, -0.92},
       [](const Findings& f) { return share(!f.spikes.empty() && highest_spike(f).rise > 1.5); },
       [](const Findings& f) { return std::string("the highest spike is " + loss_at(f, highest_spike(f).peak)); }},
      {"spike_between_records",
       {-0.19, 0.20, 0.90, -0.07, -0.08, -0.39, 0.17, -0.54},
       [](const Findings& f) {
         return share(f.spikes.size() == 1 && f.spikes.front().peak <= f.spikes.front().first + 1 &&
                      f.spikes.front().peak > 2);
       },
       [](const Findings&) { return std::string("it rose from one record to the next"); }},
      {"spike_early",
       {-0.01, -0.04, -0.14, -0.01, -0.02, 0.02, 0.75, -0.55},
       [](const Findings& f) { return share(!f.spikes.empty() && highest_spike(f).peak <= 2 && f.from_beginning); },
       [](const Findings&) { return std::string("the highest spike is among the first records"); }},
      {"passing_not_finite",
       {-0.02, -0.09, 0.87, 0.09, 0.11, 0.62, -0.52, -1.06},
       [](const Findings& f) { return share(!f.first_bad && f.passing_bad > 0); },
       [](const Findings&) { return std::string("losses that are not finite have finite ones after them"); }},
  };
}

}  // namespace etamax
