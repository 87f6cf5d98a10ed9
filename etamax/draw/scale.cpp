#include "etamax/draw/scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/decimal.h"
#include "etamax/core/format.h"

namespace etamax {
namespace {

constexpr double kFar = 1e6;         // in units of the axis: far outside, yet harmless to draw with
constexpr double kTiniest = 1e-290;  // ranges below it are widened to it: their steps could not be told apart

double power_of_ten(double exponent) { return std::pow(10.0, exponent); }

/// `value` as one of the ticks that stand `step` apart.
std::string linear_label(double value, double step) {
  if (std::abs(value) < step / 2) return "0";
  const double largest = std::abs(value);
  if (largest >= 1e5 || step < 1e-4) {
    const int digits =
        1 + std::max(0, static_cast<int>(std::floor(std::log10(largest)) - std::floor(std::log10(step) + 1e-9)));
    return format_number(value, std::min(digits, 15));
  }
  return fmt::format("{:.{}f}", value, std::max(0, static_cast<int>(-std::floor(std::log10(step) + 1e-9))));
}

bool labels_fit(const std::vector<Tick>& ticks, const Scale& scale, double length, double gap,
                const std::function<double(const std::string&)>& extent_of) {
  double end = -1e300;
  for (const Tick& tick : ticks) {
    if (tick.label.empty()) continue;
    const double at = scale.position(tick.value) * length, half = extent_of(tick.label) / 2;
    if (at - half < end + gap) return false;
    end = at + half;
  }
  return true;
}

std::size_t labelled(const std::vector<Tick>& ticks) {
  return static_cast<std::size_t>(
      std::count_if(ticks.begin(), ticks.end(), [](const Tick& t) { return !t.label.empty(); }));
}

/// Multiples of `step` within the scale.
std::vector<Tick> multiples(const Scale& scale, double step) {
  std::vector<Tick> ticks;
  const double first = std::ceil(scale.low / step - 1e-9), last = std::floor(scale.high / step + 1e-9);
  if (!(last - first <= 100)) return ticks;
  for (double k = first; k <= last; ++k)
    if (std::isfinite(k * step)) ticks.push_back({k * step, linear_label(k * step, step)});
  return ticks;
}

std::vector<Tick> linear_ticks(const Scale& scale, double length, double gap,
                               const std::function<double(const std::string&)>& extent_of) {
  const double span = scale.high / 10 - scale.low / 10;  // a tenth of it, which cannot overflow
  const double magnitude = std::floor(std::log10(span));
  std::vector<Tick> ticks;
  for (double exponent = magnitude; exponent <= magnitude + 2; ++exponent)
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double step = factor * power_of_ten(exponent);
      std::vector<Tick> candidate = multiples(scale, step);
      if (candidate.empty() || candidate.size() > 9) continue;
      if (labelled(candidate) < 2 && !ticks.empty()) continue;
      ticks = std::move(candidate);
      if (labels_fit(ticks, scale, length, gap, extent_of)) return ticks;
    }
  // Not even two labels fit side by side: one stays.
  for (std::size_t i = 1; i < ticks.size(); ++i) ticks[i].label.clear();
  return ticks;
}

/// The digits 1..9 of every decade, labelled where `digits` holds them; every `stride`-th decade only.
std::vector<Tick> decade_ticks(const Scale& scale, const std::vector<int>& digits, int stride, bool minor) {
  std::vector<Tick> ticks;
  const int first = std::max(-324, static_cast<int>(std::floor(scale.low)) - 1);
  const int last = std::min(308, static_cast<int>(std::ceil(scale.high)) + 1);
  for (int decade = first; decade <= last; ++decade) {
    const bool on_stride = ((decade % stride) + stride) % stride == 0;
    if (!on_stride && !minor) continue;
    for (int digit = 1; digit <= (stride == 1 && minor ? 9 : digits.back()); ++digit) {
      const bool named = on_stride && std::find(digits.begin(), digits.end(), digit) != digits.end();
      if (!named && !minor) continue;
      // Parsed, not multiplied: 3e-5 is then the number that a person would have typed.
      const double value = *decimal_value(fmt::format("{}e{}", digit, decade));
      const double position = scale.position(value);
      if (!(position >= -1e-9 && position <= 1 + 1e-9) || std::isinf(value)) continue;
      ticks.push_back({value, named ? format_number(value) : ""});
    }
  }
  return ticks;
}

std::vector<Tick> log_ticks(const Scale& scale, double length, double gap,
                            const std::function<double(const std::string&)>& extent_of) {
  const double decades = scale.high - scale.low;
  const bool minor = decades > 0 && length / decades > 45;
  std::vector<Tick> fewest;
  for (const std::vector<int>& digits : {std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8, 9}, std::vector<int>{1, 2, 3, 5},
                                         std::vector<int>{1, 2, 5}, std::vector<int>{1, 3}, std::vector<int>{1}}) {
    if (static_cast<double>(digits.size()) * (decades - 1) > 12) continue;  // too many to try
    std::vector<Tick> ticks = decade_ticks(scale, digits, 1, minor);
    if (labelled(ticks) > 12) continue;
    if (labels_fit(ticks, scale, length, gap, extent_of)) {
      if (labelled(ticks) >= 2) return ticks;
      fewest = ticks;
      break;
    }
  }
  if (decades > 1)
    for (const int stride : {1, 2, 3, 5, 10, 20, 50, 100, 200}) {
      if (decades / stride > 13) continue;
      std::vector<Tick> ticks = decade_ticks(scale, {1}, stride, length / decades > 5);
      if (labelled(ticks) <= 12 && labels_fit(ticks, scale, length, gap, extent_of)) {
        if (labelled(ticks) >= 2) return ticks;
        break;
      }
    }
  // Less than a decade: evenly spaced nice numbers say more.
  std::vector<Tick> even = linear_ticks(linear_scale(scale.value(0), scale.value(1)), length, gap, extent_of);
  std::erase_if(
      even, [&](const Tick& tick) { return !(scale.position(tick.value) >= 0 && scale.position(tick.value) <= 1); });
  if (!labels_fit(even, scale, length, gap, extent_of)) {
    double end = -1e300;
    for (Tick& tick : even) {
      const double at = scale.position(tick.value) * length, half = extent_of(tick.label) / 2;
      if (at - half < end + gap)
        tick.label.clear();
      else
        end = at + half;
    }
  }
  std::vector<Tick>& most = labelled(even) > labelled(fewest) ? even : fewest;
  // Among the smallest numbers of all there may be no nice one: the middle then says where this is.
  if (labelled(most) == 0 && std::isfinite(scale.value(0.5))) {
    const std::string middle = format_number(scale.value(0.5), 3);
    most = {{*decimal_value(middle), middle}};
  }
  return most;
}

