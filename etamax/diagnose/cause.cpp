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

}  // namespace etamax
