#include "etamax/diagnose/findings.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "etamax/core/statistics.h"
#include "etamax/diagnose/other_columns.h"

namespace etamax {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kClear = 0.4;  // a rise of half as much again
constexpr double kTwice = 0.693;
constexpr double kHighest = 709.7;  // of the largest double
constexpr double kLearned = 0.15;   // a fall that is more than the way from a random start to a constant guess

/// The median of the finite values of [first, last).
double median_of(const std::vector<double>& all, std::size_t first, std::size_t last) {
  std::vector<double> part;
  for (std::size_t i = first; i < std::min(last, all.size()); ++i)
    if (std::isfinite(all[i])) part.push_back(all[i]);
  return median(std::move(part));
}

std::vector<double> running_median(const std::vector<double>& values, std::size_t reach) {
  std::vector<double> level(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    level[i] = median_of(values, i > reach ? i - reach : 0, i + reach + 1);
  return level;
}

/// A robust standard deviation of single records, from second differences: a smooth course adds nothing to
/// them. For independent noise their variance is 6 times that of one record.
double noise_of(const std::vector<double>& values, std::size_t first, std::size_t last) {
  std::vector<double> steps;
  for (std::size_t i = first + 2; i < std::min(last, values.size()); ++i) {
    const double d = std::abs(values[i] - 2 * values[i - 1] + values[i - 2]);
    if (std::isfinite(d)) steps.push_back(d);
  }
  return steps.empty() ? 0 : 1.4826 * median(std::move(steps)) / std::sqrt(6.0);
}

class Finder {
 public:
  explicit Finder(const LogColumns& columns) : columns_(columns) {}

  Findings run() {
    take_heights();
    find_bad();
    find_ending();
    if (f_.onset) describe_rise(), find_alternation();
    find_spikes();
    look_at_other_columns(columns_, f_);
    return std::move(f_);
  }

 private:
  void take_heights() {
    double lowest = INFINITY;
    std::vector<double> values, gaps;
    for (const LogSeries::Sample& s : columns_.loss) {
      f_.step.push_back(s.step), f_.raw.push_back(s.value);
      if (f_.step.size() > 1 && s.records == 1) gaps.push_back(f_.step.back() - f_.step[f_.step.size() - 2]);
      if (!std::isfinite(s.value)) continue;
      lowest = std::min(lowest, s.value);
      values.push_back(s.value);
    }
    f_.finite = values.size();
    f_.records_per_line = gaps.empty() ? 1 : median(gaps);
    f_.positive = lowest > 0;
    double offset = 0;
    if (!f_.positive && !values.empty()) {
      std::sort(values.begin(), values.end());
      const double usual = values[values.size() * 3 / 4] / 10 - values[values.size() / 4] / 10;
      offset = lowest - std::max(usual, std::max(std::abs(lowest), 1.0) * 1e-6);
    }
    for (const double v : f_.raw)
      f_.height.push_back(std::isfinite(v) ? std::min(std::log(v - offset), kHighest) : kNaN);
  }

  void find_bad() {
    std::size_t n = f_.height.size(), trailing = n;
    while (trailing > 0 && std::isnan(f_.height[trailing - 1])) --trailing;
    for (std::size_t i = 0; i < trailing; ++i) f_.passing_bad += std::isnan(f_.height[i]) ? 1 : 0;
    if (trailing < n) {
      f_.first_bad = trailing;
      f_.bad_is_nan = std::isnan(f_.raw[trailing]);
    }
    // Half of the last records: it does not come back either.
    if (!f_.first_bad && f_.passing_bad > 0) {
      std::size_t from = n - std::min<std::size_t>(n, 20), bad = 0;
      for (std::size_t i = from; i < n; ++i) bad += std::isnan(f_.height[i]) ? 1 : 0;
      if (2 * bad >= n - from) {
        std::size_t first = 0;
        while (!std::isnan(f_.height[first])) ++first;
        f_.first_bad = first;
        f_.bad_is_nan = std::isnan(f_.raw[first]);
      }
    }
    last_ = f_.first_bad.value_or(n);
  }

  void find_ending() {
    const std::vector<double>& h = f_.height;
    if (last_ == 0) {
      f_.ending = Ending::not_a_number;
      return;
    }
    f_.noise = noise_of(h, 0, last_);
    reach_ = f_.noise > 0.02 ? std::clamp<std::size_t>(last_ / 40, 1, 12) : 1;
    level_ = running_median(h, reach_);
    // Of a noisy log the first records, unless they rise.
    f_.start = median_of(h, 0, std::min<std::size_t>(last_, f_.noise > 0.1 ? 5 : 1));
    if (std::isfinite(h[0])) f_.start = std::min(f_.start, h[0] + 2 * f_.noise);
    const std::size_t tail = std::clamp<std::size_t>(last_ / 10, 2, 50);
    f_.end = median_of(h, last_ - std::min(tail, last_), last_);
    std::vector<double> off;
    for (std::size_t k = last_ - std::min(2 * tail, last_); k < last_; ++k)
      if (std::isfinite(h[k])) off.push_back(std::abs(h[k] - f_.end));
    f_.end_noise = 1.4826 * median(std::move(off));
    f_.best = f_.start;
    for (std::size_t i = 0; i < last_; ++i)
      if (std::isfinite(level_[i])) f_.best = std::min(f_.best, level_[i]);
    const double spread = f_.noise / std::sqrt(static_cast<double>(tail));
    // The best level is the lowest of many medians of so many records, lower than usual by chance.
    const double width = static_cast<double>(2 * reach_ + 1), windows = static_cast<double>(last_) / width;
    const double luck = 1.25 * f_.noise / std::sqrt(width) * std::sqrt(2 * std::log(std::max(windows, 1.0)));
    const double clear = std::max(kClear, 6 * spread + luck);
    if (f_.first_bad) {
      f_.ending = Ending::not_a_number;
      find_onset(h[last_ - 1]);
    } else if (f_.end > f_.start + std::max(kTwice, 6 * spread)) {
      f_.ending = Ending::above_start;
      find_onset(f_.end);
    } else if (f_.end > f_.best + clear) {
      f_.ending = f_.end > f_.start - 0.15 ? Ending::at_start : Ending::above_best;
      find_onset(f_.end);
    } else if (stuck_after_excursion()) {
      f_.ending = Ending::at_start;
      find_onset(highest_);
    } else if (f_.end > f_.start - std::max(kLearned, 3 * spread)) {
      f_.ending = Ending::never_moved;
    } else {
      f_.ending = Ending::good;
    }
    f_.constant_guess = constant_guess();
  }

  /// It once stood far above its start, and has been at rest near it for the last third of the log.
  bool stuck_after_excursion() {
    highest_ = -INFINITY;
    std::size_t at = 0;
    for (std::size_t i = 0; i < last_; ++i)
      if (f_.height[i] > highest_) highest_ = f_.height[i], at = i;
    const double rest = median_of(f_.height, last_ - last_ / 3, last_ - last_ / 6);
    return highest_ > std::max(f_.start, f_.end) + std::max(0.35, 6 * f_.end_noise) && 3 * at < 2 * last_ &&
           f_.end > f_.start - 0.35 && f_.end_noise < 0.1 && std::abs(rest - f_.end) < 0.05;
  }

  /// The number of classes whose constant guess has the loss that the log rests at, ln k; 0 for none.
  int constant_guess() const {
    const std::size_t third = last_ / 3;
    if (!f_.positive || third < 3 || f_.first_bad) return 0;
    const double middle = median_of(f_.height, third, last_ - third), late = median_of(f_.height, last_ - third, last_);
    if (std::abs(middle - late) > 0.03 || f_.end_noise > 0.15) return 0;
    for (const int classes : {2, 10, 100, 1000})
      if (std::abs(late - std::log(std::log(classes))) < 0.025) return classes;
    return 0;
  }

  /// The last calm record before the log reaches `high` for good (or is no number). Calm means within the
  /// noise of the lowest level so far, and below a third of the way up.
  void find_onset(double high) {
    const std::vector<double>& h = f_.height;
    std::vector<double> lowest(last_);
    double low = INFINITY;
    for (std::size_t i = 0; i < last_; ++i) {
      if (std::isfinite(level_[i])) low = std::min(low, level_[i]);
      if (i == 0 && std::isfinite(h[0])) low = std::min(low, h[0]);
      lowest[i] = low;
    }
    const double noise = noise_of(h, 0, last_);
    const auto calm = [&](std::size_t i) {
      if (!std::isfinite(h[i])) return false;
      const double way = std::max(high - lowest[i], 0.0);
      const double allowed = std::min(std::max(4 * noise, 0.1), std::max(way / 3, std::min(4 * noise, 0.1)));
      return h[i] <= lowest[i] + allowed;
    };
    std::size_t i = last_ - 1;
    while (i > 0 && !calm(i)) --i;
    f_.onset = i;
    f_.level_before = median_of(h, i > 8 ? i - 8 : 0, i + 1);
    // The crest: the first record, after the onset, from which it does not rise on.
    std::size_t crest = i;
    double highest = -INFINITY;
    for (std::size_t k = i; k < last_; ++k) {
      if (!std::isfinite(h[k])) continue;
      if (h[k] > highest) highest = h[k], crest = k;
      if (k > crest + 3 && !f_.first_bad && highest > f_.level_before + (high - f_.level_before) / 2) break;
    }
    f_.crest = crest;
    f_.rise = h[crest] - f_.level_before;
    f_.rising_records = crest - i;
    f_.noise = noise_of(h, 0, std::max<std::size_t>(i + 1, 4));
    f_.noise_after = noise_of(h, crest, last_);
  }

  void describe_rise() {
    const std::vector<double>& h = f_.height;
    double largest = 0, before = h[*f_.onset];
    for (std::size_t i = *f_.onset + 1; i <= f_.crest; ++i) {
      if (!std::isfinite(h[i])) continue;
      largest = std::max(largest, h[i] - before);
      before = h[i];
    }
    f_.largest_jump = f_.rise > 0 ? std::min(largest / f_.rise, 1.0) : 0;
    const double next = *f_.onset < f_.crest ? h[*f_.onset + 1] - f_.level_before : 0;
    f_.first_jump = f_.rise > 0 && std::isfinite(next) ? std::clamp(next / f_.rise, 0.0, 1.0) : 0;
    if (!f_.positive) return;
    f_.growth_level = std::exp(f_.level_before);
    // The loss above its level before, where it stands out of the noise.
    std::vector<double> t, above;
    for (std::size_t i = *f_.onset; i <= f_.crest; ++i) {
      const double excess = f_.raw[i] - f_.growth_level;
      t.push_back(f_.step[i]);
      above.push_back(excess > f_.growth_level * std::max(3 * f_.noise, 1e-12) ? excess : kNaN);
    }
    f_.growth = fit_growth(t, above, std::max<std::size_t>(4, t.size() / 2));
    if (f_.growth) f_.growth->first += *f_.onset, f_.growth->last += *f_.onset;
  }

  /// The longest stretch, from a little before the onset on, where the loss is in turn above and below the
  /// mean of its neighbors, by about as much each time. Noise is not: its heights differ.
  void find_alternation() {
    const std::vector<double>& h = f_.height;
    std::size_t length = 0;
    double before = 0;
    for (std::size_t i = std::max<std::size_t>(*f_.onset, 11) - 10; i + 1 < last_; ++i) {
      const double off = h[i] - (h[i - 1] + h[i + 1]) / 2;
      const bool turns =
          off * before < 0 && std::abs(off) < 2 * std::abs(before) && std::abs(off) > std::abs(before) / 2;
      length = turns ? length + 1 : std::isfinite(off) ? 1 : 0;
      f_.alternating = std::max(f_.alternating, length);
      before = off;
    }
  }

  void find_spikes() {
    const std::vector<double>& h = f_.height;
    const std::size_t end = f_.onset ? *f_.onset + 1 : last_;
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
      if (i < end && spike.first > 0) f_.spikes.push_back(spike);  // it came back, and had come from below
    }
  }

  const LogColumns& columns_;
  Findings f_;
  std::vector<double> level_;
  double highest_ = 0;
  std::size_t last_ = 0, reach_ = 1;  // records before it is bad for good
};

}  // namespace

Findings find(const LogColumns& columns) { return Finder(columns).run(); }

}  // namespace etamax