/// Zero, and the powers of ten beyond `near` on either side; of these every second, third ... where labels are tight.
std::vector<Tick> symmetric_ticks(const Scale& scale, double length, double gap,
                                  const std::function<double(const std::string&)>& extent_of) {
  const double largest = std::max(std::abs(scale.value(0)), std::abs(scale.value(1)));
  const int first = static_cast<int>(std::ceil(std::log10(scale.near))),
            last = static_cast<int>(std::log10(largest)) + 1;
  std::vector<Tick> ticks;
  for (int stride = 1; stride <= std::max(1, last - first); ++stride) {
    ticks.clear();
    for (int exponent = last; exponent >= first; exponent -= stride)
      for (const double sign : {-1.0, 1.0}) {
        const double value = sign * *decimal_value(fmt::format("1e{}", exponent));
        ticks.push_back({value, format_number(value)});
      }
    ticks.push_back({0, "0"});
    std::erase_if(ticks, [&](const Tick& tick) {
      return !(scale.position(tick.value) >= -1e-9 && scale.position(tick.value) <= 1 + 1e-9);
    });
    std::sort(ticks.begin(), ticks.end(), [](const Tick& a, const Tick& b) { return a.value < b.value; });
    if (labels_fit(ticks, scale, length, gap, extent_of)) return ticks;
  }
  return {{0, "0"}};
}

}  // namespace

double Scale::position(double value) const {
  double position;
  if (near > 0) {
    position = (std::asinh(value / near) - low) / (high - low);
  } else if (log) {
    if (!(value > 0)) return std::nan("");
    position = (std::log10(value) - low) / (high - low);
  } else {
    position = (value / 4 - low / 4) / (high / 4 - low / 4);
  }
  return std::isnan(position) ? position : std::clamp(position, -kFar, kFar);
}

double Scale::value(double position) const {
  if (near > 0) return near * std::sinh(low + position * (high - low));
  if (log) return power_of_ten(low + position * (high - low));
  return low * (1 - position) + high * position;
}

Scale linear_scale(double low, double high) {
  constexpr double kLargest = 1e307;  // room for margins
  low = std::clamp(low, -kLargest, kLargest);
  high = std::clamp(high, -kLargest, kLargest);
  if (std::isnan(low) || std::isnan(high)) low = 0, high = 1;
  const double middle = low / 2 + high / 2, magnitude = std::max(std::abs(low), std::abs(high));
  if (const double least = std::max(1e-9 * magnitude, kTiniest); !(high - low >= least)) {
    const double half = magnitude <= kTiniest ? (magnitude == 0 ? 1 : kTiniest) : std::max(least, 1e-3 * magnitude);
    low = middle - half;
    high = middle + half;
  }
  return {false, low, high};
}

Scale log_scale(double low, double high) {
  constexpr double kLeast = 0.2, kFarthest = 1e5;
  if (std::isnan(low) || std::isnan(high)) low = high = 0;
  low = std::clamp(low, -kFarthest, kFarthest);
  high = std::clamp(high, -kFarthest, kFarthest);
  const double middle = (low + high) / 2;
  if (high - low < kLeast) return {true, middle - kLeast / 2, middle + kLeast / 2};
  return {true, low, high};
}

Scale log_scale_around(double low, double high) {
  const double from = std::log10(low), to = std::log10(high), margin = std::max(0.08 * (to - from), 0.05);
  return log_scale(from - margin, to + margin);
}

Scale symmetric_log_scale(double low, double high, double near) {
  Scale scale = linear_scale(std::asinh(low / near), std::asinh(high / near));
  scale.near = near;
  return scale;
}

std::vector<Tick> axis_ticks(const Scale& scale, double length, double gap,
                             const std::function<double(const std::string&)>& extent_of) {
  if (scale.near > 0) return symmetric_ticks(scale, length, gap, extent_of);
  return scale.log ? log_ticks(scale, length, gap, extent_of) : linear_ticks(scale, length, gap, extent_of);
}

}  // namespace etamax
