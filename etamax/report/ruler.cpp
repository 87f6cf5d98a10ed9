#include "etamax/report/ruler.h"

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"

namespace etamax {
namespace {

constexpr std::size_t kMostSpelledOut = 6;  // runs whose outcome stands in words beside the dot
constexpr int kMostDotRows = 6;
constexpr int kMostLevels = 9;  // of named dots, before they go without names

bool usable(double lr) { return lr > 0 && std::isfinite(lr); }

std::string value_text(const Ruler::Mark& mark) {
  // An interval is worth reading once it is wide, and the bar on the ruler always shows it; of a narrow one a number
  // with so many digits that it lies inside.
  if (mark.interval && (*mark.interval)[1] > (*mark.interval)[0] * 1.01)
    return rounded_out({(*mark.interval)[0], (*mark.interval)[1]});
  constexpr int kDigits = 4;
  if (!mark.interval) return format_number(mark.lr, kDigits);
  return format_number(mark.lr, std::max(kDigits, interval_digits({(*mark.interval)[0], (*mark.interval)[1]})));
}

std::vector<RulerLabel> upper_labels(const Ruler& ruler) {
  std::vector<RulerLabel> labels;
  for (const Ruler::Mark& mark : ruler.marks)
    if (mark.basis != "yours" && usable(mark.lr))
      labels.push_back({mark.lr, mark.name, value_text(mark), mark.basis, mark.interval, {}, false});
  return labels;
}

std::vector<RulerLabel> lower_labels(const Ruler& ruler) {
  std::vector<RulerLabel> labels;
  const auto at = [&](double lr) {
    return std::find_if(labels.begin(), labels.end(), [&](const RulerLabel& label) { return label.lr == lr; });
  };
  for (const Ruler::Dot& dot : ruler.dots)
    if (usable(dot.lr) && at(dot.lr) == labels.end()) labels.push_back({dot.lr, "", "", "", {}, dot.verdict, false});
  for (const Ruler::Mark& mark : ruler.marks) {
    if (mark.basis != "yours" || !usable(mark.lr)) continue;
    if (at(mark.lr) == labels.end()) labels.push_back({mark.lr, "", "", "", {}, {}, false});
    RulerLabel& label = *at(mark.lr);
    label.yours = true;
    label.value = format_rate(mark.lr, 9);
    label.basis = mark.basis;
  }
  const auto yours = std::count_if(labels.begin(), labels.end(), [](const RulerLabel& l) { return l.yours; });
  for (RulerLabel& label : labels) {
    if (!label.yours) continue;
    if (static_cast<std::size_t>(yours) <= kMostSpelledOut && label.verdict) label.name = to_string(*label.verdict);
    if (!label.verdict) label.name = "yours";
  }
  return labels;
}

Flag flag_of(const RulerLabel& label, const Scale& scale, const RulerMeasure& measure, double before, double after) {
  const double at = scale.position(label.lr) * measure.length;
  return {measure.whole ? std::floor(at) : at, before, after, 0};
}

void place_upper(RulerLayout& layout, const RulerMeasure& measure) {
  layout.upper_flags.clear();
  for (const RulerLabel& label : layout.upper)
    layout.upper_flags.push_back(flag_of(label, layout.scale, measure, 0, measure.upper(label)));
  place_flags(layout.upper_flags, measure.gap);
}

void place_lower(RulerLayout& layout, const RulerMeasure& measure) {
  std::vector<Flag> dots, named;
  for (const RulerLabel& label : layout.lower)
    (label.value.empty() ? dots : named)
        .push_back(flag_of(label, layout.scale, measure, measure.dot, measure.lower(label)));
  layout.dot_rows = place_dots(dots, measure.whole ? 0 : 1, kMostDotRows);
  place_flags(named, measure.gap, kMostLevels);
  layout.lower_flags.clear();
  auto dot = dots.begin(), name = named.begin();
  for (const RulerLabel& label : layout.lower) layout.lower_flags.push_back(label.value.empty() ? *dot++ : *name++);
}

/// The range holds every number, some room on the left (for the band that reaches down to 0), and on the
/// right so much that every label fits to the right of its pole.
std::optional<Scale> ruler_scale(const Ruler& ruler, const RulerLayout& layout, const RulerMeasure& measure) {
  std::vector<double> logs;
  const auto note = [&](double lr) {
    if (usable(lr)) logs.push_back(std::log10(lr));
  };
  for (const auto& mark : ruler.marks) {
    note(mark.lr);
    if (mark.interval) note((*mark.interval)[0]), note((*mark.interval)[1]);
  }
  for (const auto& dot : ruler.dots) note(dot.lr);
  for (const double lr : measure.reach) note(lr);
  for (const auto& band : ruler.bands) note(band.from), note(band.to.value_or(0));
  if (logs.empty()) return {};
  const auto [least, most] = std::minmax_element(logs.begin(), logs.end());
  const double span = *most - *least;
  const double low = *least - std::max(0.22 * span, 0.25);
  double high = *most + std::max(0.15 * span, 0.2);
  const auto fit = [&](const std::vector<RulerLabel>& labels, const auto& extent) {
    for (const RulerLabel& label : labels) {
      const double room = std::max(measure.length - extent(label) - measure.gap, 0.2 * measure.length);
      high = std::max(high, low + (std::log10(label.lr) - low) * measure.length / room);
    }
  };
  fit(layout.upper, measure.upper);
  fit(layout.lower, measure.lower);
  return log_scale(low, high);
}

std::vector<RulerSegment> segments_of(const Ruler& ruler, const Scale& scale) {
  std::vector<double> cuts = {0, 1};
  const auto position = [&](double lr) { return lr > 0 ? std::clamp(scale.position(lr), 0.0, 1.0) : 0.0; };
  const auto end = [&](const Ruler::Band& band) { return band.to ? position(*band.to) : 1.0; };
  for (const auto& band : ruler.bands) cuts.push_back(position(band.from)), cuts.push_back(end(band));
  std::sort(cuts.begin(), cuts.end());
  std::vector<RulerSegment> segments;
  for (std::size_t i = 0; i + 1 < cuts.size(); ++i) {
    if (cuts[i + 1] - cuts[i] < 1e-12) continue;
    const double middle = (cuts[i] + cuts[i + 1]) / 2;
    const Ruler::Band* found = nullptr;
    for (const auto& band : ruler.bands)
      if (position(band.from) <= middle && middle < end(band) && (!found || band.basis == "measured")) found = &band;
    if (!segments.empty() && segments.back().band == found)
      segments.back().right = cuts[i + 1];
    else
      segments.push_back({cuts[i], cuts[i + 1], found});
  }
  return segments;
}

}  // namespace

void place_flags(std::vector<Flag>& flags, double gap, int most) {
  std::vector<std::size_t> order(flags.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return flags[a].at > flags[b].at; });
  for (std::size_t i = 0; i < order.size(); ++i) {
    Flag& flag = flags[order[i]];
    const auto free = [&](int level) {
      for (std::size_t j = 0; j < i; ++j) {
        const Flag& other = flags[order[j]];
        const bool boxes = other.level == level && flag.at - flag.before < other.at + other.after + gap &&
                           other.at - other.before < flag.at + flag.after + gap;
        const bool pole =
            other.level > level && flag.at - flag.before - gap < other.at && other.at < flag.at + flag.after + gap;
        if (boxes || pole) return false;
      }
      return true;
    };
    flag.level = 0;
    while (flag.level < most && !free(flag.level)) ++flag.level;
  }
}

