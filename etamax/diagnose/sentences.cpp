#include "etamax/diagnose/sentences.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"

namespace etamax {
namespace {

std::size_t last_finite(const Findings& f) {
  std::size_t i = f.first_bad.value_or(f.raw.size());
  while (i > 0 && !std::isfinite(f.raw[i - 1])) --i;
  return i > 0 ? i - 1 : 0;
}

}  // namespace

std::string step_text(const Findings& f, std::size_t record) {
  return (f.steps_known ? "step " : "record ") + format_number(f.step[std::min(record, f.step.size() - 1)], 12);
}

std::string value_text(double value) { return format_number(value, 4); }

std::string loss_text(const Findings& f, std::size_t record) { return value_text(f.raw[record]); }

std::string loss_at(const Findings& f, std::size_t record) {
  return loss_text(f, record) + " at " + step_text(f, record);
}

std::string from_to(const Findings& f, std::size_t first, std::size_t last) {
  return "from " + loss_at(f, first) + " to " + loss_at(f, last);
}

std::size_t lowest_record(const Findings& f, std::size_t last) {
  std::size_t lowest = 0;
  for (std::size_t i = 0; i < last; ++i)
    if (std::isfinite(f.raw[i]) && !(std::isfinite(f.raw[lowest]) && f.raw[lowest] <= f.raw[i])) lowest = i;
  return lowest;
}

std::size_t highest_record(const Findings& f, std::size_t last) {
  std::size_t highest = 0;
  for (std::size_t i = 0; i < last; ++i)
    if (std::isfinite(f.raw[i]) && !(std::isfinite(f.raw[highest]) && f.raw[highest] >= f.raw[i])) highest = i;
  return highest;
}

std::string course_down(const Findings& f, const std::string& what) {
  const std::size_t last = last_finite(f);
  return f.raw[last] < f.raw[0] && loss_text(f, last) != loss_text(f, 0)
             ? what + from_to(f, 0, last)
             : "the later losses are lower than the first, as a whole";
}

std::string course_up(const Findings& f, const std::string& what) {
  const std::size_t last = last_finite(f);
  return f.raw[last] > f.raw[0] && loss_text(f, last) != loss_text(f, 0)
             ? what + from_to(f, 0, last)
             : "the later losses are higher than the first, as a whole";
}

std::string course_of(const Findings& f) {
  if (f.first_bad && f.finite == 0)
    return fmt::format("the loss is {} in the first record already", loss_text(f, *f.first_bad));
  const std::size_t last = last_finite(f);
  if (f.first_bad && !f.onset) return fmt::format("the loss is {} nearly everywhere", loss_text(f, *f.first_bad));
  if (!f.onset) {
    const std::size_t low = lowest_record(f, f.raw.size()), high = highest_record(f, f.raw.size());
    std::string text = f.resting == f.raw.size() ? fmt::format("the loss is {} in every record", loss_text(f, 0))
                                                 : "the loss went " + from_to(f, 0, last);
    if (f.ending == Ending::level && f.resting < f.raw.size())
      text += fmt::format(", between {} and {}", loss_text(f, low), loss_text(f, high));
    const auto highest = std::max_element(f.spikes.begin(), f.spikes.end(),
                                          [](const auto& a, const auto& b) { return a.rise < b.rise; });
    if (highest != f.spikes.end())
      text += fmt::format(", and on the way {} as high as {}",
                          f.spikes.size() == 1 ? "once" : fmt::format("{} times up,", f.spikes.size()),
                          loss_at(f, highest->peak));
    if (f.passing_bad > 0)
      text += fmt::format(", and {} on the way {} not finite", f.passing_bad == 1 ? "one loss" : "some losses",
                          f.passing_bad == 1 ? "is" : "are");
    return text;
  }
  std::string text =
      f.rising_records == 0 ? "the loss was " + loss_at(f, *f.onset) : "the loss rose " + from_to(f, *f.onset, f.crest);
  if (f.first_bad)
    text += fmt::format("{} {} from {} on", f.rising_records == 0 ? " and" : ", and was", loss_text(f, *f.first_bad),
                        step_text(f, *f.first_bad));
  else if (f.crest != last)
    text += ", and ended at " + loss_text(f, last);
  return text;
}

}  // namespace etamax
