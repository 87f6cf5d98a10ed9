// How the losses go and end, without the last rise. The weights are fitted: tests/diagnose/fit.py writes them here.
#include <algorithm>
#include <cmath>

#include "etamax/diagnose/evidence.h"
#include "etamax/diagnose/sentences.h"
#include "etamax/diagnose/signs.h"

namespace etamax {
namespace {

double share(bool shown) { return shown ? 1 : 0; }
std::string no_sentence(const Findings&) { return ""; }

}  // namespace

std::vector<EvidenceSpec> course_evidence() {
  return {
      // name, weights for: learning_rate, collapse, bad_batch, overflow, domain_error, data_or_bug, recovering_spikes,
      // healthy
      {"anything",
       {0.70, -0.88, -0.13, -1.56, -1.15, -0.19, 0.38, 1.25},
       [](const Findings&) { return 1.0; },
       no_sentence},
      {"ends_not_finite",
       {0.46, -0.74, 0.31, 1.02, 1.66, 0.23, -1.35, -1.59},
       [](const Findings& f) { return share(f.first_bad.has_value()); },
       [](const Findings& f) {
         return std::string("from " + step_text(f, *f.first_bad) + " on the loss is " + loss_text(f, *f.first_bad));
       }},
      {"not_finite_from_first",
       {0.81, -0.19, -0.56, -0.05, -0.49, 1.26, -0.31, -0.47},
       [](const Findings& f) { return share(f.first_bad && f.finite == 0); },
       [](const Findings&) { return std::string("no loss of the log is finite, so what came before is not in it"); }},
      {"no_finite_from_beginning",
       {-0.46, -0.04, -0.13, -0.19, -0.18, 1.17, -0.07, -0.10},
       [](const Findings& f) {
         return share(f.first_bad && f.finite == 0 && f.from_beginning && f.records_per_line <= 2 && !f.epochs);
       },
       [](const Findings& f) {
         return std::string("it was " + loss_text(f, 0) + " at " + step_text(f, 0) +
                            ", among the first steps, already");
       }},
      {"infinite_first",
       {-0.45, -0.14, -0.66, 2.56, -0.54, -0.22, -0.25, -0.29},
       // Growth that goes on to the largest number is infinite, too.
       [](const Findings& f) { return share(f.first_bad && !f.bad_is_nan && !(f.onset && f.rise > 2.3)); },
       [](const Findings& f) {
         return std::string("the first loss that is not finite is " + loss_text(f, *f.first_bad) + ", and not NaN");
       }},
      {"ends_above_start",
       {0.62, 0.59, 0.55, -0.12, -0.28, -0.27, -0.63, -0.46},
       [](const Findings& f) { return share(f.ending == Ending::above_start); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) + ", and began at " + loss_text(f, 0));
       }},
      {"ends_far_above_start",
       {0.19, 0.20, 0.63, -0.07, -0.18, -0.13, -0.39, -0.25},
       [](const Findings& f) { return share(f.ending == Ending::above_start && f.end > f.start + 2.3); },
       no_sentence},
      {"ends_at_start",
       {-0.25, 1.00, 0.56, -0.12, -0.18, -0.55, -0.16, -0.29},
       [](const Findings& f) { return share(f.ending == Ending::at_start); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) +
                            ", near its start, and had been elsewhere: at " + loss_at(f, farthest(f)));
       }},
      {"ends_above_best",
       {0.38, 0.07, -0.49, -0.04, -0.10, -0.09, 0.47, -0.20},
       [](const Findings& f) { return share(f.ending == Ending::above_best); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) + ", and had been as low as " +
                            loss_at(f, lowest_record(f, end_of(f))));
       }},
      {"falls",
       {-1.23, -0.57, -0.41, -0.47, -0.61, -0.08, 1.34, 2.02},
       [](const Findings& f) { return share(!f.first_bad && f.ending == Ending::falling); },
       [](const Findings& f) { return course_down(f, "the loss falls: "); }},
      {"falls_swinging",
       {1.21, -0.06, 0.14, -0.03, -0.04, -0.09, 0.11, -1.23},
       [](const Findings& f) { return share(!f.first_bad && f.ending == Ending::falling && f.noise > 0.5); },
       [](const Findings& f) {
         return std::string("among the last records it still swings between " + loss_text(f, lowest_of_last(f)) +
                            " and " + loss_text(f, highest_of_last(f)));
       }},
      {"ends_on_highest",
       {0.47, 0.64, -0.03, -0.05, -0.08, -0.15, -0.34, -0.46},
       [](const Findings& f) { return share(ends_on_highest(f)); },
       [](const Findings& f) {
         return std::string("its last record, " + loss_at(f, last_record(f)) + ", is the highest by far");
       }},
      {"falls_far",
       {0.38, -0.09, -0.37, -0.17, -0.22, -0.65, 1.23, -0.11},
       [](const Findings& f) { return share(f.ending == Ending::falling && f.fall > 0.7); },
       no_sentence},
      {"no_trend",
       {-0.92, -0.32, -0.18, -0.29, -0.45, 0.88, 0.46, 0.81},
       [](const Findings& f) { return share(f.ending == Ending::level && !rests_huge(f)); },
       [](const Findings&) { return std::string("neither a rise nor a fall stands out of the noise"); }},
      {"no_trend_from_beginning",
       {0.50, 0.08, -0.32, -0.18, -0.26, 0.68, -0.73, 0.24},
       [](const Findings& f) { return share(f.ending == Ending::level && f.from_beginning && !rests_huge(f)); },
       [](const Findings& f) { return std::string("it does not fall from its beginning on, " + loss_at(f, 0)); }},
      {"no_trend_in_many",
       {-0.38, 0.28, -0.33, -0.09, -0.11, 0.13, 1.15, -0.65},
       [](const Findings& f) { return share(f.ending == Ending::level && f.finite >= 30); },
       no_sentence},
      {"noisy_level",
       {0.30, 0.75, 0.20, -0.17, -0.31, -0.79, 0.32, -0.30},
       [](const Findings& f) { return share(f.ending == Ending::level && f.noise > 0.05); },
       no_sentence},
      {"ends_below_first",
       {0, 0, 0, 0, 0, 0, 0, 0},
       [](const Findings& f) { return share(ends_below_first(f)); },
       [](const Findings& f) {
         return std::string("it ends at " + loss_text(f, last_record(f)) + ", and began at " + loss_text(f, 0));
       }},
      {"ends_above_first",
       {0, 0, 0, 0, 0, 0, 0, 0},
       [](const Findings& f) { return share(ends_above_first(f)); },
       [](const Findings& f) {
         return std::string("its last record, " + loss_at(f, last_record(f)) + ", is higher than all before");
       }},
      {"falls_little",
       {0, 0, 0, 0, 0, 0, 0, 0},
       [](const Findings& f) {
         return share(!f.first_bad && f.ending == Ending::falling && f.positive && f.fall < 0.02 && f.from_beginning);
       },
       [](const Findings& f) {
         return std::string("since its beginning, " + loss_at(f, 0) + ", it fell by less than 2%");
       }},
      {"rises",
       {1.20, -0.15, -0.19, -0.08, -0.29, 0.18, -0.19, -0.47},
       [](const Findings& f) { return share(f.trend >= 2 && f.finite >= 4); },
       [](const Findings& f) { return course_up(f, "on the whole the loss rises: "); }},
      {"swings_widely",
       {-0.14, -0.09, 0.17, -0.48, 0.72, -0.69, 0.81, -0.30},
       [](const Findings& f) { return share(swings_widely(f)); },
       [](const Findings& f) {
         return std::string("among the last records the loss swings between " + loss_text(f, lowest_of_last(f)) +
                            " and " + loss_text(f, highest_of_last(f)));
       }},
      {"rests",
       {-0.31, 0.31, -0.28, -0.03, -0.05, 1.55, -0.48, -0.72},
       [](const Findings& f) { return share(!f.first_bad && f.resting >= 3 && f.raw.back() > 0 && !rests_huge(f)); },
       [](const Findings& f) {
         return std::string("the last " + std::to_string(f.resting) + " records are all " +
                            loss_text(f, last_record(f)));
       }},
      {"rests_later",
       {0, 0, 0, 0, 0, 0, 0, 0},
       [](const Findings& f) {
         return share(!f.first_bad && f.resting >= 3 && (f.steps_known || f.epochs) && !f.from_beginning &&
                      !rests_huge(f));
       },
       no_sentence},
      {"rests_at_cutoff",
       {0.27, -0.09, -0.04, -0.01, -0.02, -0.05, -0.04, -0.02},
       [](const Findings& f) {
         // -ln of the smallest normal number of single precision, below which probabilities are cut off.
         return share(!f.first_bad && f.resting >= 2 && std::abs(f.raw.back() - 87.3365) < 1e-3);
       },
       [](const Findings& f) {
         return std::string("it stands at " + loss_text(f, last_record(f)) +
                            ", the highest that a logarithm in single precision can give");
       }},
      {"rests_huge",
       {0.70, -0.05, -0.07, -0.04, -0.08, -0.12, -0.11, -0.24},
       [](const Findings& f) { return share(rests_huge(f)); },
       [](const Findings& f) {
         return std::string("it stands still at " + loss_text(f, last_record(f)) +
                            ", as a number that is cut off there");
       }},
      {"constant_guess",
       {-0.35, 0.64, -0.23, -0.04, -0.05, 2.12, -0.73, -1.36},
       [](const Findings& f) { return share(f.constant_guess > 0); },
       [](const Findings& f) {
         return std::string("it rests at about ln " + std::to_string(f.constant_guess) +
                            ", the loss of a constant guess");
       }},
      {"one_spike",
       {-0.17, 0.33, 0.75, -0.08, -0.10, -0.43, 0.62, -0.93},
       [](const Findings& f) { return share(f.spikes.size() == 1); },
       [](const Findings& f) {
         return std::string("the loss rose to " + loss_at(f, f.spikes.front().peak) + " and came back");
       }},
      {"some_spikes",
       {-0.07, -0.13, -0.19, -0.02, -0.02, -0.18, 1.09, -0.48},
       [](const Findings& f) { return share(f.spikes.size() == 2); },
       [](const Findings& f) {
         return std::string("the loss rose and came back twice, to " + loss_at(f, f.spikes.front().peak) +
                            " the first time");
       }},
      {"several_spikes",
       {-0.05, -0.02, -0.03, 0.00, 0.00, -0.01, 0.38, -0.27},
       [](const Findings& f) { return share(f.spikes.size() >= 3); },
       [](const Findings& f) {
         return std::string("the loss rose and came back " + std::to_string(f.spikes.size()) + " times, to " +
                            loss_at(f, f.spikes.front().peak) + " the first time");
       }},
      {"spikes_built_up",
       {-0.04, -0.05, -0.18, -0.01, -0.01, -0.09, 0.64, -0.26},
       [](const Findings& f) { return share(spikes_built_up(f)); },
       [](const Findings&) { return std::string("spikes built up over several records, as an instability does"); }},
      {"spike_high",
       {-0.31, 0.21, 1.28, -0.05, -0.06, -0.29, 0.06, -0.85},
       [](const Findings& f) { return share(!f.spikes.empty() && highest_spike(f).rise > 1.5); },
       [](const Findings& f) { return std::string("the highest spike is " + loss_at(f, highest_spike(f).peak)); }},
      {"spike_between_records",
       {-0.16, 0.44, 0.98, -0.06, -0.08, -0.32, -0.18, -0.62},
       [](const Findings& f) {
         return share(f.spikes.size() == 1 && f.spikes.front().peak <= f.spikes.front().first + 1 &&
                      f.spikes.front().peak > 2);
       },
       [](const Findings&) { return std::string("it rose from one record to the next"); }},
      {"spike_early",
       {0.00, -0.06, -0.28, -0.01, -0.02, -0.03, 0.83, -0.41},
       [](const Findings& f) { return share(!f.spikes.empty() && highest_spike(f).peak <= 2 && f.from_beginning); },
       [](const Findings&) { return std::string("the highest spike is among the first records"); }},
      {"passing_not_finite",
       {-0.25, -0.18, 0.52, 0.01, 0.03, 0.02, -0.02, -0.14},
       [](const Findings& f) { return share(!f.first_bad && f.passing_bad > 0); },
       [](const Findings&) { return std::string("losses that are not finite have finite ones after them"); }},
      {"passing_not_finite_among_few",
       {0, 0, 0, 0, 0, 0, 0, 0},
       [](const Findings& f) { return share(!f.first_bad && f.passing_bad > 0 && f.finite < 10); },
       no_sentence},
  };
}

}  // namespace etamax