int place_dots(std::vector<Flag>& dots, double gap, int most_rows) {
  std::vector<std::size_t> order(dots.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return dots[a].at < dots[b].at; });
  std::vector<double> ends;  // of each row
  for (const std::size_t i : order) {
    Flag& dot = dots[i];
    auto row = std::find_if(ends.begin(), ends.end(), [&](double end) { return end + gap <= dot.at - dot.before; });
    if (row == ends.end() && static_cast<int>(ends.size()) < most_rows) row = ends.insert(ends.end(), 0);
    if (row == ends.end()) row = std::min_element(ends.begin(), ends.end());
    *row = dot.at + dot.after;
    dot.level = static_cast<int>(row - ends.begin());
  }
  return static_cast<int>(ends.size());
}

std::optional<RulerLayout> lay_out(const Ruler& ruler, const RulerMeasure& measure) {
  RulerLayout layout;
  layout.upper = upper_labels(ruler);
  layout.lower = lower_labels(ruler);
  const auto place = [&] {
    const auto scale = ruler_scale(ruler, layout, measure);
    if (!scale) return false;
    layout.scale = *scale;
    place_upper(layout, measure);
    place_lower(layout, measure);
    return true;
  };
  if (!place()) return {};
  const auto& lower = layout.lower_flags;
  if (std::any_of(lower.begin(), lower.end(), [](const Flag& flag) { return flag.level >= kMostLevels; })) {
    for (RulerLabel& label : layout.lower)
      if (label.yours && label.verdict) label.name.clear(), label.value.clear();
    place();
  }
  layout.segments = segments_of(ruler, layout.scale);
  return layout;
}

BandAppearance appearance(const Ruler::Band& band) {
  if (band.name == "converge") return {Color::green, "converge"};
  if (band.name == "trains") return {Color::green, "trains"};
  if (band.name == "fails") return {Color::vermillion, "fails"};
  if (band.name == "slow") return {Color::sky, "slow"};
  if (band.name == "monotone") return {Color::green, "monotone"};
  if (band.name == "oscillating") return {Color::yellow, "oscillating but stable"};
  if (band.name == "catapult") return {Color::orange, "catapult"};
  if (band.name == "collapse") return {Color::purple, "collapse"};
  if (band.name == "diverge") return {Color::vermillion, "diverge"};
  return {Color::orange, band.name.c_str()};  // "no convergence", and whatever a verb names
}

}  // namespace etamax
