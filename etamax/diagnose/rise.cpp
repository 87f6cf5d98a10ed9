#include "etamax/diagnose/rise.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "etamax/diagnose/heights.h"

namespace etamax {
namespace {

constexpr double kLittle = 0.1;           // that a calm loss may rise
constexpr double kRetreat = 0.25;         // of a rise so far, that it may fall back without having ended
constexpr double kShare = 0.3;            // of the height above the best level, likewise
constexpr std::size_t kLevelRecords = 8;  // before the onset, of the level there

/// The record that the log rises to at its end, and how high that is.
struct Summit {
  std::size_t record;
  double height;
};

Summit summit_of(const Findings& f, std::size_t last) {
  const std::vector<double>& h = f.height;
  std::size_t at = last - 1;
  while (at > 0 && !std::isfinite(h[at])) --at;
  const std::size_t latest = at;
  if (!f.first_bad) {
    if (f.ending != Ending::at_start) return {at, std::max(h[at], f.end)};
    // It came back to its start: what it had risen to.
    for (std::size_t i = 0; i < last; ++i)
      if (h[i] > h[at] || !std::isfinite(h[at])) at = i;
    return {at, h[at]};
  }
  for (std::size_t i = at; i > 0 && i + 3 > last; --i)
    if (h[i] > h[at]) at = i;
  const double clear = std::max(4 * noise_of(h, 0, last), kLittle);
  if (h[at] < h[latest] + clear || (at > 0 && !(h[at] > h[at - 1] + clear))) at = latest;  // no peak of its own
  return {at, h[at]};
}

/// The last calm record before the rise to the summit. Going back from it, the rise has begun where the records before
/// are higher again by a quarter of it, and the last record as low as the lowest since, but for the noise, is calm.
std::size_t onset_of(const Findings& f, const Summit& summit) {
  const std::vector<double>& h = f.height;
  const double usual = noise_of(h, 0, summit.record + 1);
  double lowest = summit.height;
  std::size_t begin = summit.record;
  for (std::size_t i = summit.record; i-- > 0;) {
    if (!std::isfinite(h[i])) continue;
    if (h[i] >
        lowest + std::max({kRetreat * (summit.height - lowest), kLittle, 4 * usual, kShare * (summit.height - f.best)}))
      break;
    lowest = std::min(lowest, h[i]);
    begin = i;
  }
  const double way = std::max(summit.height - lowest, 0.0);
  if (f.first_bad && way <= std::max(5 * usual, kLittle)) return summit.record;  // nothing stands out of the noise
  std::size_t left = begin;  // the first record that is clearly on its way up
  for (bool low = false; left < summit.record; ++left) {
    low = low || h[left] <= lowest;
    if (low && h[left] > lowest + 0.3 * way) break;
  }
  const double noise = noise_of(h, begin, left);
  const double allowed = std::min(std::max(4 * noise, kLittle), std::max(way / 3, std::min(4 * noise, kLittle)));
  std::size_t onset = summit.record;
  while (onset > begin && !(h[onset] <= lowest + allowed)) --onset;
  return onset;
}

/// The highest record of the rise from the onset, after which it does not rise on.
std::size_t crest_of(const Findings& f, std::size_t last, double high) {
  std::size_t crest = *f.onset;
  double highest = -INFINITY;
  for (std::size_t k = *f.onset; k < last; ++k) {
    if (!std::isfinite(f.height[k])) continue;
    if (f.height[k] > highest) highest = f.height[k], crest = k;
    if (k > crest + 3 && !f.first_bad && highest > f.level_before + (high - f.level_before) / 2) break;
  }
  return crest;
}

void describe_jumps(Findings& f) {
  const std::vector<double>& h = f.height;
  double largest = 0, before = h[*f.onset], jump_before = 0;
  for (std::size_t i = *f.onset + 1; i <= f.crest; ++i) {
    if (!std::isfinite(h[i])) continue;
    const double jump = h[i] - before;
    f.accelerating = jump > std::max(jump_before, 2 * f.noise) ? f.accelerating + 1 : jump > 0 ? 1 : 0;
    largest = std::max(largest, jump);
    before = h[i], jump_before = jump;
  }
  f.largest_jump = f.rise > 0 ? std::min(largest / f.rise, 1.0) : 0;
  const double next = *f.onset < f.crest ? h[*f.onset + 1] - f.level_before : 0;
  f.first_jump = f.rise > 0 && std::isfinite(next) ? std::clamp(next / f.rise, 0.0, 1.0) : 0;
}

void fit_excess(Findings& f) {
  if (!f.positive) return;
  f.growth_level = std::exp(f.level_before);
  // The loss above its level before, where it stands out of the noise.
  std::vector<double> t, above;
  for (std::size_t i = *f.onset; i <= f.crest; ++i) {
    const double excess = f.raw[i] - f.growth_level;
    t.push_back(f.step[i]);
    above.push_back(excess > f.growth_level * std::max(3 * f.noise, 1e-12) ? excess
                                                                           : std::numeric_limits<double>::quiet_NaN());
  }
  f.growth = fit_growth(t, above, std::max<std::size_t>(4, t.size() / 2));
  if (f.growth) f.growth->first += *f.onset, f.growth->last += *f.onset;
}

/// The longest stretch, from a little before the onset on, where the loss is in turn above and below the
/// mean of its neighbors, by about as much each time. Noise is not: its heights differ.
std::size_t alternating_records(const Findings& f, std::size_t last) {
  const std::vector<double>& h = f.height;
  std::size_t length = 0, longest = 0;
  double before = 0;
  for (std::size_t i = std::max<std::size_t>(*f.onset, 11) - 10; i + 1 < last; ++i) {
    const double off = h[i] - (h[i - 1] + h[i + 1]) / 2;
    const bool turns = off * before < 0 && std::abs(off) < 2 * std::abs(before) && std::abs(off) > std::abs(before) / 2;
    length = turns ? length + 1 : std::isfinite(off) ? 1 : 0;
    longest = std::max(longest, length);
    before = off;
  }
  return longest;
}

}  // namespace

void find_rise(std::size_t last, Findings& f) {
  if (!std::any_of(f.height.begin(), f.height.begin() + static_cast<std::ptrdiff_t>(last),
                   [](double h) { return std::isfinite(h); }))
    return;
  const Summit summit = summit_of(f, last);
  const std::size_t onset = onset_of(f, summit);
  f.onset = onset;
  f.level_before = std::min(median_of(f.height, onset > kLevelRecords ? onset - kLevelRecords : 0, onset + 1),
                            f.height[onset] + kLittle);
  f.crest = crest_of(f, last, summit.height);
  f.rise = f.height[f.crest] - f.level_before;
  f.rising_records = f.crest - onset;
  f.noise = noise_of(f.height, 0, onset + 1);
  f.noise_after = noise_of(f.height, f.crest, last);
  describe_jumps(f);
  fit_excess(f);
  f.alternating = alternating_records(f, last);
}

}  // namespace etamax
