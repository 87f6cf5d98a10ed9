// The weights are fitted on logs of known cause: tests/diagnose/fit.py writes them here, and docs/diagnose.md says how.
#include "etamax/diagnose/evidence.h"

#include <algorithm>
#include <cmath>

#include "etamax/diagnose/sentences.h"
#include "etamax/diagnose/signs.h"

namespace etamax {
namespace {

double share(bool shown) { return shown ? 1 : 0; }
std::string no_sentence(const Findings&) { return ""; }

}  // namespace

const std::vector<EvidenceSpec>& evidence_table() {
  static const std::vector<EvidenceSpec> all = {
      // name, weights for: learning_rate, collapse, bad_batch, overflow, domain_error, data_or_bug, recovering_spikes,
      // healthy
      {"anything",
       {0.28, -0.30, -0.02, -1.32, -0.98, 0.01, 0.20, 1.28},
       [](const Findings&) { return 1.0; },
       no_sentence},
      {"ends_not_finite",
       {0.89, -1.01, 0.28, 0.89, 1.64, 0.13, -1.23, -1.60},
       [](const Findings& f) { return share(f.first_bad.has_value()); },
       [](const Findings& f) {
         return std::string("from " + step_text(f, *f.first_bad) + " on the loss is " + loss_text(f, *f.first_bad));
       }},
      {"not_finite_from_first",
       {0.73, -0.22, -0.60, -0.05, -0.57, 1.44, -0.27, -0.46},
       [](const Findings& f) { return share(f.first_bad && f.finite == 0); },
       [](const Findings&) { return std::string("no loss of the log is finite, so what came before is not in it"); }},
      {"no_finite_from_beginning",
       {-0.55, -0.05, -0.14, -0.13, -0.20, 1.22, -0.06, -0.10},
       [](const Findings& f) {
         return share(f.first_bad && f.finite == 0 && f.from_beginning && f.records_per_line <= 2 && !f.epochs);
       },
       [](const Findings& f) {
         return std::string("it was " + loss_text(f, 0) + " at " + step_text(f, 0) +
                            ", among the first steps, already");
       }},
      {"infinite_first",
       {-0.47, -0.22, -0.87, 2.80, -0.39, -0.26, -0.28, -0.32},
       [](const Findings& f) { return share(f.first_bad && !f.bad_is_nan); },
       [](const Findings& f) {
         return std::string("the first loss that is not finite is " + loss_text(f, *f.first_bad) + ", and not NaN");
       }},
      {"ends_above_start",
       {0.75, 0.08, -0.02, 0.04, -0.37, -0.46, 0.70, -0.71},
       [](const Findings& f) { return share(f.ending == Ending::above_start); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) + ", and began at " + loss_text(f, 0));
       }},
      {"ends_far_above_start",
       {0.78, -0.47, 0.38, -0.13, -0.15, -0.19, 0.07, -0.30},
       [](const Findings& f) { return share(f.ending == Ending::above_start && f.end > f.start + 2.3); },
       no_sentence},
      {"ends_at_start",
       {-0.07, 1.11, 0.59, -0.09, -0.09, -0.39, -0.55, -0.52},
       [](const Findings& f) { return share(f.ending == Ending::at_start); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) +
                            ", near its start, and had been elsewhere: at " + loss_at(f, farthest(f)));
       }},
      {"ends_above_best",
       {-0.07, 0.30, -0.08, -0.01, -0.02, -0.02, -0.08, -0.02},
       [](const Findings& f) { return share(f.ending == Ending::above_best); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) + ", and had been as low as " +
                            loss_at(f, lowest_record(f, end_of(f))));
       }},
      {"falls",
       {-1.08, -0.22, -0.25, -0.46, -0.59, -0.16, 0.66, 2.08},
       [](const Findings& f) { return share(!f.first_bad && f.ending == Ending::falling); },
       [](const Findings& f) { return course_down(f, "the loss falls: "); }},
      {"falls_far",
       {-0.08, -0.19, -0.15, -0.19, -0.24, -0.60, 1.73, -0.28},
       [](const Findings& f) { return share(f.ending == Ending::falling && f.fall > 0.7); },
       no_sentence},
      {"no_trend",
       {-0.40, -0.28, -0.52, -0.41, -0.61, 0.90, 0.51, 0.81},
       [](const Findings& f) { return share(f.ending == Ending::level); },
       [](const Findings&) { return std::string("neither a rise nor a fall stands out of the noise"); }},
      {"no_trend_from_beginning",
       {0.76, -0.38, 0.01, -0.15, -0.20, 0.83, -0.74, -0.12},
       [](const Findings& f) { return share(f.ending == Ending::level && f.from_beginning); },
       [](const Findings& f) { return std::string("it does not fall from its beginning on, " + loss_at(f, 0)); }},
      {"no_trend_in_many",
       {-0.44, 0.54, -0.21, -0.09, -0.10, 0.56, -0.21, -0.06},
       [](const Findings& f) { return share(f.ending == Ending::level && f.finite >= 30); },
       no_sentence},
      {"noisy_level",
       {-0.03, 0.97, 0.11, -0.19, -0.35, -0.96, 0.65, -0.19},
       [](const Findings& f) { return share(f.ending == Ending::level && f.noise > 0.05); },
       no_sentence},
      {"rises",
       {0.84, -0.50, -0.07, 0.14, -0.27, 0.06, 0.28, -0.49},
       [](const Findings& f) { return share(f.trend >= 2 && f.finite >= 4); },
       [](const Findings& f) { return course_up(f, "on the whole the loss rises: "); }},
      {"swings_widely",
       {0.34, -0.10, 0.29, -0.71, 0.60, -0.72, 1.22, -0.93},
       [](const Findings& f) { return share(swings_widely(f)); },
       [](const Findings& f) {
         return std::string("among the last records the loss swings between " + loss_text(f, lowest_of_last(f)) +
                            " and " + loss_text(f, highest_of_last(f)));
       }},
      {"rests",
       {0.39, 0.31, -0.33, -0.04, -0.04, 0.93, -0.23, -0.99},
       [](const Findings& f) { return share(!f.first_bad && f.resting >= 3 && f.raw.back() > 0); },
       [](const Findings& f) {
         return std::string("the last " + std::to_string(f.resting) + " records are all " +
                            loss_text(f, last_record(f)));
       }},
      {"rests_huge",
       {0.75, -0.04, -0.05, -0.01, -0.01, -0.46, -0.04, -0.14},
       [](const Findings& f) { return share(!f.first_bad && f.resting >= 3 && f.raw.back() > 1e6); },
       [](const Findings& f) {
         return std::string("it stands still at " + loss_text(f, last_record(f)) +
                            ", as a number that is cut off there");
       }},
      {"constant_guess",
       {-0.38, 0.61, -0.27, -0.04, -0.06, 1.78, -0.40, -1.25},
       [](const Findings& f) { return share(f.constant_guess > 0); },
       [](const Findings& f) {
         return std::string("it rests at about ln " + std::to_string(f.constant_guess) +
                            ", the loss of a constant guess");
       }},
      {"rests_after_rise",
       {-0.16, 0.62, 0.34, -0.03, -0.05, -0.23, -0.35, -0.14},
       [](const Findings& f) { return share(!f.first_bad && f.onset && f.end_noise < 0.05 && f.rise > 0.5); },
       [](const Findings& f) {
         return std::string("after the rise it moves little: it ends at " + loss_text(f, last_record(f)));
       }},
      {"swings_after_rise",
       {0.30, -0.52, 0.16, -0.08, -0.10, -0.13, 0.58, -0.21},
       [](const Findings& f) {
         return share(f.onset && !f.first_bad && f.end_noise > 0.1 && f.noise_after > 1.5 * f.noise);
       },
       [](const Findings&) { return std::string("after the rise the loss swings more than before"); }},
      {"huge",
       {0.91, -0.34, 0.41, -0.11, -0.40, -0.12, -0.21, -0.14},
       [](const Findings& f) {
         return share(f.finite > 0 && f.raw[highest_record(f, f.raw.size())] > 1e6 && f.rise > 1);
       },
       [](const Findings& f) {
         return std::string("the loss goes as high as " + loss_at(f, highest_record(f, f.raw.size())));
       }},
      {"astronomic",
       {1.14, -0.02, 0.30, 0.18, -0.20, -0.54, -0.54, -0.33},
       [](const Findings& f) { return share(f.finite > 0 && f.raw[highest_record(f, f.raw.size())] > 1e9); },
       [](const Findings& f) {
         return std::string("a loss of " + loss_text(f, highest_record(f, f.raw.size())) +
                            " has grown for many steps, logged or not");
       }},
      {"rose_over_records",
       {0.21, 0.37, -0.38, -0.04, 0.01, -0.15, 0.12, -0.13},
       [](const Findings& f) { return share(rose_gradually(f)); },
       [](const Findings& f) {
         return std::string("the loss grew " + from_to(f, *f.onset, f.crest) + ", over " +
                            std::to_string(f.rising_records) + " records, none of which made most of it");
       }},
      {"rose_over_many_records",
       {0.68, -0.09, -0.27, -0.16, 0.14, -0.07, -0.17, -0.06},
       [](const Findings& f) { return share(rose_gradually(f) && f.rising_records >= 6); },
       no_sentence},
      {"rose_in_few_records",
       {0.33, 0.26, 0.06, -0.02, 0.38, -0.22, -0.51, -0.28},
       [](const Findings& f) {
         return share(f.onset && !rose_gradually(f) && f.rising_records >= 2 && f.rise > std::max(0.7, 5 * f.noise));
       },
       [](const Findings& f) { return std::string("the loss rose " + from_to(f, *f.onset, f.crest)); }},
      {"jumped_in_a_record",
       {0.09, 0.59, 0.29, -0.30, 0.53, -0.25, -0.63, -0.32},
       [](const Findings& f) {
         return share(f.onset && f.rising_records >= 1 && f.rise > std::max(0.7, 5 * f.noise) &&
                      (f.rising_records == 1 || f.first_jump > 0.6) && *f.onset >= 2);
       },
       [](const Findings& f) {
         return std::string("after " + loss_at(f, *f.onset) + " the loss jumped to " + loss_text(f, *f.onset + 1) +
                            " in the next record");
       }},
      {"jumped_between_steps",
       {-0.62, -0.01, 0.72, 0.00, -0.01, -0.01, -0.05, -0.01},
       [](const Findings& f) { return share(leapt(f)); },
       [](const Findings&) {
         return std::string("it grew a thousandfold between records that are a step or two apart");
       }},
      {"accelerates",
       {-0.20, -0.05, 0.11, -0.24, -0.05, -0.08, 0.61, -0.09},
       [](const Findings& f) { return share(f.onset && f.accelerating >= 2 && f.rise > 1); },
       [](const Findings& f) {
         return std::string("each of the last " + std::to_string(f.accelerating) + " rises up to " +
                            loss_at(f, f.crest) + " is larger than the one before, as factors");
       }},
      {"exponential",
       {0.64, 0.12, -0.18, -0.14, -0.09, -0.07, -0.19, -0.09},
       [](const Findings& f) {
         return share(f.growth && f.growth->r_squared > 0.9 && f.growth->last - f.growth->first >= 4);
       },
       [](const Findings& f) {
         return std::string("the growth is exponential: a straight line explains " +
                            value_text(std::floor(1000 * f.growth->r_squared) / 10) +
                            "% of the logarithm of the excess");
       }},
      {"rose_far",
       {0.01, 0.03, 0.52, -0.37, -0.07, -0.10, 0.08, -0.11},
       [](const Findings& f) { return share(f.onset && f.rise > 5 && f.rising_records >= 2); },
       no_sentence},
      {"rose_before_not_finite",
       {0.35, -0.10, -0.37, -0.18, 0.61, -0.13, -0.10, -0.08},
       [](const Findings& f) {
         return share(f.first_bad && f.onset && f.rising_records >= 2 && f.rise > std::max(0.3, 4 * f.noise));
       },
       [](const Findings& f) {
         return std::string("the loss rose before it was " + loss_text(f, *f.first_bad) + ": " +
                            from_to(f, *f.onset, f.crest));
       }},
      {"rose_a_little_before",
       {-0.15, -0.01, 0.11, 0.11, 0.03, -0.05, -0.02, -0.03},
       [](const Findings& f) {
         return share(f.first_bad && f.onset && f.rising_records >= 1 && f.rise > std::max(0.07, 2 * f.noise) &&
                      f.rise <= std::max(0.7, 4 * f.noise));
       },
       [](const Findings& f) {
         return std::string("the last losses before it were rising, " + from_to(f, *f.onset, f.crest));
       }},
      {"rose_from_the_first",
       {-0.15, 0.23, -0.04, 0.16, -0.04, -0.31, 0.58, -0.43},
       [](const Findings& f) { return share(f.onset && *f.onset <= 1 && f.rise > 0.7); },
       [](const Findings&) { return std::string("the rise begins with the first records of the log"); }},
      {"rose_from_beginning",
       {0.93, 0.06, -0.77, -0.28, -0.24, -0.21, 0.74, -0.23},
       [](const Findings& f) { return share(f.onset && *f.onset <= 1 && f.rise > 0.7 && f.from_beginning); },
       [](const Findings&) { return std::string("it grew from the first steps on"); }},
      {"broke_between_steps",
       {0.22, -0.19, 0.72, 0.10, 0.28, -0.50, -0.26, -0.36},
       [](const Findings& f) { return share(broke_at_once(f) && f.steps_known && f.gap <= 2); },
       [](const Findings& f) {
         return std::string("the loss was " + loss_at(f, before_bad(f)) + " and " + loss_text(f, *f.first_bad) +
                            " at " + step_text(f, *f.first_bad));
       }},
      {"broke_between_records",
       {-0.24, -0.36, 0.84, 0.68, 0.72, -0.59, -0.45, -0.60},
       [](const Findings& f) { return share(broke_at_once(f) && !(f.steps_known && f.gap <= 2)); },
       [](const Findings& f) {
         return std::string("the loss was " + loss_at(f, before_bad(f)) + " and " + loss_text(f, *f.first_bad) +
                            " in the next record; the steps between them are not logged");
       }},
      {"broke_early",
       {0.86, -0.11, -0.15, -0.26, 0.14, -0.20, -0.11, -0.17},
       [](const Findings& f) { return share(broke_at_once(f) && *f.first_bad <= 3 && f.from_beginning); },
       [](const Findings&) { return std::string("that was within the first records of the run"); }},
      {"broke_late",
       {-0.57, -0.08, 0.27, 0.56, 0.24, -0.19, -0.09, -0.14},
       [](const Findings& f) { return share(broke_at_once(f) && *f.first_bad >= 20); },
       [](const Findings& f) {
         return std::string("there are " + std::to_string(*f.first_bad) + " records before it");
       }},
      {"broke_after_fall",
       {-0.88, -0.11, 0.36, 0.27, 0.99, -0.27, -0.14, -0.20},
       [](const Findings& f) { return share(broke_at_once(f) && f.level_before < f.start - 0.7); },
       [](const Findings& f) { return course_down(f, "the loss had come down "); }},
      {"broke_noisy",
       {0.57, -0.11, -0.51, -0.10, 0.79, -0.24, -0.23, -0.16},
       [](const Findings& f) { return share(broke_at_once(f) && f.noise > 0.15); },
       [](const Findings& f) {
         return std::string("the losses before swing between " + loss_text(f, lowest_record(f, *f.first_bad)) +
                            " and " + loss_text(f, highest_record(f, *f.first_bad)));
       }},
      {"alternates",
       {0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00},
       [](const Findings& f) { return share(f.alternating >= 12); },
       [](const Findings& f) {
         return std::string("the loss goes up and down in turn for " + std::to_string(f.alternating) +
                            " records, as where each step overshoots the minimum");
       }},
      {"falls_again",
       {-0.20, 0.89, 0.57, -0.10, -0.15, -0.31, -0.34, -0.37},
       [](const Findings& f) {
         return share(f.onset && !f.first_bad && f.rising_records > 0 && f.end < f.level_before + 0.6 * f.rise);
       },
       [](const Findings& f) {
         return std::string("after " + loss_at(f, f.crest) + " it came down again, to " + loss_text(f, last_record(f)));
       }},
      {"stays_up",
       {-0.04, -0.17, 0.82, -0.07, 0.00, -0.10, -0.20, -0.24},
       [](const Findings& f) {
         return share(f.onset && !f.first_bad && f.rise > 0.7 && f.end > f.level_before + 0.75 * f.rise &&
                      f.crest + 3 < f.raw.size());
       },
       [](const Findings& f) { return std::string("it has stayed up since " + step_text(f, f.crest)); }},
      {"rise_within_noise",
       {0.40, 0.47, -0.22, -0.14, -0.09, -0.34, 0.44, -0.52},
       [](const Findings& f) { return share(f.onset && !f.first_bad && f.rise < std::max(0.7, 5 * f.noise)); },
       [](const Findings&) { return std::string("the rise is hardly more than what the records swing by"); }},
      {"one_spike",
       {-0.14, 0.54, 0.77, -0.12, 0.10, -0.38, 0.36, -1.12},
       [](const Findings& f) { return share(f.spikes.size() == 1); },
       [](const Findings& f) {
         return std::string("the loss rose to " + loss_at(f, f.spikes.front().peak) + " and came back");
       }},
      {"some_spikes",
       {0.11, 0.10, -0.07, -0.03, -0.03, -0.07, 0.43, -0.44},
       [](const Findings& f) { return share(f.spikes.size() == 2); },
       [](const Findings& f) {
         return std::string("the loss rose and came back twice, to " + loss_at(f, f.spikes.front().peak) +
                            " the first time");
       }},
      {"several_spikes",
       {-0.02, -0.04, -0.02, 0.00, 0.00, -0.01, 0.22, -0.13},
       [](const Findings& f) { return share(f.spikes.size() >= 3); },
       [](const Findings& f) {
         return std::string("the loss rose and came back " + std::to_string(f.spikes.size()) + " times, to " +
                            loss_at(f, f.spikes.front().peak) + " the first time");
       }},
      {"spikes_built_up",
       {0.11, -0.08, -0.31, -0.01, -0.02, -0.07, 0.70, -0.32},
       [](const Findings& f) { return share(spikes_built_up(f)); },
       [](const Findings&) { return std::string("spikes built up over several records, as an instability does"); }},
      {"spike_high",
       {-0.11, -0.18, 1.59, -0.06, -0.10, -0.26, -0.12, -0.76},
       [](const Findings& f) { return share(!f.spikes.empty() && highest_spike(f).rise > 1.5); },
       [](const Findings& f) { return std::string("the highest spike is " + loss_at(f, highest_spike(f).peak)); }},
      {"spike_between_records",
       {-0.22, 0.87, 0.96, -0.09, 0.13, -0.28, -0.60, -0.76},
       [](const Findings& f) {
         return share(f.spikes.size() == 1 && f.spikes.front().peak <= f.spikes.front().first + 1 &&
                      f.spikes.front().peak > 2);
       },
       [](const Findings&) { return std::string("it rose from one record to the next"); }},
      {"spike_early",
       {0.09, -0.21, -0.36, -0.02, -0.02, -0.04, 0.94, -0.37},
       [](const Findings& f) { return share(!f.spikes.empty() && highest_spike(f).peak <= 2 && f.from_beginning); },
       [](const Findings&) { return std::string("the highest spike is among the first records"); }},
      {"passing_not_finite",
       {-0.10, 0.28, -0.14, 0.00, 0.00, -0.02, -0.01, -0.01},
       [](const Findings& f) { return share(!f.first_bad && f.passing_bad > 0); },
       [](const Findings&) { return std::string("losses that are not finite have finite ones after them"); }},
      {"rate_rose",
       {0.64, 0.03, -0.14, -0.05, -0.11, -0.04, -0.30, -0.03},
       [](const Findings& f) { return share(f.onset && f.rate_rose); },
       [](const Findings& f) { return std::string("the learning rate had just risen, to " + value_text(*f.rate)); }},
      {"rate_fell",
       {0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00},
       [](const Findings& f) {
         return share(f.onset && !f.rate_rose && f.rate && f.rate_highest && *f.rate < 0.5 * *f.rate_highest);
       },
       [](const Findings& f) {
         return std::string("the learning rate had come down from " + value_text(*f.rate_highest) + " to " +
                            value_text(*f.rate));
       }},
      {"rate_high",
       {1.08, 1.47, -0.77, -0.24, -0.32, -0.39, 0.37, -1.19},
       [](const Findings& f) { return share(f.rate && *f.rate >= 0.3); },
       [](const Findings& f) {
         return std::string("the learning rate, " + value_text(*f.rate) + ", is higher than most runs bear");
       }},
      {"rate_low",
       {-0.02, -0.03, -0.03, -0.01, -0.01, -0.04, 0.01, 0.12},
       [](const Findings& f) { return share(f.rate && *f.rate > 0 && *f.rate <= 1e-5); },
       [](const Findings& f) {
         return std::string("the learning rate, " + value_text(*f.rate) + ", is lower than most runs need");
       }},
      {"gradient_grew",
       {0.21, 0.24, 0.11, -0.18, -0.07, -0.05, -0.24, -0.02},
       [](const Findings& f) {
         return share(f.gradient_rising >= 2 && f.gradient_peak && f.gradient_before &&
                      *f.gradient_peak > 3 * *f.gradient_before);
       },
       [](const Findings& f) {
         return std::string("the gradient norm grew along, from " + value_text(*f.gradient_before) + " to " +
                            value_text(*f.gradient_peak));
       }},
      {"gradient_broke",
       {0.06, -0.06, 0.26, 0.07, 0.02, -0.15, -0.08, -0.11},
       [](const Findings& f) { return share(f.gradient_bad && f.gradient_rising == 0); },
       [](const Findings&) { return std::string("the gradient norm was not finite without having grown before"); }},
      {"scale_collapsed",
       {-0.20, -0.02, -0.24, 1.20, -0.65, -0.05, -0.02, -0.03},
       [](const Findings& f) { return share(f.scale_high && *f.scale_low <= *f.scale_high / 16); },
       [](const Findings& f) {
         return std::string("the loss scale fell from " + value_text(*f.scale_high) + " to " +
                            value_text(*f.scale_low));
       }},
      {"scale_held",
       {-0.27, -0.02, -0.08, 0.74, -0.28, -0.04, -0.02, -0.03},
       [](const Findings& f) { return share(f.scale_high && *f.scale_low > *f.scale_high / 16 && f.onset); },
       [](const Findings&) { return std::string("the loss scale did not collapse"); }},
      {"weights_grew",
       {-0.16, 0.09, 0.01, -0.05, -0.07, -0.04, 0.26, -0.04},
       [](const Findings& f) {
         return share(f.weights_before && f.weights_peak && f.weights_rising >= 2 &&
                      *f.weights_peak > 1.5 * *f.weights_before && !leapt(f));
       },
       [](const Findings& f) {
         return std::string("the norm of the weights grew along, from " + value_text(*f.weights_before) + " to " +
                            value_text(*f.weights_peak));
       }},
      {"weights_held",
       {-0.51, -0.05, 0.39, 0.03, 0.39, -0.12, -0.05, -0.08},
       [](const Findings& f) { return share(weights_held(f) && !weights_survived(f)); },
       [](const Findings& f) {
         return std::string("the norm of the weights, " + value_text(*f.weights_before) +
                            ", had hardly changed before the loss was " + loss_text(f, *f.first_bad));
       }},
      {"weights_survived",
       {-0.07, -0.01, -0.06, 0.36, -0.18, -0.02, -0.01, -0.01},
       [](const Findings& f) { return share(weights_survived(f)); },
       [](const Findings& f) {
         return std::string("the norm of the weights is as before even after the loss was " +
                            loss_text(f, *f.first_bad) + ", so the steps were skipped");
       }},
      {"speed_changed",
       {0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00},
       [](const Findings& f) { return share(f.speed_before.has_value()); },
       [](const Findings& f) {
         return std::string("the throughput went from " + value_text(*f.speed_before) + " to " +
                            value_text(*f.speed_after) + " after " + step_text(f, *f.onset));
       }},
      {"says_domain",
       {-0.25, -0.01, 0.01, 0.22, 0.01, 0.07, -0.02, -0.02},
       [](const Findings& f) { return share(says(f, "log") || says(f, "divide")); },
       [](const Findings& f) { return std::string("the program itself says: " + f.messages.front()); }},
      {"says_overflow",
       {0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00},
       [](const Findings& f) { return share(says(f, "verflow")); },
       [](const Findings& f) { return std::string("the program itself says: " + f.messages.front()); }},
  };
  return all;
}

}  // namespace etamax
