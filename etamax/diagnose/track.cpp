#include "etamax/diagnose/track.h"

#include <algorithm>
#include <cmath>

namespace etamax {

void Track::add(double step, double value) {
  if (records_ > 0 && step <= last_step_) {
    if (step == last_step_) return;  // the same record, logged twice
    ++restarts_;
    restarted_from_ = last_step_, restarted_to_ = step;
    forget_from(step);
  }
  last_step_ = step;
  ++records_;
  if (ranges_.empty() || ranges_.back().records >= per_range_) {
    if (ranges_.size() == kRanges) {  // halve: pairs become one
      for (std::size_t i = 0; i < kRanges / 2; ++i) {
        Range pair = ranges_[2 * i];
        const Range& other = ranges_[2 * i + 1];
        if (other.finite > 0) {
          pair.low = pair.finite > 0 ? std::min(pair.low, other.low) : other.low;
          pair.high = pair.finite > 0 ? std::max(pair.high, other.high) : other.high;
        }
        if (other.finite < other.records) pair.any = other.any;
        pair.last = other.last, pair.sum += other.sum;
        pair.records += other.records, pair.finite += other.finite;
        ranges_[i] = pair;
      }
      ranges_.resize(kRanges / 2);
      per_range_ *= 2;
    }
    ranges_.push_back({step, step, 0, 0, 0, 0, 0, 0});
  }
  Range& range = ranges_.back();
  range.last = step;
  ++range.records;
  if (std::isfinite(value)) {
    range.low = range.finite > 0 ? std::min(range.low, value) : value;
    range.high = range.finite > 0 ? std::max(range.high, value) : value;
    range.sum += value / 1024;  // a thousand of the largest doubles do not overflow
    ++range.finite;
  } else {
    range.any = value;
  }
  watch(step, value);
  if (first_.size() < kFirst && records_ == static_cast<long>(first_.size()) + 1) first_.push_back({step, value});
  if (recent_.size() < kRecent) {
    recent_.push_back({step, value});
  } else {
    recent_[oldest_] = {step, value};
    oldest_ = (oldest_ + 1) % kRecent;
  }
}

/// Keeps what lies about the record that stands out the most above the level before it, for when the ring has
/// moved on.
void Track::watch(double step, double value) {
  const bool finite = std::isfinite(value);
  const auto excess = [&] { return !finite ? INFINITY : level_ > 0 ? value / level_ : 0; };
  if (moment_left_ > 0) {
    --moment_left_;
    moment_.push_back({step, value});
    moment_excess_ = std::max(moment_excess_, excess());
  } else if ((!finite || value > moment_excess_ * level_) && records_ > 1 && excess() > moment_excess_) {
    moment_ = recent_in_order();
    if (moment_.size() > kRecent / 2) moment_.erase(moment_.begin(), moment_.end() - kRecent / 2);
    moment_.push_back({step, value});
    moment_left_ = kRecent / 2;
    moment_excess_ = 1.5 * excess();
  }
  constexpr long kLong = 256;
  if (finite) level_ += (value - level_) * (records_ < kLong ? 1 / static_cast<double>(records_) : 1.0 / kLong);
}

void Track::forget_from(double step) {
  std::vector<Point> kept = recent_in_order();
  const auto before = [&](auto& points) {
    while (!points.empty() && points.back().step >= step) points.pop_back();
  };
  before(kept);
  if (kept.empty()) before_restart_ = recent_in_order();
  before(moment_), before(first_);
  recent_ = std::move(kept), oldest_ = 0;
  if (moment_.empty()) moment_excess_ = 2, moment_left_ = 0;
  while (!ranges_.empty() && ranges_.back().first >= step) ranges_.pop_back();
  if (!ranges_.empty() && ranges_.back().last >= step) ranges_.pop_back();  // it holds both kinds
  records_ = 0;
  for (const Range& range : ranges_) records_ += range.records;
  if (recent_.size() > static_cast<std::size_t>(records_)) records_ = static_cast<long>(recent_.size());
}

std::vector<Track::Point> Track::recent_in_order() const {
  std::vector<Point> points(recent_.begin() + static_cast<std::ptrdiff_t>(oldest_), recent_.end());
  points.insert(points.end(), recent_.begin(), recent_.begin() + static_cast<std::ptrdiff_t>(oldest_));
  return points;
}

LogSeries::Sample Track::sample(const Range& range) {
  const double mean = range.finite > 0 ? range.sum / static_cast<double>(range.finite) * 1024 : range.any;
  // A range that is mostly not a number is none.
  const double value = 2 * range.finite >= range.records ? mean : range.any;
  return {range.records == 1 ? range.first : (range.first + range.last) / 2, value,
          range.finite > 0 ? range.low : value, range.finite > 0 ? range.high : value, range.records};
}

std::vector<LogSeries::Sample> Track::samples() const {
  if (just_restarted()) {
    std::vector<LogSeries::Sample> before;
    for (const Point& p : before_restart_) before.push_back({p.step, p.value, p.value, p.value, 1});
    return before;
  }
  // What is known record by record: the beginning, the moment and the end, each up to where the next begins.
  std::vector<Point> points, recent = recent_in_order();
  for (const std::vector<Point>* part : {&first_, &moment_})
    for (const Point& p : *part)
      if (p.step < recent.front().step && (points.empty() || p.step > points.back().step)) points.push_back(p);
  points.insert(points.end(), recent.begin(), recent.end());
  std::vector<LogSeries::Sample> samples;
  std::size_t next = 0;
  const auto add_point = [&] {
    const Point& p = points[next++];
    samples.push_back({p.step, p.value, p.value, p.value, 1});
  };
  for (const Range& range : ranges_) {
    // Where single records are known, the ranges that they lie in are left out.
    const auto inside = [&](const Point& p) { return p.step >= range.first && p.step <= range.last; };
    while (next < points.size() && points[next].step < range.first) add_point();
    std::size_t count = 0;
    while (next + count < points.size() && inside(points[next + count])) ++count;
    if (count == 0) {
      samples.push_back(sample(range));
    } else {
      if (count < static_cast<std::size_t>(range.records)) {
        // Partly known: the range stands before its single records or after them, with its own extent.
        LogSeries::Sample part = sample(range);
        const bool known_is_late = points[next].step > range.first;
        part.step = known_is_late ? range.first : range.last;
        part.records = range.records - static_cast<long>(count);
        if (known_is_late) samples.push_back(part);
        for (std::size_t i = 0; i < count; ++i) add_point();
        if (!known_is_late) samples.push_back(part);
      } else {
        for (std::size_t i = 0; i < count; ++i) add_point();
      }
    }
  }
  while (next < points.size()) add_point();
  return samples;
}

}  // namespace etamax
