#include "etamax/diagnose/other_columns.h"

#include <algorithm>
#include <cmath>

#include "etamax/core/statistics.h"
#include "etamax/diagnose/column.h"
#include "etamax/diagnose/heights.h"

namespace etamax {
namespace {

/// The sample in force at a step: the last one up to it, else the first.
double value_at(const std::vector<LogSeries::Sample>& samples, double step) {
  const auto after = std::upper_bound(samples.begin(), samples.end(), step,
                                      [](double s, const LogSeries::Sample& sample) { return s < sample.step; });
  return after == samples.begin() ? samples.front().value : std::prev(after)->value;
}

class Beside {
 public:
  Beside(const LogColumns& columns, Findings& findings) : columns_(columns), f_(findings) {}

  void run() {
    look_at_rate();
    look_at_gradient();
    look_at_other_losses();
    look_at_held_out();
    look_at_falling_part();
    look_at_players();
    look_at_scale();
    look_at_weights();
    look_at_speed();
    look_at_accuracy();
  }

 private:
  double onset_step() const { return f_.onset ? f_.step[*f_.onset] : f_.step.back(); }

  void look_at_rate() {
    if (columns_.given_rate) f_.rate = columns_.given_rate;
    if (columns_.learning_rate && !columns_.learning_rate->empty()) look_at_logged_rate();
    f_.rate_high = f_.rate && *f_.rate >= columns_.high_rate;
  }

  void look_at_logged_rate() {
    const auto& rates = *columns_.learning_rate;
    const double at = onset_step(), begin = f_.step.front();
    // Growth shows some records after it begins: the rate of the record that follows counts too.
    double next = f_.onset && *f_.onset + 1 < f_.step.size() ? f_.step[*f_.onset + 1] : at;
    if (f_.first_bad && f_.onset && *f_.first_bad <= *f_.onset + 5) next = f_.step[*f_.first_bad];
    const double logged = std::max(value_at(rates, at), value_at(rates, next));
    f_.rate = columns_.given_rate.value_or(logged);
    double low = INFINITY, high = 0, before = 0;
    for (const LogSeries::Sample& s : rates) {
      low = std::min(low, s.low), high = std::max(high, s.high);
      if (s.step <= at - (at - begin) / 2) before = std::max(before, s.high);
    }
    f_.rate_varies = high > low * 1.001;
    double highest = 0;
    for (const LogSeries::Sample& s : rates)
      if (s.step <= next) highest = std::max(highest, s.high);
    f_.rate_highest = highest;
    if (before > 0) f_.rate_before = before;
    const double lately = value_at(rates, at - std::max((at - begin) / 10, 3 * f_.records_per_line));
    f_.rate_rose = f_.onset && logged > 1.02 * lately && logged >= 0.98 * highest;
    constexpr std::size_t kFew = 3;
    std::size_t rises = 0;
    double last = INFINITY;
    for (const LogSeries::Sample& s : rates) {
      if (s.step > next && rises > 0) break;
      rises = s.value > last ? rises + 1 : 0;
      last = s.value;
    }
    f_.rate_rising = rises + 1 >= kFew && f_.onset && logged >= highest;
  }

  void look_at_gradient() {
    if (!columns_.gradient_norm || columns_.gradient_norm->size() < 2) return;
    const auto& norms = *columns_.gradient_norm;
    f_.gradient_bad_at_rest = columns_.learning_rate && !columns_.learning_rate->empty() && f_.first_bad &&
                              !std::isfinite(norms.front().value) && columns_.learning_rate->front().value == 0 &&
                              columns_.learning_rate->front().step >= norms.front().step;
    if (!f_.first_bad && f_.finite > 0) {
      const auto lowest = std::min_element(f_.height.begin(), f_.height.end()) - f_.height.begin();
      const double then = value_at(norms, f_.step[static_cast<std::size_t>(lowest)]);
      const double last = value_at(norms, f_.step.back());
      if (then > 0 && last > 0) f_.gradient_at_lowest = then, f_.gradient_at_last = last;
    }
    const double at = onset_step();
    std::vector<double> calm;
    double peak = 0, before = INFINITY;
    bool rising = true;
    for (const LogSeries::Sample& s : norms) {
      if (s.step <= at) {
        if (std::isfinite(s.value)) calm.push_back(s.value), before = s.value;
        continue;
      }
      if (f_.onset && s.step > f_.step[f_.crest] && !f_.first_bad) break;
      if (!std::isfinite(s.value)) {
        f_.gradient_bad = true;
        continue;
      }
      peak = std::max(peak, s.value);
      rising = rising && s.value > before;
      if (rising) ++f_.gradient_rising;
      before = s.value;
    }
    if (!calm.empty()) {
      if (calm.size() > 20) calm.erase(calm.begin(), calm.end() - 20);
      f_.gradient_before = median(calm);
    }
    if (peak > 0) f_.gradient_peak = peak;
  }

  void look_at_other_losses() {
    if (!f_.first_bad || f_.finite == 0) return;
    const double bad = f_.step[*f_.first_bad];
    double most = 1.4;
    for (const LogSeries& part : columns_.other_losses) {
      std::vector<double> values;  // up to there, while they are finite
      for (const LogSeries::Sample& s : part.samples) {
        if (s.step > bad || !std::isfinite(s.value)) break;
        values.push_back(s.value);
      }
      if (values.size() < 3) continue;
      const double last = values.back();
      values.pop_back();
      const double usual = median(values);
      if (!(usual > 0) || last < *std::max_element(values.begin(), values.end()) || last < most * usual) continue;
      most = last / usual;
      f_.part = part.name, f_.part_before = usual, f_.part_peak = last;
    }
  }

