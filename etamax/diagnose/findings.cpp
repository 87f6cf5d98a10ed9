#include "etamax/diagnose/findings.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "etamax/core/statistics.h"
#include "etamax/diagnose/heights.h"
#include "etamax/diagnose/other_columns.h"
#include "etamax/diagnose/rise.h"

namespace etamax {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kClear = 0.4;  // a rise of half as much again
constexpr double kTwice = 0.693;
constexpr double kTenfold = 2.303;
constexpr double kHighLoss = 1000;      // which no single example of a run that learns has
constexpr double kHighest = 709.7;      // of the largest double
constexpr double kTrend = 2;            // standard scores
constexpr std::size_t kEarly = 6;       // records: the first ones of a run
constexpr double kFirstFraction = 0.1;  // of an epoch, up to which the first record is of the beginning

std::size_t records_before_bad(const Findings& f) { return f.first_bad.value_or(f.height.size()); }

void take_records(const LogColumns& columns, Findings& f) {
  double lowest = INFINITY;
  std::vector<double> values, gaps;
  for (const LogSeries::Sample& s : columns.loss) {
    f.step.push_back(s.step), f.raw.push_back(s.value);
    if (f.step.size() > 1 && s.records == 1) gaps.push_back(f.step.back() - f.step[f.step.size() - 2]);
    if (!std::isfinite(s.value)) continue;
    lowest = std::min(lowest, s.value);
    values.push_back(s.value);
  }
  f.finite = values.size();
  f.records_per_line = gaps.empty() ? 1 : median(gaps);
  f.steps_known = columns.steps_known;
  f.epochs = columns.epochs;
  f.messages = columns.messages;
  f.rewards = columns.rewards;
  f.players = columns.players;
  f.held_out = columns.held_out;
  const double first_epoch = columns.first_epoch.value_or(0);
  const bool in_fractions = first_epoch != std::floor(first_epoch);
  f.from_beginning = (f.steps_known || f.epochs) && f.step.front() <= std::max(f.records_per_line, 1.0) &&
                     first_epoch <= (in_fractions ? kFirstFraction : 1);
  f.positive = lowest > 0;
  double offset = 0;
  if (!f.positive && !values.empty()) {
    std::sort(values.begin(), values.end());
    const double usual = values[values.size() * 3 / 4] / 10 - values[values.size() / 4] / 10;
    offset = lowest - std::max({usual, std::abs(lowest) / 2, 1e-6});
  }
  for (const double v : f.raw) f.height.push_back(std::isfinite(v) ? std::min(std::log(v - offset), kHighest) : kNaN);
}

void find_bad(Findings& f) {
  const std::size_t n = f.height.size();
  std::size_t trailing = n;
  while (trailing > 0 && std::isnan(f.height[trailing - 1])) --trailing;
  for (std::size_t i = 0; i < trailing; ++i) f.passing_bad += std::isnan(f.height[i]) ? 1 : 0;
  if (trailing < n) {
    f.first_bad = trailing;
  } else if (f.passing_bad > 0) {
    // Half of the last records: it does not come back either.
    std::size_t from = n - std::min<std::size_t>(n, 20), bad = 0;
    for (std::size_t i = from; i < n; ++i) bad += std::isnan(f.height[i]) ? 1 : 0;
    if (2 * bad < n - from) return;
    std::size_t first = 0;
    while (!std::isnan(f.height[first])) ++first;
    f.first_bad = first;
  }
  if (!f.first_bad) return;
  f.bad_is_nan = std::isnan(f.raw[*f.first_bad]);
  std::size_t before = *f.first_bad;
  while (before > 0 && std::isnan(f.height[before - 1])) --before;
  if (before > 0) f.gap = f.step[*f.first_bad] - f.step[before - 1];
}

constexpr int kClasses[] = {2, 10, 20, 100, 1000};

/// The same in a log so short that each of its last records has to be near ln k.
int constant_guess_of_few(const Findings& f) {
  constexpr std::size_t kFewest = 5, kLast = 3;
  if (f.height.size() < kFewest) return 0;
  for (const int classes : kClasses) {
    const double guess = std::log(std::log(classes));
    if (std::all_of(f.height.end() - kLast, f.height.end(), [&](double h) { return std::abs(h - guess) < 0.002; }))
      return classes;
  }
  return 0;
}

/// The number of classes whose constant guess has the loss that the log rests at, ln k; 0 for none.
int constant_guess(const Findings& f) {
  const std::size_t last = records_before_bad(f), third = last / 3;
  if (!f.positive || f.first_bad) return 0;
  if (third < 3) return constant_guess_of_few(f);
  const double middle = median_of(f.height, third, last - third), late = median_of(f.height, last - third, last);
  if (std::abs(middle - late) > 0.03 || f.end_noise > 0.15) return 0;
  for (const int classes : kClasses)
    if (std::abs(late - std::log(std::log(classes))) < 0.01) return classes;
  return 0;
}

void find_early_rise(Findings& f) {
  const std::size_t last = std::min(records_before_bad(f), kEarly);
  if (!f.from_beginning || !std::isfinite(f.height[0])) return;
  for (std::size_t i = 1; i < last; ++i)
    if (f.height[i] > f.height[f.early_peak]) f.early_peak = i;
  f.early_rise = f.height[f.early_peak] - f.height[0];
}

/// How the first and the last record stand to the others, and how far one is from the next.
void compare_records(Findings& f) {
  const std::vector<double>& h = f.height;
  const std::size_t last = records_before_bad(f);
  if (last < 2) return;
  double lowest = INFINITY, highest = -INFINITY, highest_later = -INFINITY, before = h[0];
  for (std::size_t i = 1; i < last; ++i) {
    if (!std::isfinite(h[i])) continue;
    lowest = std::min(lowest, h[i]), highest_later = std::max(highest_later, h[i]);
    // Losses of single examples leap below the start; the first record may be printed anew.
    const bool high = h[i] > f.start + kClear || (f.raw[i] > kHighLoss && f.raw[i] != f.raw[0]);
    f.leaps += high && h[i] > before + kTenfold ? 1 : 0;
    before = h[i];
  }
  for (std::size_t i = 0; i + 1 < last; ++i)
    if (std::isfinite(h[i])) highest = std::max(highest, h[i]);
  if (std::isfinite(h[0]) && std::isfinite(lowest)) f.first_margin = lowest - h[0], f.first_drop = h[0] - highest_later;
  if (std::isfinite(h[last - 1]) && std::isfinite(highest)) f.last_margin = h[last - 1] - highest;
  f.noise_before_last = noise_of(h, 0, last - 1);
}

void find_levels(Findings& f) {
  const std::vector<double>& h = f.height;
  const std::size_t last = records_before_bad(f);
  f.noise = noise_of(h, 0, last);
  f.trend = trend_score(h, 0, last);
  const std::size_t third = std::max<std::size_t>(last / 3, 1);
  f.fall = median_of(h, 0, third) - median_of(h, last - third, last);
  if (!std::isfinite(f.fall)) f.fall = 0;
  // Of a noisy log the first records, unless they rise; of a short one no more than a quarter.
  const std::size_t few = std::clamp<std::size_t>(last / 4, 1, 5);
  f.start = median_of(h, 0, f.noise > 0.1 ? few : 1);
  if (!std::isfinite(f.start)) f.start = median_of(h, 0, last);
  if (std::isfinite(h[0])) f.start = std::min(f.start, h[0] + 2 * f.noise);
  const std::size_t tail = std::min(std::clamp<std::size_t>(last / 10, 2, 50), last);
  f.end = median_of(h, last - tail, last);
  std::vector<double> off;
  for (std::size_t k = last - std::min(2 * tail, last); k < last; ++k)
    if (std::isfinite(h[k])) off.push_back(std::abs(h[k] - f.end));
  f.end_noise = 1.4826 * median(std::move(off));
  const std::size_t reach = last < 6 ? 0 : f.noise > 0.02 ? std::clamp<std::size_t>(last / 40, 1, 12) : 1;
  const std::vector<double> levels = running_median({h.begin(), h.begin() + static_cast<std::ptrdiff_t>(last)}, reach);
  f.best = f.start;
  for (const double level : levels)
    if (std::isfinite(level)) f.best = std::min(f.best, level);
  for (f.resting = 0; f.resting < f.raw.size() && f.raw[f.raw.size() - 1 - f.resting] == f.raw.back();) ++f.resting;
  f.constant_guess = constant_guess(f);
  find_early_rise(f);
  compare_records(f);
}

/// It once stood far above its start, and has been at rest near it for the last third of the log.
bool stuck_after_excursion(const Findings& f) {
  const auto highest = static_cast<std::size_t>(
      std::max_element(f.height.begin(), f.height.end(), [](double a, double b) { return a < b || std::isnan(a); }) -
      f.height.begin());
  const std::size_t n = f.height.size();
  const double rest = median_of(f.height, n - n / 3, n - n / 6);
  return f.height[highest] > std::max(f.start, f.end) + std::max(0.35, 6 * f.end_noise) && 3 * highest < 2 * n &&
         f.end > f.start - 0.35 && f.end_noise < 0.1 && std::abs(rest - f.end) < 0.05;
}

void find_ending(Findings& f) {
  const std::size_t last = records_before_bad(f);
  if (f.first_bad) {
    f.ending = Ending::not_a_number;
    return;
  }
  const auto tail = static_cast<double>(std::clamp<std::size_t>(last / 10, 2, 50));
  const double spread = f.noise / std::sqrt(tail);
  // The best level is the lowest of many medians of so many records, lower than usual by chance.
  const double reach = f.noise > 0.02 ? static_cast<double>(std::clamp<std::size_t>(last / 40, 1, 12)) : 1;
  const double width = 2 * reach + 1, windows = static_cast<double>(last) / width;
  const double luck = 1.25 * f.noise / std::sqrt(width) * std::sqrt(2 * std::log(std::max(windows, 1.0)));
  const double clear = std::max(kClear, 6 * spread + luck);
  const bool ends_lowest = std::none_of(f.height.begin(), f.height.begin() + static_cast<std::ptrdiff_t>(last) - 1,
                                        [&](double h) { return h <= f.height[last - 1]; });
  if (f.end > f.start + std::max(kTwice, 6 * spread))
    f.ending = Ending::above_start;
  else if (!ends_lowest && f.end > f.best + clear)
    f.ending = f.end > f.start - 0.15 ? Ending::at_start : Ending::above_best;
  else if (!ends_lowest && stuck_after_excursion(f))
    f.ending = Ending::at_start;
  else if (f.trend <= -kTrend || f.fall > std::max(kClear, 3 * f.noise))
    f.ending = Ending::falling;
  else
    f.ending = Ending::level;
}

void find_spikes(Findings& f) {
  const std::vector<double>& h = f.height;
  const std::size_t end = f.onset ? *f.onset + 1 : records_before_bad(f);
  if (end < 4) return;
  const double noise = noise_of(h, 0, end);
  const double least = std::max(kClear, 6 * noise);
  // A level that a spike of some records does not lift.
  const std::vector<double> slow = running_median(h, std::clamp<std::size_t>(end / 12, 3, 60));
  for (std::size_t i = 1; i < end; ++i) {
    if (!(h[i] - slow[i] > least)) continue;
    Findings::Spike spike{i, i, i, h[i] - slow[i]};
    while (spike.first > 0 && h[spike.first - 1] - slow[spike.first - 1] > std::max(0.1, 2 * noise)) --spike.first;
    while (i < end && !(h[i] - slow[i] <= std::max(0.1, 2 * noise))) {
      if (h[i] - slow[i] > spike.rise) spike.rise = h[i] - slow[i], spike.peak = i;
      spike.last = i++;
    }
    if (i < end && spike.first > 0) f.spikes.push_back(spike);  // it came back, and had come from below
  }
}

}  // namespace

Findings find(const LogColumns& columns) {
  Findings f;
  take_records(columns, f);
  find_bad(f);
  if (records_before_bad(f) > 0) {
    find_levels(f);
    find_ending(f);
    if (f.ending != Ending::falling && f.ending != Ending::level) find_rise(records_before_bad(f), f);
    find_spikes(f);
  } else {
    f.ending = Ending::not_a_number;
  }
  look_at_other_columns(columns, f);
  return f;
}

}  // namespace etamax
