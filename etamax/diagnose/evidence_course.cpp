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
       {0.66, -0.90, -0.33, -1.73, -1.35, -0.23, 0.45, 1.48},
       [](const Findings&) { return 1.0; },
       no_sentence},
      {"ends_not_finite",
       {0.69, -0.81, 0.41, 1.05, 1.69, 0.26, -1.48, -1.79},
       [](const Findings& f) { return share(f.first_bad.has_value()); },
       [](const Findings& f) {
         return std::string("from " + step_text(f, *f.first_bad) + " on the loss is " + loss_text(f, *f.first_bad));
       }},
      {"not_finite_from_first",
       {0.55, -0.21, -0.46, -0.06, -0.33, 1.41, -0.34, -0.55},
       [](const Findings& f) { return share(f.first_bad && f.finite == 0); },
       [](const Findings&) { return std::string("no loss of the log is finite, so what came before is not in it"); }},
      {"no_finite_from_beginning",
       {-0.29, -0.04, -0.13, -0.22, -0.18, 1.04, -0.07, -0.11},
       [](const Findings& f) {
         return share(f.first_bad && f.finite == 0 && f.from_beginning && f.records_per_line <= 2 && !f.epochs);
       },
       [](const Findings& f) {
         return std::string("it was " + loss_text(f, 0) + " at " + step_text(f, 0) +
                            ", among the first steps, already");
       }},
      {"infinite_first",
       {-0.56, -0.13, -0.64, 2.63, -0.48, -0.28, -0.24, -0.29},
       // Growth that goes on to the largest number is infinite, too.
       [](const Findings& f) { return share(f.first_bad && !f.bad_is_nan && !(f.onset && f.rise > 2.3)); },
       [](const Findings& f) {
         return std::string("the first loss that is not finite is " + loss_text(f, *f.first_bad) + ", and not NaN");
       }},
      {"ends_above_start",
       {0.75, 0.75, 0.55, -0.12, -0.29, -0.30, -0.72, -0.62},
       [](const Findings& f) { return share(f.ending == Ending::above_start); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) + ", and began at " + loss_text(f, 0));
       }},
      {"ends_far_above_start",
       {0.37, 0.05, 0.64, -0.06, -0.16, -0.13, -0.42, -0.28},
       [](const Findings& f) { return share(f.ending == Ending::above_start && f.end > f.start + 2.3); },
       no_sentence},
      {"ends_at_start",
       {-0.18, 0.94, 0.58, -0.12, -0.17, -0.50, -0.21, -0.34},
       [](const Findings& f) { return share(f.ending == Ending::at_start); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) +
                            ", near its start, and had been elsewhere: at " + loss_at(f, farthest(f)));
       }},
      {"ends_above_best",
       {0.28, -0.02, -0.55, -0.05, -0.11, -0.12, 0.62, -0.04},
       [](const Findings& f) { return share(f.ending == Ending::above_best); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) + ", and had been as low as " +
                            loss_at(f, lowest_record(f, end_of(f))));
       }},
      {"falls",
       {-1.15, -0.66, -0.29, -0.40, -0.51, -0.61, 1.55, 2.06},
       [](const Findings& f) { return share(falls(f)); },
       [](const Findings& f) { return course_down(f, "the loss falls: "); }},
      {"falls_swinging",
       {1.28, -0.05, 0.17, -0.03, -0.04, -0.07, 0.14, -1.41},
       [](const Findings& f) { return share(!f.first_bad && f.ending == Ending::falling && f.noise > 0.5); },
       [](const Findings& f) {
         return std::string("among the last records it still swings between " + loss_text(f, lowest_of_last(f)) +
                            " and " + loss_text(f, highest_of_last(f)));
       }},
      {"ends_on_highest",
       {0.81, 0.27, -0.06, -0.05, -0.10, -0.16, -0.35, -0.37},
       [](const Findings& f) { return share(ends_on_highest(f)); },
       [](const Findings& f) {
         return std::string("its last record, " + loss_at(f, last_record(f)) + ", is the highest by far");
       }},
      {"falls_far",
       {0.38, -0.09, -0.42, -0.17, -0.22, -0.46, 1.16, -0.18},
       [](const Findings& f) { return share(f.ending == Ending::falling && f.fall > 0.7); },
       no_sentence},
      {"no_trend",
       {-0.77, -0.11, -0.15, -0.29, -0.46, 0.72, 0.50, 0.55},
       [](const Findings& f) { return share(f.ending == Ending::level && !rests_huge(f)); },
       [](const Findings&) { return std::string("neither a rise nor a fall stands out of the noise"); }},
      {"no_trend_from_beginning",
       {0.44, 0.37, -0.40, -0.21, -0.29, 0.69, -0.73, 0.14},
       [](const Findings& f) { return share(f.ending == Ending::level && f.from_beginning && !rests_huge(f)); },
       [](const Findings& f) { return std::string("it does not fall from its beginning on, " + loss_at(f, 0)); }},
      {"no_trend_in_many",
       {0.17, 0.04, -0.35, -0.09, -0.11, 0.17, 0.94, -0.76},
       [](const Findings& f) { return share(f.ending == Ending::level && f.finite >= 30); },
       no_sentence},
      {"noisy_level",
       {0.09, 0.37, 0.41, -0.12, -0.27, -0.61, 0.49, -0.35},
       [](const Findings& f) { return share(f.ending == Ending::level && f.noise > 0.05); },
       no_sentence},
      {"ends_below_first",
       {0.09, 0.02, -0.06, -0.02, -0.06, -0.43, -0.72, 1.19},
       [](const Findings& f) { return share(ends_below_first(f)); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) + ", and began at " + loss_text(f, 0));
       }},
      {"ends_above_first",
       {0.87, 0.80, -0.14, -0.02, -0.01, -0.20, -0.53, -0.78},
       [](const Findings& f) { return share(ends_above_first(f)); },
       [](const Findings& f) {
         return std::string("its last record, " + loss_at(f, last_record(f)) + ", is higher than all before");
       }},
      {"falls_little",
       {-0.62, -0.02, -0.15, -0.08, -0.11, 0.33, -0.04, 0.68},
       [](const Findings& f) { return share(falls_little(f)); },
       [](const Findings& f) { return std::string("from " + loss_at(f, 0) + " on it fell by less than 2%"); }},
      {"rises",
       {1.28, 0.09, -0.23, -0.09, -0.36, 0.21, -0.35, -0.54},
       [](const Findings& f) { return share(f.trend >= 2 && f.finite >= 4); },
       [](const Findings& f) { return course_up(f, "on the whole the loss rises: "); }},
      {"swings_widely",
       {-0.09, -0.17, 0.14, -0.44, 0.79, -0.75, 0.82, -0.31},
       [](const Findings& f) { return share(swings_widely(f)); },
       [](const Findings& f) {
         return std::string("among the last records the loss swings between " + loss_text(f, lowest_of_last(f)) +
                            " and " + loss_text(f, highest_of_last(f)));
       }},
      {"rests",
       {-0.15, 0.10, -0.18, -0.04, -0.06, 1.23, -0.50, -0.39},
       [](const Findings& f) { return share(!f.first_bad && f.resting >= 3 && f.raw.back() > 0 && !rests_huge(f)); },
       [](const Findings& f) {
         return std::string("the last " + std::to_string(f.resting) + " records are all " +
                            loss_text(f, last_record(f)));
       }},
      {"rests_later",
       {-0.46, -0.78, 0.36, 0.01, 0.01, -0.23, 0.76, 0.34},
       [](const Findings& f) {
         return share(!f.first_bad && f.resting >= 3 && (f.steps_known || f.epochs) && !f.from_beginning &&
                      !rests_huge(f));
       },
       no_sentence},
      {"rests_at_cutoff",
       {0.29, -0.12, -0.04, -0.01, -0.02, -0.04, -0.04, -0.02},
       [](const Findings& f) {
         // -ln of the smallest normal number of single precision, below which probabilities are cut off.
         return share(!f.first_bad && f.resting >= 2 && std::abs(f.raw.back() - 87.3365) < 1e-3);
       },
       [](const Findings& f) {
         return std::string("it stands at " + loss_text(f, last_record(f)) +
                            ", the highest that a logarithm in single precision can give");
       }},
      {"rests_huge",
       {0.69, -0.05, -0.07, -0.03, -0.06, -0.11, -0.10, -0.27},
       [](const Findings& f) { return share(rests_huge(f)); },
       [](const Findings& f) {
         return std::string("it stands still at " + loss_text(f, last_record(f)) +
                            ", as a number that is cut off there");
       }},
      {"constant_guess",
       {-0.19, 0.47, -0.26, -0.05, -0.07, 1.80, -0.60, -1.12},
       [](const Findings& f) { return share(f.constant_guess > 0 && f.finite > kFew); },
       [](const Findings& f) {
         return std::string("it rests at about ln " + std::to_string(f.constant_guess) +
                            ", the loss of a constant guess");
       }},
      {"constant_guess_of_few",
       {1.73, -0.12, -0.04, -0.02, -0.02, -0.23, -0.36, -0.94},
       [](const Findings& f) { return share(f.constant_guess > 0 && f.finite <= kFew); },
       [](const Findings& f) {
         return std::string("its last records are about ln " + std::to_string(f.constant_guess) +
                            ", the loss of a constant guess");
       }},
      {"one_spike",
       {-0.27, 0.28, 0.82, -0.07, -0.08, -0.41, 0.73, -1.01},
       [](const Findings& f) { return share(f.spikes.size() == 1); },
       [](const Findings& f) {
         return std::string("the loss rose to " + loss_at(f, f.spikes.front().peak) + " and came back");
       }},
      {"some_spikes",
       {-0.14, -0.15, -0.20, -0.02, -0.02, -0.21, 1.23, -0.50},
       [](const Findings& f) { return share(f.spikes.size() == 2); },
       [](const Findings& f) {
         return std::string("the loss rose and came back twice, to " + loss_at(f, f.spikes.front().peak) +
                            " the first time");
       }},
      {"several_spikes",
       {-0.08, -0.02, -0.03, 0.00, 0.00, -0.01, 0.47, -0.33},
       [](const Findings& f) { return share(f.spikes.size() >= 3); },
       [](const Findings& f) {
         return std::string("the loss rose and came back " + std::to_string(f.spikes.size()) + " times, to " +
                            loss_at(f, f.spikes.front().peak) + " the first time");
       }},
      {"spikes_built_up",
       {-0.04, -0.04, -0.22, -0.01, -0.01, -0.05, 0.69, -0.32},
       [](const Findings& f) { return share(spikes_built_up(f)); },
       [](const Findings&) { return std::string("spikes built up over several records, as an instability does"); }},
      {"spike_high",
       {-0.50, 0.24, 1.40, -0.04, -0.03, -0.24, 0.06, -0.89},
       [](const Findings& f) { return share(!f.spikes.empty() && highest_spike(f).rise > 1.5); },
       [](const Findings& f) { return std::string("the highest spike is " + loss_at(f, highest_spike(f).peak)); }},
      {"spike_between_records",
       {-0.10, 0.39, 0.91, -0.06, -0.08, -0.35, -0.07, -0.64},
       [](const Findings& f) {
         return share(f.spikes.size() == 1 && f.spikes.front().peak <= f.spikes.front().first + 1 &&
                      f.spikes.front().peak > 2);
       },
       [](const Findings&) { return std::string("it rose from one record to the next"); }},
      {"spike_early",
       {0.02, -0.06, -0.30, -0.01, -0.02, -0.02, 0.85, -0.45},
       [](const Findings& f) { return share(!f.spikes.empty() && highest_spike(f).peak <= 2 && f.from_beginning); },
       [](const Findings&) { return std::string("the highest spike is among the first records"); }},
      {"passing_not_finite",
       {-0.27, -0.16, 0.55, 0.01, 0.02, 0.02, -0.02, -0.14},
       [](const Findings& f) { return share(!f.first_bad && f.passing_bad > 0); },
       [](const Findings&) { return std::string("losses that are not finite have finite ones after them"); }},
      {"passing_not_finite_among_few",
       {0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00},
       [](const Findings& f) { return share(is_interrupted_among_few(f)); },
       no_sentence},
  };
}

}  // namespace etamax
