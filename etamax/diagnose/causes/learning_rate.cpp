// Too high a learning rate: growth by a factor per step, beginning where the rate passed the edge. theory.md,
// section 13.
#include <cmath>

#include "etamax/diagnose/cause.h"

namespace etamax::causes {
namespace {

void weigh(const Findings& f, Weighing& w) {
  if (!went_wrong(f)) {
    w.opposes(5, f.ending == Ending::good ? "the loss ends near its best level" : "the loss never moved");
    return;
  }
  if (!f.onset) {
    w.opposes(3, "there is no finite loss from which it could have grown");
    return;
  }
  if (f.ending == Ending::not_a_number || f.ending == Ending::above_start) w.prior(0.5);
  const std::string from = step_text(f, *f.onset);
  if (rose_gradually(f)) {
    w.supports(f.rising_records >= 5 ? 3.5 : 2.5, "from " + from + " on the loss grew " + factor_text(f.rise) +
                                                      " over " + std::to_string(f.rising_records) +
                                                      " records, no single one of which made most of it");
    if (f.growth && f.growth->r_squared > 0.9 && f.growth->last - f.growth->first >= 4)
      w.supports(1.5, "that growth is exponential: a straight line explains " +
                          value_text(std::floor(1000 * f.growth->r_squared) / 10) + "% of its logarithm");
  } else if (f.rising_records >= 2 && f.rise > std::max(1.0, 6 * f.noise) && f.largest_jump < 0.9 && !leapt(f)) {
    w.supports(1.5, "from " + from + " on the loss rose " + factor_text(f.rise) + " within " +
                        std::to_string(f.rising_records) + " records");
  } else if (broke_at_once(f)) {
    w.opposes(1.5 * weight_of_break(f),
              "the loss was normal in the last record before it was no number, with no growth between them");
  } else if (f.rise > 1 && f.rising_records == 1) {
    w.opposes(0.5, "the loss jumped in a single record, from " + value_text(f.raw[*f.onset]) + " to " +
                       value_text(f.raw[f.crest]));
  }
  if (*f.onset >= 5 && f.first_jump > 0.5 && !f.rate_rose && f.rising_records >= 2)
    w.opposes(2, "half of the rise came at once, in the record after the onset");
  if (leapt(f))
    w.opposes(4, "it grew a thousandfold in a single step, without warning");
  else if (f.first_bad && f.rise > 7)
    w.supports(f.records_per_line >= 5 ? 2.5 : 2,
               "it grew as far as " + value_text(f.raw[f.crest]) + " before it was no number");
  else if (f.first_bad && f.rise > 2.3 && f.rising_records >= 2)
    w.supports(1, "it passed through " + value_text(f.raw[f.crest]) + " before it was no number");
  if (f.ending == Ending::above_start && f.end > f.start + 0.7) {
    if (f.end_noise > 0.1 && !rose_gradually(f))
      w.supports(2, "it ends at " + factor_text(f.end - f.start) + " its first value and does not come to rest");
    else
      w.supports(1, "it ends at " + factor_text(f.end - f.start) + " its first value");
  }
  if (f.alternating >= 12)
    w.supports(1.5, "the loss goes up and down in turn for " + std::to_string(f.alternating) +
                        " records, as where each step overshoots the minimum");
  if (*f.onset <= 1 && f.rise > 1) w.supports(1.5, "it grew from the first records on");
  if (*f.onset <= 1 && broke_at_once(f) && f.records_per_line >= 5)
    w.supports(2.2, "it happened before the second or third record, as too high a rate does at the start");
  if (f.rate_rose)
    w.supports(3, "the learning rate had just risen, to its highest so far, " + value_text(*f.rate));
  else if (f.rate && f.rate_highest && *f.rate < 0.5 * *f.rate_highest)
    w.opposes(
        2, "the learning rate had already fallen, from " + value_text(*f.rate_highest) + " to " + value_text(*f.rate));
  if (f.gradient_rising >= 3 && f.gradient_peak && f.gradient_before && *f.gradient_peak > 3 * *f.gradient_before)
    w.supports(2, "the gradient norm grew along for " + std::to_string(f.gradient_rising) + " records, from " +
                      value_text(*f.gradient_before) + " to " + value_text(*f.gradient_peak));
  if (weights_grew(f))
    w.supports(1.5, "the norm of the weights grew along, from " + value_text(*f.weights_before) + " to " +
                        value_text(*f.weights_peak));
  else if (weights_survived(f))
    w.opposes(2, "the weights are as before even after the loss was no number, so they have not run away");
  else if (weights_held(f))
    w.opposes(f.records_per_line < 5 ? 1 : 0.4, "the norm of the weights, " + value_text(*f.weights_before) +
                                                    ", had hardly changed before the loss was no number");
  if (const std::string change = speed_change(f); !change.empty())
    w.opposes(1, change + ", which the learning rate does not do");
  if (f.scale_high && *f.scale_low <= *f.scale_high / 16 && broke_at_once(f))
    w.opposes(2, "the loss scale collapsed, as it does where numbers overflow");
  if (f.ending == Ending::at_start && f.end_noise < 0.05) w.opposes(2, "the loss does not grow on but stands still");
  if (!f.first_bad && f.rising_records > 0 && f.end < f.level_before + 0.6 * f.rise)
    w.opposes(1.5, "it has been falling again since " + step_text(f, f.crest));
  if (f.ending == Ending::above_start && f.end > f.level_before + 0.75 * f.rise)
    w.supports(0.7, "it has stayed up there since");
  if (f.ending == Ending::above_start && !rose_gradually(f) && *f.onset >= 5) {
    if (f.noise_after > std::max(0.04, 2 * f.noise))
      w.supports(1, "up there it swings more than it did before");
    else
      w.opposes(1, "up there it is as smooth as before");
  }
  if (f.ending == Ending::above_best) w.opposes(1.5, "it stays below its first value");
}

}  // namespace

CauseSpec learning_rate() {
  return {"learning_rate", "too high a learning rate", LogVerdict::learning_rate,
          "Lower the learning rate, or warm it up more slowly, and start again from before the onset.", weigh};
}

}  // namespace etamax::causes
