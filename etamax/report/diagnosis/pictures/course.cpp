// The losses on a logarithmic axis with the onset, the fit and the verdict marked, and the learning rate beneath, where
// the log has it.
#include <algorithm>
#include <cmath>
#include <limits>

#include "etamax/core/format.h"
#include "etamax/draw/chart.h"
#include "etamax/report/appearance.h"
#include "etamax/report/diagnosis.h"

namespace etamax::diagnosis::pictures {
namespace {

constexpr double kRoomAbove = 1e6;  // how far above the level before the onset a rise is shown
constexpr std::size_t kMostMarkers = 60;

double last_step(const LogSeries& series) { return series.samples.back().step; }

const LogSeries::Sample* sample_at(const LogSeries& series, double step) {
  const auto at = std::lower_bound(series.samples.begin(), series.samples.end(), step,
                                   [](const LogSeries::Sample& s, double t) { return s.step < t; });
  return at == series.samples.end() ? nullptr : &*at;
}

/// The first record from which on no loss is a number, after the last that is one.
const LogSeries::Sample* bad_end(const LogSeries& loss) {
  const LogSeries::Sample* bad = nullptr;
  for (auto s = loss.samples.rbegin(); s != loss.samples.rend() && !std::isfinite(s->value); ++s) bad = &*s;
  return bad;
}

/// The steps that are shown: all, up to shortly after the last finite loss; where the rise is too short to be seen
/// among them, the part about it.
Scale step_scale(const Diagnosis& d) {
  double from = d.loss.samples.front().step, to = last_step(d.loss);
  if (const LogSeries::Sample* bad = bad_end(d.loss)) to = std::min(to, bad->step + 0.15 * (bad->step - from));
  if (d.onset_step && d.growth_per_step) {
    const double rise = d.growth_range[1] - *d.onset_step;
    if (rise > 0 && to - from > 40 * rise) {
      from = std::max(from, *d.onset_step - 15 * rise);
      to = std::min(to, d.growth_range[1] + 4 * rise);
    }
  }
  return linear_scale(from, to > from ? to : from + 1);
}

/// The range of the values inside the steps that are shown.
std::pair<double, double> value_range(const LogSeries& series, const Scale& steps, bool positive) {
  double low = INFINITY, high = -INFINITY;
  for (const LogSeries::Sample& s : series.samples) {
    const double at = steps.position(s.step);
    if (at < 0 || at > 1) continue;
    for (const double v : {s.low, s.high, s.value})
      if (std::isfinite(v) && (!positive || v > 0)) low = std::min(low, v), high = std::max(high, v);
  }
  return {low, high};
}

std::optional<Chart> loss_chart(const Diagnosis& d) {
  const LogSeries& loss = d.loss;
  if (loss.samples.size() < 2) return {};
  Chart chart;
  chart.x = {d.log.step_column.empty() ? "record" : "step", step_scale(d), {}};
  bool log = !d.iterates;
  for (const LogSeries::Sample& s : loss.samples) log = log && !(s.low <= 0);
  auto [low, high] = value_range(loss, chart.x.scale, log);
  if (!(low <= high)) return {};
  if (log) {
    if (d.growth_level > 0) high = std::min(high, kRoomAbove * d.growth_level);
    chart.y = {loss.name + ", log scale", log_scale_around(low, high), {}};
  } else {
    const double margin = 0.08 * (high / 2 - low / 2) * 2;
    chart.y = {loss.name, linear_scale(low - margin, high + margin), {}};
  }
  const Appearance sign = appearance(d.verdict);
  Chart::Line line{{}, {Color::blue, 1}, 2, Dash::solid};
  Chart::Line range{{}, {Color::sky, 0.6}, 1, Dash::solid};
  for (const LogSeries::Sample& s : loss.samples) {
    line.points.push_back({s.step, std::isfinite(s.value) ? s.value : std::numeric_limits<double>::quiet_NaN()});
    if (s.records > 1 && s.high > s.low)
      for (const double v : {s.low, s.high, std::numeric_limits<double>::quiet_NaN()})
        range.points.push_back({s.step, v});
  }
  if (!range.points.empty()) chart.lines.push_back(std::move(range));
  chart.lines.push_back(std::move(line));
  if (loss.samples.size() <= kMostMarkers)
    for (const LogSeries::Sample& s : loss.samples)
      if (std::isfinite(s.value))
        chart.points.push_back({{s.step, s.value},
                                Shape::circle,
                                3.2,
                                {Color::blue, 1},
                                "",
                                "step " + format_number(s.step, 12) + ": " + format_number(s.value)});
  if (d.growth_per_step && !d.iterates) {
    Chart::Line fit{{}, {sign.color, 1}, 2.5, Dash::dashed};
    constexpr int kParts = 60;
    for (int i = 0; i <= kParts; ++i) {
      const double t = d.growth_range[0] + (d.growth_range[1] - d.growth_range[0]) * i / kParts;
      const double value = d.growth_level + d.growth_start * std::pow(d.growth_per_step->value, t - d.growth_range[0]);
      if (std::isfinite(value)) fit.points.push_back({t, value});
    }
    if (fit.points.size() > 1) {
      // Left of the line, which rises to the right.
      const Point2 middle = fit.points[fit.points.size() / 2];
      const double beside = chart.x.scale.value(chart.x.scale.position(middle.x) - 0.02);
      chart.notes.push_back({{beside, middle.y},
                             "fit: x " + format_number(d.growth_per_step->value, 4) + " per " + chart.x.label,
                             sign.color});
      chart.lines.push_back(std::move(fit));
    }
  }
  if (d.onset_step && !d.iterates)
    if (const LogSeries::Sample* s = sample_at(loss, *d.onset_step); s != nullptr && std::isfinite(s->value))
      chart.points.push_back({{s->step, s->value},
                              Shape::diamond,
                              6.5,
                              {sign.color, 1},
                              "onset, " + chart.x.label + " " + format_number(s->step, 12),
                              "the onset"});
  if (const LogSeries::Sample* bad = bad_end(loss)) {
    chart.notes.push_back(
        {{bad->step, chart.y.scale.value(0.93)},
         format_number(bad->value) + " from " + chart.x.label + " " + format_number(bad->step, 12) + " on",
         sign.color});
    chart.points.push_back(
        {{bad->step, chart.y.scale.value(0.985)}, sign.shape, 5, {sign.color, 1}, "", "no number from here on"});
  }
  return chart;
}

std::optional<Chart> rate_chart(const Diagnosis& d, const Chart& above) {
  if (!d.learning_rate || d.learning_rate->samples.size() < 2) return {};
  const LogSeries& rates = *d.learning_rate;
  const auto [low, high] = value_range(rates, above.x.scale, false);
  if (!(low <= high)) return {};
  Chart chart;
  chart.x = above.x;
  double top = high;
  if (d.lr_edge && d.lr_edge->value < 3 * high) top = std::max(top, d.lr_edge->value);
  chart.y = {rates.name, linear_scale(std::min(0.0, low), top > 0 ? 1.12 * top : 1), {}};
  Chart::Line line{{}, {Color::purple, 1}, 2, Dash::solid};
  for (const LogSeries::Sample& s : rates.samples)
    line.points.push_back({s.step, std::isfinite(s.value) ? s.value : std::numeric_limits<double>::quiet_NaN()});
  chart.lines.push_back(std::move(line));
  if (d.lr_edge && d.lr_edge->value <= top) {
    const double from = chart.x.scale.value(0), to = chart.x.scale.value(1);
    chart.lines.push_back({{{from, d.lr_edge->value}, {to, d.lr_edge->value}}, {Color::orange, 1}, 1.6, Dash::dashed});
    chart.notes.push_back({{chart.x.scale.value(0.25), d.lr_edge->value},
                           "stability edge " + format_number(d.lr_edge->value, 3),
                           Color::ink});
  }
  return chart;
}

/// The loss, and beneath it the learning rate where there is one: the step is named once, and the onset
/// marked through both.
std::vector<Chart> charts(const Diagnosis& d) {
  auto loss = loss_chart(d);
  if (!loss) return {};
  std::vector<Chart> all = {std::move(*loss)};
  if (auto rate = rate_chart(d, all.front())) {
    all.front().x.label.clear();
    all.push_back(std::move(*rate));
  }
  if (d.onset_step && !d.iterates)
    for (Chart& chart : all)
      chart.lines.insert(chart.lines.begin(),
                         {{{*d.onset_step, chart.y.scale.value(0)}, {*d.onset_step, chart.y.scale.value(1)}},
                          {appearance(d.verdict).color, 0.7},
                          1.2,
                          Dash::dotted});
  return all;
}

std::string caption(const Diagnosis& d) {
  if (d.iterates) return "The values, step by step.";
  std::string text = "The loss";
  if (d.onset_step) text += ", with the onset as a diamond";
  if (d.growth_per_step) text += std::string(d.onset_step ? " and" : ", with") + " the fitted growth as a broken line";
  if (d.learning_rate && d.learning_rate->samples.size() >= 2) text += "; the learning rate beneath";
  return text + ".";
}

std::optional<Drawing> draw_course(const Diagnosis& d, double width) {
  std::vector<Chart> all = charts(d);
  if (all.empty()) return {};
  const bool narrow = width < 600;
  Drawing picture = stacked(std::move(all), {narrow ? 280.0 : 340.0, narrow ? 170.0 : 190.0}, width);
  picture.title = "The course of " + d.loss.name;
  picture.description = d.reason;
  return picture;
}

std::vector<std::string> text(const Diagnosis& d, const TerminalStyle& style) {
  return stacked(charts(d), {14, 7}, std::min(style.width, 120), style);
}

}  // namespace

PictureSpec<Diagnosis> course() { return {"course", "The course", 1, caption, draw_course, text, /*has_title=*/true}; }

}  // namespace etamax::diagnosis::pictures
