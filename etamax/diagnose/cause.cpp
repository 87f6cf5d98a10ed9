#include "etamax/diagnose/cause.h"

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"

namespace etamax {

std::string step_text(const Findings& f, std::size_t record) {
  return "step " + format_number(f.step[std::min(record, f.step.size() - 1)], 12);
}

std::string value_text(double value) { return format_number(value, 3); }

std::string factor_text(double height) { return format_number(std::exp(height), 3) + " times"; }

bool went_wrong(const Findings& f) { return f.ending != Ending::good && f.ending != Ending::never_moved; }

bool rose_gradually(const Findings& f) {
  return f.onset && f.rising_records >= 3 && f.largest_jump < 0.6 && f.rise > std::max(1.0, 6 * f.noise);
}

bool leapt(const Findings& f) {
  return f.onset && *f.onset >= 5 && !f.rate_rose && f.records_per_line <= 2 && f.rise * f.first_jump > 6.9;
}

double weight_of_break(const Findings& f) {
  if (!f.onset || f.records_per_line < 5) return 1;
  return std::min(1.0, static_cast<double>(*f.onset + 1) / 5);
}

bool broke_at_once(const Findings& f) {
  if (!f.first_bad || !f.onset) return false;
  return f.rise <= std::max(0.4, 5 * f.noise);
}

bool weights_grew(const Findings& f) {
  return !leapt(f) && f.weights_before && f.weights_peak && f.weights_rising >= 2 &&
         *f.weights_peak > 1.5 * *f.weights_before;
}

bool weights_held(const Findings& f) {
  return f.first_bad && f.weights_before &&
         std::abs(f.weights_peak.value_or(*f.weights_before) / *f.weights_before - 1) < 0.1;
}

bool weights_survived(const Findings& f) {
  return weights_held(f) && f.weights_after_bad && *f.first_bad + 1 < f.step.size() &&
         std::abs(*f.weights_after_bad / *f.weights_before - 1) < 0.1;
}

std::string speed_change(const Findings& f) {
  if (!f.speed_before) return "";
  return "the throughput went from " + value_text(*f.speed_before) + " to " + value_text(*f.speed_after) + " after " +
         step_text(f, *f.onset);
}

}  // namespace etamax
