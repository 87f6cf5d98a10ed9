// The last rise, and the break to what is not finite. The weights are fitted: tests/diagnose/fit.py writes them here.
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

std::vector<EvidenceSpec> rise_evidence() {
  return {
      // name, weights for: learning_rate, collapse, bad_batch, overflow, domain_error, data_or_bug, recovering_spikes,
      // healthy
      {"rests_after_rise",
       {-0.25, 0.83, -0.36, -0.02, -0.03, -0.12, 0.24, -0.29},
       [](const Findings& f) { return share(!f.first_bad && f.onset && f.end_noise < 0.05 && f.rise > 0.5); },
       [](const Findings& f) {
         return std::string("after the rise it moves little: it ends at " + loss_text(f, last_record(f)));
       }},
      {"swings_after_rise",
       {0.47, -0.16, 0.13, -0.02, -0.02, -0.06, -0.08, -0.25},
       [](const Findings& f) {
         return share(f.onset && !f.first_bad && f.end_noise > 0.1 && f.noise_after > 1.5 * f.noise);
       },
       [](const Findings&) { return std::string("after the rise the loss swings more than before"); }},
      {"huge",
       {0.10, -0.04, 0.46, -0.04, -0.16, -0.03, -0.14, -0.15},
       [](const Findings& f) {
         return share(f.finite > 0 && f.raw[highest_record(f, f.raw.size())] > 1e6 && f.rise > 1);
       },
       [](const Findings& f) {
         return std::string("the loss goes as high as " + loss_at(f, highest_record(f, f.raw.size())));
       }},
      {"astronomic",
       {0.66, -0.10, 0.24, -0.26, -0.01, -0.11, -0.39, -0.03},
       [](const Findings& f) { return share(f.finite > 0 && f.raw[highest_record(f, f.raw.size())] > 1e9); },
       [](const Findings& f) {
         return std::string("a loss of " + loss_text(f, highest_record(f, f.raw.size())) +
                            " has grown for many steps, logged or not");
       }},
      {"ends_astronomic",
       {0.39, -0.14, 0.04, -0.07, 0.04, 0.05, -0.13, -0.18},
       [](const Findings& f) {
         return share(f.finite > 0 && !rests_huge(f) && f.raw[before_bad(f)] > 1e9 && f.ending != Ending::falling);
       },
       [](const Findings& f) { return std::string("its last finite loss is " + loss_text(f, before_bad(f))); }},
      {"rose_over_records",
       {0.75, 0.05, -0.36, 0.07, 0.01, -0.15, -0.18, -0.20},
       [](const Findings& f) { return share(rose_gradually(f)); },
       [](const Findings& f) {
         return std::string("the loss grew " + from_to(f, *f.onset, f.crest) + ", over " +
                            std::to_string(f.rising_records) + " records, none of which made most of it");
       }},
      {"rose_over_many_records",
       {0.19, 0.07, -0.02, 0.11, 0.11, -0.11, -0.16, -0.18},
       [](const Findings& f) { return share(rose_gradually(f) && f.rising_records >= 6); },
       no_sentence},
      {"rose_in_few_records",
       {0.40, 0.34, -0.04, -0.13, 0.11, -0.28, 0.06, -0.45},
       [](const Findings& f) {
         return share(f.onset && !rose_gradually(f) && f.rising_records >= 2 && f.rise > std::max(0.7, 5 * f.noise));
       },
       [](const Findings& f) { return std::string("the loss rose " + from_to(f, *f.onset, f.crest)); }},
      {"jumped_in_a_record",
       {0.09, 0.81, 0.07, -0.06, 0.06, -0.15, -0.38, -0.45},
       [](const Findings& f) {
         return share(f.onset && f.rising_records >= 1 && f.rise > std::max(0.7, 5 * f.noise) &&
                      (f.rising_records == 1 || f.first_jump > 0.6) && *f.onset >= 2);
       },
       [](const Findings& f) {
         return std::string("after " + loss_at(f, *f.onset) + " the loss jumped to " + loss_text(f, *f.onset + 1) +
                            " in the next record");
       }},
      {"jumped_between_steps",
       {-0.23, -0.02, 0.28, 0.00, 0.00, 0.00, -0.01, -0.01},
       [](const Findings& f) { return share(leapt(f)); },
       [](const Findings&) {
         return std::string("it grew a thousandfold between records that are a step or two apart");
       }},
      {"accelerates",
       {0.21, 0.11, 0.07, -0.08, 0.23, -0.14, -0.23, -0.17},
       [](const Findings& f) { return share(f.onset && f.accelerating >= 2 && f.rise > 1); },
       [](const Findings& f) {
         return std::string("each of the last " + std::to_string(f.accelerating) + " rises up to " +
                            loss_at(f, f.crest) + " is larger than the one before, as factors");
       }},
      {"exponential",
       {0.07, 0.22, 0.01, -0.03, -0.05, -0.04, -0.10, -0.08},
       [](const Findings& f) {
         return share(f.growth && f.growth->steady && f.growth->r_squared > 0.9 &&
                      f.growth->last - f.growth->first >= 4);
       },
       [](const Findings& f) {
         return std::string("the growth is exponential: a straight line explains " +
                            value_text(std::floor(1000 * f.growth->r_squared) / 10) +
                            "% of the logarithm of the excess");
       }},
      {"rose_far",
       {0.05, -0.36, 0.60, -0.10, -0.27, -0.16, 0.41, -0.17},
       [](const Findings& f) { return share(f.onset && f.rise > 5 && f.rising_records >= 2); },
       no_sentence},
      {"rose_before_not_finite",
       {0.29, -0.05, -0.38, 0.07, 0.32, -0.12, -0.08, -0.04},
       [](const Findings& f) {
         return share(f.first_bad && f.onset && f.rising_records >= 2 && f.rise > std::max(0.3, 4 * f.noise));
       },
       [](const Findings& f) {
         return std::string("the loss rose before it was " + loss_text(f, *f.first_bad) + ": " +
                            from_to(f, *f.onset, f.crest));
       }},
      {"rose_a_little_before",
       {0.26, -0.02, -0.12, -0.19, 0.21, -0.08, -0.03, -0.03},
       [](const Findings& f) {
         return share(f.first_bad && f.onset && f.rising_records >= 1 && f.rise > std::max(0.07, 2 * f.noise) &&
                      f.rise <= std::max(0.7, 4 * f.noise));
       },
       [](const Findings& f) {
         return std::string("the last losses before it were rising, " + from_to(f, *f.onset, f.crest));
       }},
      {"crept_up",
       {0.51, -0.02, -0.26, -0.09, -0.01, -0.08, -0.03, -0.03},
       [](const Findings& f) { return share(crept_up(f)); },
       [](const Findings& f) {
         return std::string("from its lowest, " + loss_at(f, lowest_record(f, *f.first_bad)) + ", it had crept up to " +
                            loss_at(f, before_bad(f)));
       }},
      {"rose_at_first",
       {0.74, -0.05, -0.13, -0.15, -0.08, -0.15, -0.27, 0.10},
       [](const Findings& f) { return share(rose_at_first(f)); },
       [](const Findings& f) {
         return std::string("within the first records of the run the loss rose " + from_to(f, 0, f.early_peak));
       }},
      {"shot_up_at_first",
       {0.29, -0.15, 0.20, -0.03, -0.04, -0.04, -0.12, -0.09},
       [](const Findings& f) { return share(f.early_rise > 4.6 && (f.first_bad || f.onset)); },
       no_sentence},
      {"rose_from_the_first",
       {-0.05, -0.04, 0.29, 0.14, 0.01, -0.14, 0.21, -0.43},
       [](const Findings& f) { return share(f.onset && *f.onset <= 1 && f.rise > 0.7); },
       [](const Findings&) { return std::string("the rise begins with the first records of the log"); }},
      {"rose_from_beginning",
       {0.02, 0.09, 0.27, 0.01, 0.09, -0.08, -0.20, -0.19},
       [](const Findings& f) { return share(f.onset && *f.onset <= 1 && f.rise > 0.7 && f.from_beginning); },
       [](const Findings&) { return std::string("it grew from the first steps on"); }},
      {"broke_between_steps",
       {-0.13, -0.13, 0.28, 0.51, 0.58, -0.48, -0.26, -0.36},
       [](const Findings& f) { return share(broke_at_once(f) && f.steps_known && f.gap <= 2); },
       [](const Findings& f) {
         return std::string("the loss was " + loss_at(f, before_bad(f)) + " and " + loss_text(f, *f.first_bad) +
                            " at " + step_text(f, *f.first_bad));
       }},
      {"broke_between_records",
       {0.52, -0.29, 0.52, 0.59, 0.45, -0.63, -0.53, -0.64},
       [](const Findings& f) { return share(broke_at_once(f) && !(f.steps_known && f.gap <= 2)); },
       [](const Findings& f) {
         return std::string("the loss was " + loss_at(f, before_bad(f)) + " and " + loss_text(f, *f.first_bad) +
                            " in the next record; the steps between them are not logged");
       }},
      {"broke_early",
       {0.81, -0.10, 0.07, -0.25, 0.05, -0.19, -0.17, -0.23},
       [](const Findings& f) { return share(broke_at_once(f) && *f.first_bad <= 3 && f.from_beginning); },
       [](const Findings&) { return std::string("that was within the first records of the run"); }},
      {"broke_late",
       {-0.54, -0.05, 0.20, 0.70, 0.08, -0.20, -0.08, -0.11},
       [](const Findings& f) { return share(broke_at_once(f) && *f.first_bad >= 20 && f.steps_known); },
       [](const Findings& f) {
         return std::string("there are " + std::to_string(*f.first_bad) + " records before it");
       }},
      {"broke_after_fall",
       {-0.92, -0.08, 0.50, 0.34, 0.76, -0.27, -0.15, -0.18},
       [](const Findings& f) { return share(broke_at_once(f) && f.level_before < f.start - 0.7); },
       [](const Findings& f) { return course_down(f, "the loss had come down "); }},
      {"broke_noisy",
       {-0.28, -0.06, -0.34, 0.18, 0.96, -0.16, -0.18, -0.12},
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
       {-0.49, 0.62, 0.28, -0.08, -0.09, -0.26, 0.18, -0.15},
       [](const Findings& f) {
         return share(f.onset && !f.first_bad && f.rising_records > 0 && f.end < f.level_before + 0.6 * f.rise);
       },
       [](const Findings& f) {
         return std::string("after " + loss_at(f, f.crest) + " it came down again, to " + loss_text(f, last_record(f)));
       }},
      {"stays_up",
       {0.16, -0.16, 0.20, 0.03, 0.04, 0.15, -0.08, -0.33},
       [](const Findings& f) {
         return share(f.onset && !f.first_bad && f.rise > 0.7 && f.end > f.level_before + 0.75 * f.rise &&
                      f.crest + 3 < f.raw.size());
       },
       [](const Findings& f) { return std::string("it has stayed up since " + step_text(f, f.crest)); }},
      {"rise_within_noise",
       {-0.25, 0.39, -0.09, -0.07, -0.09, -0.22, -0.02, 0.36},
       [](const Findings& f) { return share(f.onset && !f.first_bad && f.rise < std::max(0.7, 5 * f.noise)); },
       [](const Findings&) { return std::string("the rise is hardly more than what the records swing by"); }},
  };
}

}  // namespace etamax