  /// Training goes on to print losses of data that is held out, which only finite weights give.
  void look_at_held_out() {
    if (!f_.first_bad || f_.finite == 0) return;
    for (const LogSeries& part : columns_.other_losses) {
      if (!names_held_out(part.name) || part.samples.empty()) continue;
      const auto finite = [](const LogSeries::Sample& s) { return std::isfinite(s.low) && std::isfinite(s.high); };
      if (!std::all_of(part.samples.begin(), part.samples.end(), finite)) return;
      if (const LogSeries::Sample& last = part.samples.back(); last.step >= f_.step[*f_.first_bad])
        f_.sound_part = part.name, f_.sound_part_value = last.value;
    }
  }

  void look_at_falling_part() {
    constexpr std::size_t kFewest = 4;
    constexpr double kClear = 0.95, kTrend = -2;
    if (f_.first_bad || f_.ending == Ending::falling) return;
    for (const LogSeries& part : columns_.other_losses) {
      if (names_held_out(part.name) || part.samples.size() < kFewest) continue;
      std::vector<double> values;
      for (const LogSeries::Sample& s : part.samples) values.push_back(s.value);
      if (trend_score(values, 0, values.size()) <= kTrend && values.back() > 0 &&
          values.back() < kClear * values.front())
        f_.falling_part = part.name, f_.falling_from = values.front(), f_.falling_to = values.back();
    }
  }

  void look_at_players() {
    constexpr std::size_t kFewest = 3;
    constexpr double kTenfold = 10;
    if (!f_.players || f_.first_bad) return;
    for (const LogSeries& player : columns_.other_losses) {
      const auto& samples = player.samples;
      if (samples.size() < kFewest || names_held_out(player.name)) continue;
      const double from = samples.front().value, to = samples.back().value;
      const bool highest = std::all_of(samples.begin(), samples.end(), [&](const auto& s) { return s.value <= to; });
      if (from > 0 && highest && to >= kTenfold * from)
        f_.outplayed = player.name, f_.outplayed_from = from, f_.outplayed_to = to;
    }
  }

  void look_at_scale() {
    if (!columns_.loss_scale || columns_.loss_scale->empty()) return;
    double high = 0, low = INFINITY;
    for (const LogSeries::Sample& s : *columns_.loss_scale) {
      if (!std::isfinite(s.value)) continue;
      // The scale before its fall, and how low it has come since.
      if (s.high > high) high = s.high, low = s.low;
      low = std::min(low, s.low);
    }
    if (high > 0) f_.scale_high = high, f_.scale_low = low;
  }

  void look_at_weights() {
    if (!columns_.weight_norm || !f_.onset) return;
    const double at = onset_step(), crest = f_.step[f_.crest];
    double before = 0;
    std::size_t rises = 0;  // without a fall between them
    for (const LogSeries::Sample& s : *columns_.weight_norm) {
      if (f_.first_bad && s.step >= f_.step[*f_.first_bad]) {
        f_.weights_after_bad = s.value;
        if (s.step > f_.step[*f_.first_bad]) break;  // the step of that loss has changed them by now
        continue;
      }
      if (!std::isfinite(s.value)) continue;
      if (s.step <= at) {
        f_.weights_before = before = s.value;
      } else if (s.step <= crest || f_.first_bad) {
        f_.weights_peak = std::max(f_.weights_peak.value_or(0), s.value);
        rises = s.value > before ? rises + 1 : 0;
        f_.weights_rising = std::max(f_.weights_rising, rises);
        before = s.value;
      }
    }
  }

  void look_at_speed() {
    if (!columns_.throughput || !f_.onset) return;
    constexpr std::size_t kFew = 3, kMany = 20;
    const double at = onset_step();
    std::vector<double> before, after;
    for (const LogSeries::Sample& s : *columns_.throughput) {
      if (f_.first_bad && s.step >= f_.step[*f_.first_bad]) break;
      if (!(s.value > 0) || !std::isfinite(s.value)) continue;
      (s.step <= at ? before : after).push_back(std::log(s.value));
    }
    if (before.size() > kMany) before.erase(before.begin(), before.end() - kMany);
    if (after.size() > kFew) after.resize(kFew);
    if (before.size() < 2 * kFew || after.size() < kFew) return;
    const double usual = median(before), then = median(after);
    std::vector<double> off;
    for (const double v : before) off.push_back(std::abs(v - usual));
    if (std::abs(then - usual) <= std::max(0.3, 6 * 1.4826 * median(off))) return;
    f_.speed_before = std::exp(usual), f_.speed_after = std::exp(then);
  }

  void look_at_accuracy() {
    if (!columns_.accuracy) return;
    constexpr std::size_t kFewest = 3;
    std::vector<double> shares;
    double highest = 0;
    for (const LogSeries::Sample& s : *columns_.accuracy) {
      if (f_.first_bad && s.step >= f_.step[*f_.first_bad]) break;
      if (!(s.value >= 0 && s.value <= 100)) continue;
      shares.push_back(f_.accuracy_shown = s.value);
      highest = std::max(highest, s.value);
    }
    if (shares.size() < kFewest) return;
    const double unit = highest > 1 ? 100 : 1;  // a percentage
    const auto third = static_cast<std::ptrdiff_t>(shares.size() / 3);
    f_.accuracy_first = median({shares.begin(), shares.begin() + third}) / unit;
    f_.accuracy_last = median({shares.end() - third, shares.end()}) / unit;
  }

  const LogColumns& columns_;
  Findings& f_;
};

}  // namespace

void look_at_other_columns(const LogColumns& columns, Findings& findings) { Beside(columns, findings).run(); }

}  // namespace etamax
