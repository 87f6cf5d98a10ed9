#include "etamax/diagnose/signs.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>

#include "etamax/diagnose/heights.h"
#include "etamax/diagnose/printed_words.h"
#include "etamax/diagnose/sentences.h"

namespace etamax {
namespace {

constexpr double kClearInFew = 0.03;

/// So few records that neither a rise nor a fall stands out of their noise.
bool is_short_and_level(const Findings& f) {
  constexpr std::size_t kFew = 12;
  return !f.first_bad && f.passing_bad == 0 && f.finite >= 2 && f.finite <= kFew && f.ending == Ending::level;
}

/// The lowest record where four at least come after it, of a run of one player that has lost no value.
std::optional<std::size_t> lowest_long_ago(const Findings& f) {
  constexpr std::size_t kFewest = 4;
  if (f.first_bad || f.passing_bad > 0 || f.players || f.finite == 0) return {};
  const std::size_t low = lowest_record(f, f.height.size());
  return low + kFewest < f.height.size() ? std::optional(low) : std::nullopt;
}

auto after(const Findings& f, std::size_t record) { return f.height.begin() + static_cast<std::ptrdiff_t>(record) + 1; }

/// "" where there is none.
template <typename Is>
std::string first_message(const Findings& f, Is is) {
  const auto found = std::find_if(f.messages.begin(), f.messages.end(), is);
  return found == f.messages.end() ? std::string() : *found;
}

}  // namespace

std::size_t end_of(const Findings& f) { return f.first_bad.value_or(f.raw.size()); }

std::size_t last_record(const Findings& f) { return f.raw.size() - 1; }

std::size_t before_bad(const Findings& f) {
  std::size_t i = end_of(f);
  while (i > 1 && !std::isfinite(f.raw[i - 1])) --i;
  return i > 0 ? i - 1 : 0;
}

std::size_t farthest(const Findings& f) {
  const std::size_t low = lowest_record(f, end_of(f)), high = highest_record(f, end_of(f)), last = before_bad(f);
  return f.height[high] - f.height[last] > f.height[last] - f.height[low] ? high : low;
}

std::size_t lowest_of_last(const Findings& f) {
  std::size_t lowest = before_bad(f);
  for (std::size_t i = end_of(f); i-- > 0 && i + kLast >= end_of(f);)
    if (f.height[i] < f.height[lowest]) lowest = i;
  return lowest;
}

std::size_t highest_of_last(const Findings& f) {
  std::size_t highest = before_bad(f);
  for (std::size_t i = end_of(f); i-- > 0 && i + kLast >= end_of(f);)
    if (f.height[i] > f.height[highest]) highest = i;
  return highest;
}

bool rests_huge(const Findings& f) { return !f.first_bad && f.resting >= 3 && f.raw.back() > 1e6; }

bool is_level(const Findings& f) {
  return f.ending == Ending::level && !rests_huge(f) && !stays_above_first(f) && !ends_on_highest(f) &&
         !jumps_at_the_end(f) && !stays_above_lowest(f) && !settles_above_lowest(f) && !turned_up(f) &&
         !swings_grow(f) && !leaps_often(f) && !stands_high(f) && !fell_at_first(f) && !grows_astronomic(f);
}

bool swings_widely(const Findings& f) {
  if (f.finite < 4 || ends_on_highest(f) || stays_above_lowest(f) || rose_gradually(f) || f.trend <= -2) return false;
  const std::size_t low = lowest_of_last(f), high = highest_of_last(f);
  return f.height[high] - f.height[low] > 1.1 && f.noise > 0.2;
}

bool ends_on_highest(const Findings& f) {
  if (f.first_bad || f.finite < 4) return false;
  const double last = f.height.back();
  if (!(last > median_of(f.height, 0, f.height.size() - 1) + 1)) return false;
  return std::all_of(f.height.begin(), f.height.end(), [&](double h) { return !(h > last); });
}

bool jumps_at_the_end(const Findings& f) {
  constexpr double kClear = 0.4, kNoises = 4;
  return !f.first_bad && f.finite >= 3 && !ends_on_highest(f) &&
         f.last_margin > std::max(kClear, kNoises * f.noise_before_last);
}

bool stays_above_first(const Findings& f) {
  constexpr double kClear = 0.15;
  constexpr std::size_t kFewest = 4;
  return !f.first_bad && !f.players && f.finite >= kFewest && f.from_beginning && f.first_margin > kClear;
}

bool stays_above_lowest(const Findings& f) {
  constexpr double kThreefold = 1.1;
  const auto low = lowest_long_ago(f);
  return low && *std::min_element(after(f, *low), f.height.end()) > std::max(f.height[*low] + kThreefold, f.height[0]);
}

bool settles_above_lowest(const Findings& f) {
  constexpr double kClear = 0.15, kTimesTheSpread = 3;
  const auto low = lowest_long_ago(f);
  if (!low || *low == 0) return false;
  const auto [lowest, highest] = std::minmax_element(after(f, *low), f.height.end());
  const double gap = std::max(kClear, kTimesTheSpread * (*highest - *lowest));
  // A single low record is one of noise.
  return std::max(f.height[*low], f.height[*low - 1]) + gap < *lowest;
}

bool turned_up(const Findings& f) {
  constexpr double kClear = 0.1;
  constexpr std::size_t kFewest = 3;
  if (f.first_bad || f.passing_bad > 0 || f.players || f.finite < kFewest + 2) return false;
  const std::size_t low = lowest_record(f, f.height.size()), last = last_record(f);
  return low > 0 && low + kFewest <= last && f.height[last] > f.height[low] + kClear &&
         std::adjacent_find(after(f, low) - 1, f.height.end(), std::greater_equal<>()) == f.height.end();
}

bool gradient_turned_up(const Findings& f) {
  constexpr double kThreefold = 3;
  return turned_up(f) && f.gradient_at_lowest && *f.gradient_at_last > kThreefold * *f.gradient_at_lowest;
}

bool swings_grow(const Findings& f) {
  constexpr std::size_t kSwings = 6;
  constexpr double kTimes = 2;
  if (f.first_bad || f.passing_bad > 0 || f.finite == 0 || f.raw.size() < kSwings + 1) return false;
  std::array<double, kSwings> swing;
  for (std::size_t i = 0; i < kSwings; ++i) {
    const std::size_t at = f.raw.size() - kSwings + i;
    swing[i] = f.raw[at] - f.raw[at - 1];
    if (i > 0 && !(swing[i] * swing[i - 1] < 0)) return false;
    if (i > 1 && !(std::abs(swing[i]) > std::abs(swing[i - 2]))) return false;
  }
  return std::abs(swing[kSwings - 1]) > kTimes * std::abs(swing[1]);
}

bool stays_below_first(const Findings& f) {
  constexpr double kClear = 0.15;
  constexpr std::size_t kFewest = 4;
  return is_level(f) && f.finite >= kFewest && f.from_beginning && f.constant_guess == 0 && f.first_drop > kClear;
}

bool moves_little_later(const Findings& f) {
  constexpr double kLittle = 0.1;
  return is_short_and_level(f) && !f.from_beginning && (f.steps_known || f.epochs) && f.resting < f.raw.size() &&
         f.height[highest_record(f, f.raw.size())] - f.height[lowest_record(f, f.raw.size())] < kLittle;
}

bool died_at_guess(const Findings& f) {
  constexpr double kClear = 0.02;
  constexpr std::size_t kResting = 3;
  return !f.first_bad && f.constant_guess > 0 && f.resting >= kResting &&
         f.height[lowest_record(f, f.raw.size())] < f.height.back() - kClear;
}

bool grows_astronomic(const Findings& f) {
  constexpr double kAstronomic = 1e12;
  constexpr std::size_t kFewest = 3;
  if (f.first_bad || f.passing_bad > 0 || f.raw.size() < kFewest || !(f.raw[0] > kAstronomic)) return false;
  for (std::size_t i = 1; i < f.raw.size(); ++i)
    if (!(f.raw[i] > f.raw[i - 1])) return false;
  return true;
}

bool crept_up(const Findings& f) {
  constexpr double kLittle = 0.02;
  constexpr std::size_t kFewest = 6;
  if (!f.first_bad || f.finite == 0) return false;
  const std::size_t low = lowest_record(f, *f.first_bad), last = before_bad(f);
  return last + 1 >= low + kFewest && f.height[last] > f.height[low] + kLittle &&
         trend_score(f.height, low, last + 1) > 2;
}

bool is_highest_at_once(const Findings& f) {
  if (!ends_on_highest(f)) return false;
  const std::size_t last = last_record(f);
  const double usual = median_of(f.height, 0, last);
  return std::isfinite(f.height[last - 1]) && f.height[last - 1] - usual < 0.2 * (f.height[last] - usual);
}

bool rises(const Findings& f) {
  return grows_astronomic(f) || (f.trend >= 2 && f.finite >= 4 && !rises_little(f) && !fell_at_first(f));
}

bool leaps_often(const Findings& f) { return !f.first_bad && f.leaps >= 2 && 6 * f.leaps > f.finite; }

bool stands_high(const Findings& f) {
  constexpr double kHigh = 9.2;  // ln 10,000
  return !f.first_bad && f.positive && f.from_beginning && f.finite >= 3 && f.best > kHigh &&
         f.ending != Ending::falling && !rests_huge(f);
}

bool came_down_from_astronomic(const Findings& f) {
  constexpr double kAstronomic = 1e9, kHundredfold = 4.6;
  return !f.first_bad && f.finite >= 2 && f.raw[0] > kAstronomic && std::isfinite(f.height[1]) &&
         f.height[0] - f.height[1] > kHundredfold;
}

bool falls(const Findings& f) {
  if (fell_at_first(f)) return true;
  return !f.first_bad && !leaps_often(f) && f.ending == Ending::falling && f.constant_guess == 0 && !falls_little(f) &&
         !is_interrupted_among_few(f);
}

bool fell_at_first(const Findings& f) {
  constexpr double kFar = 1.1, kHardly = 0.1;  // to a third; of that fall
  constexpr std::size_t kFewest = 6;
  if (f.first_bad || f.passing_bad > 0 || f.finite < kFewest || f.constant_guess > 0 || !f.positive) return false;
  double low = f.height[1], high = f.height[1];
  for (std::size_t i = 2; i < f.height.size(); ++i)
    low = std::min(low, f.height[i]), high = std::max(high, f.height[i]);
  return f.height[0] - high > kFar && high - low < kHardly * (f.height[0] - high);
}

bool falls_little(const Findings& f) {
  constexpr double kLittle = 0.02;
  const bool from_first = f.from_beginning || (!f.steps_known && !f.epochs);
  return !f.first_bad && f.ending == Ending::falling && f.positive && f.fall < kLittle && from_first;
}

bool is_interrupted_among_few(const Findings& f) {
  constexpr std::size_t kFew = 10;
  return !f.first_bad && f.passing_bad > 0 && f.finite < kFew;
}

bool ends_below_first(const Findings& f) {
  return is_short_and_level(f) && f.height[last_record(f)] < f.height[0] - kClearInFew &&
         lowest_record(f, f.raw.size()) + 2 >= f.raw.size();
}

bool ends_above_first(const Findings& f) {
  return is_short_and_level(f) && f.height[last_record(f)] > f.height[0] &&
         highest_record(f, f.raw.size()) == last_record(f);
}

bool falls_each_time(const Findings& f) {
  constexpr std::size_t kFewest = 3;
  if (!is_short_and_level(f) || f.raw.size() < kFewest) return false;
  for (std::size_t i = 1; i < f.raw.size(); ++i)
    if (!(f.raw[i] < f.raw[i - 1])) return false;
  return true;
}

bool rises_little(const Findings& f) {
  constexpr double kLittle = 0.08;
  return !f.first_bad && f.finite > 0 &&
         f.height[highest_record(f, f.raw.size())] - f.height[lowest_record(f, f.raw.size())] < kLittle;
}

bool rose_gradually(const Findings& f) {
  return f.onset && f.rising_records >= 3 && f.largest_jump < 0.6 && f.rise > std::max(1.0, 6 * f.noise);
}

bool rose_by_amounts(const Findings& f) {
  constexpr std::size_t kFewest = 9;
  constexpr double kTwice = 0.693, kStraight = 0.95, kNoFaster = 1.1;
  if (f.first_bad || f.passing_bad > 0 || !f.onset || f.rising_records < kFewest || f.rise < kTwice) return false;
  const auto explained = [&](std::size_t first, std::size_t last) {  // by a line, and its slope
    const double n = static_cast<double>(last - first);
    double t = 0, y = 0, tt = 0, ty = 0, yy = 0;
    for (std::size_t i = first; i < last; ++i) t += f.step[i] / n, y += f.raw[i] / n;
    for (std::size_t i = first; i < last; ++i) {
      const double a = f.step[i] - t, b = f.raw[i] - y;
      tt += a * a, ty += a * b, yy += b * b;
    }
    return std::array{yy > 0 ? ty / tt * ty / yy : 0, ty / tt};
  };
  const std::size_t middle = (*f.onset + f.crest) / 2;
  return explained(*f.onset, f.crest + 1)[0] > kStraight &&
         explained(middle, f.crest + 1)[1] <= kNoFaster * explained(*f.onset, middle + 1)[1];
}

bool rises_as_the_count(const Findings& f) {
  constexpr std::size_t kFewest = 4;
  constexpr double kTenfold = 10, kWithin = 3, kNoFaster = 1.1;
  if (f.first_bad || f.passing_bad > 0 || f.raw.size() < kFewest || !(f.raw[0] > 0)) return false;
  const double first = f.step[0] < 1 ? 1 - f.step[0] : 0;  // a count from 0 on is one behind
  const auto mean = [&](std::size_t i) { return f.raw[i] / (f.step[i] + first); };
  const std::size_t last = last_record(f), middle = last / 2;
  double least = mean(0), most = mean(0);
  for (std::size_t i = 1; i <= last; ++i) {
    if (!(f.raw[i] > f.raw[i - 1])) return false;
    least = std::min(least, mean(i)), most = std::max(most, mean(i));
  }
  const auto slope = [&](std::size_t from, std::size_t to) {
    return (f.raw[to] - f.raw[from]) / (f.step[to] - f.step[from]);
  };
  return f.step[last] + first >= kTenfold * (f.step[0] + first) && most <= kWithin * least &&
         slope(middle, last) <= kNoFaster * slope(0, middle);
}

bool leapt(const Findings& f) {
  return f.onset && *f.onset >= 5 && !f.rate_rose && f.steps_known && f.records_per_line <= 2 &&
         f.rise * f.first_jump > 6.9;
}

bool rose_at_first(const Findings& f) { return f.early_rise > 1 && (f.first_bad || f.onset); }

bool broke_at_once(const Findings& f) {
  constexpr std::size_t kSoon = 12;
  const bool calm = !rose_at_first(f) || *f.first_bad > kSoon;
  return f.first_bad && f.onset && calm && f.rise <= std::max(0.4, 5 * f.noise);
}

bool spikes_built_up(const Findings& f) {
  const auto built_up =
      std::count_if(f.spikes.begin(), f.spikes.end(), [](const auto& s) { return s.peak - s.first >= 2; });
  return built_up > 0 && 2 * built_up >= static_cast<std::ptrdiff_t>(f.spikes.size());
}

const Findings::Spike& highest_spike(const Findings& f) {
  return *std::max_element(f.spikes.begin(), f.spikes.end(),
                           [](const auto& a, const auto& b) { return a.rise < b.rise; });
}

bool weights_held(const Findings& f) {
  return f.first_bad && f.weights_before &&
         std::abs(f.weights_peak.value_or(*f.weights_before) / *f.weights_before - 1) < 0.1;
}

bool weights_survived(const Findings& f) {
  return weights_held(f) && f.weights_after_bad && *f.first_bad + 1 < f.step.size() &&
         std::abs(*f.weights_after_bad / *f.weights_before - 1) < 0.1;
}

std::string said(const Findings& f, const char* part) {
  return first_message(f, [&](const std::string& message) { return message.find(part) != std::string::npos; });
}

bool says(const Findings& f, const char* part) { return !said(f, part).empty(); }

std::string message_of_edge(const Findings& f) {
  return first_message(f, [](const std::string& message) { return !unbounded_derivative(message).empty(); });
}

bool rose_before_bad(const Findings& f) {
  constexpr double kThird = 0.3;
  return f.first_bad && f.onset && f.rise > std::max(kThird, 2 * f.noise);
}

}  // namespace etamax
