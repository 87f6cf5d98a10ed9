#include <algorithm>
#include <cmath>
#include <set>

#include "etamax/core/format.h"
#include "etamax/report/appearance.h"
#include "etamax/report/ruler.h"

namespace etamax {
namespace {

constexpr double kMargin = 6, kName = 11.5, kValue = 13, kTick = 11, kBody = 54, kLine = 14.5, kDot = 6, kRow = 19,
                 kDotRow = 14;

/// Names wrapped so that a flag is not much wider than its value.
std::vector<std::string> name_lines(const RulerLabel& label, double width) {
  return wrapped(label.name, width, [](const std::string& text) { return text_width(text, kName); });
}

double value_width(const RulerLabel& label) {
  return text_width(label.value, kValue, true) + (label.basis.empty() ? 0 : 5 + text_width(label.basis, kName));
}

/// An end of a band. Where it is an end of a mark's interval, `inwards` rounds it, so that the band claims no more than
/// is known.
std::string band_end(const Ruler& ruler, const Ruler::Band& band, double at, std::string (*inwards)(double, int)) {
  for (const Ruler::Mark& mark : ruler.marks) {
    if (!mark.interval) continue;
    const auto [low, high] = *mark.interval;
    if (at == low || at == high)
      return inwards(band.basis == "measured" ? without_noise(at) : at, interval_digits({low, high}));
  }
  return format_number(at, 4);
}

class RulerDrawing {
 public:
  RulerDrawing(const Ruler& ruler, const RulerLayout& layout, double width, double name_width, double below)
      : layout_(layout), length_(width - 2 * kMargin), name_width_(name_width) {
    picture_.width = width;
    int upper_levels = 0, lower_levels = 0;
    for (const Flag& flag : layout.upper_flags) upper_levels = std::max(upper_levels, flag.level + 1);
    for (std::size_t i = 0; i < layout.lower.size(); ++i)
      if (!layout.lower[i].value.empty()) lower_levels = std::max(lower_levels, layout.lower_flags[i].level + 1);
    std::size_t most_lines = 0;
    for (const RulerLabel& label : layout.upper)
      most_lines = std::max(most_lines, name_lines(label, name_width).size());
    flag_height_ = kLine * (1 + static_cast<double>(most_lines)) + 7;
    body_ = {kMargin, upper_levels > 0 ? upper_levels * flag_height_ + 10 : 6, width - kMargin, 0};
    body_.bottom = body_.top + kBody;
    bands();
    ticks();
    for (std::size_t i = 0; i < layout.upper.size(); ++i) mark(layout.upper[i], layout.upper_flags[i]);
    for (std::size_t i = 0; i < layout.lower.size(); ++i) pole(layout.lower[i], layout.lower_flags[i]);
    for (std::size_t i = 0; i < layout.lower.size(); ++i) run(layout.lower[i], layout.lower_flags[i]);
    legend(ruler, body_.bottom + 14 + below + layout.dot_rows * kDotRow + lower_levels * kRow);
    describe(ruler);
  }

  PlacedRuler take() { return {std::move(picture_), body_, layout_.scale}; }

 private:
  double x(double position) const { return kMargin + position * length_; }

  void bands() {
    picture_.rectangle(body_, {Color::panel, 1});
    for (const RulerSegment& segment : layout_.segments) {
      if (!segment.band) continue;
      const BandAppearance band = appearance(*segment.band);
      const bool measured = segment.band->basis == "measured";
      const Box box{x(segment.left), body_.top, x(segment.right), body_.bottom};
      picture_.rectangle(box, {band.color, measured ? 0.16 : 0.32});
      if (measured) picture_.hatch(box, {band.color, 0.38});
      const double room = box.right - box.left - 12;
      std::string words = band.words;
      if (text_width(words, 12, true) > room) words = segment.band->name;
      if (text_width(words, 12, true) > room) {
        squeezed_.push_back(segment.band);
        continue;
      }
      if (measured) {  // the hatching stays off the letters
        const double half = text_width(words, 12, true) / 2 + 5, middle = (box.left + box.right) / 2;
        picture_.rectangle({middle - half, body_.top + 5, middle + half, body_.top + 22}, {Color::paper, 0.8});
      }
      picture_.write({(box.left + box.right) / 2, body_.top + 18}, words, 12, Color::ink, Anchor::middle, true);
    }
    for (const RulerSegment& segment : layout_.segments)  // down to the row of numbers
      if (segment.left > 0)
        picture_.line({x(segment.left), body_.top}, {x(segment.left), body_.bottom - 26}, {Color::ink, 0.55}, 1);
    picture_.add(Drawing::Path{
        {{{body_.left, body_.top}, {body_.right, body_.top}, {body_.right, body_.bottom}, {body_.left, body_.bottom}}},
        true,
        {},
        Paint{Color::ink, 0.75},
        1.3,
        Dash::solid});
  }

  void ticks() {
    const auto extent = [](const std::string& text) { return text_width(text, kTick); };
    for (const Tick& tick : axis_ticks(layout_.scale, length_, 14, extent)) {
      const double at = x(layout_.scale.position(tick.value));
      const bool major = !tick.label.empty();
      picture_.line({at, body_.bottom}, {at, body_.bottom - (major ? 10 : 5)}, {Color::ink, 0.8}, major ? 1.3 : 1);
      const Drawing::Text text{{at, body_.bottom - 14}, tick.label, kTick, Anchor::middle, false, Color::ink};
      const Box box = box_of(text);
      if (!major || box.left < body_.left + 2 || box.right > body_.right - 2) continue;
      for (const RulerSegment& segment : layout_.segments)
        if (segment.band && segment.band->basis == "measured" && x(segment.left) < box.right &&
            box.left < x(segment.right)) {
          picture_.rectangle({box.left - 3, box.top, box.right + 3, box.bottom}, {Color::paper, 0.8});
          break;
        }
      picture_.add(text);
    }
  }

  void mark(const RulerLabel& label, const Flag& flag) {
    const double at = kMargin + flag.at, bottom = body_.top - 10 - flag.level * flag_height_,
                 top = bottom - flag_height_ + 6;
    picture_.line({at, body_.top}, {at, top}, {Color::ink, 0.7}, 1.2);
    picture_.add(Drawing::Path{{{{at, body_.top}, {at - 4.5, body_.top - 8}, {at + 4.5, body_.top - 8}}},
                               true,
                               Paint{Color::ink, 1},
                               {},
                               1,
                               Dash::solid});
    if (label.interval) {
      const double from = std::min(x(std::clamp(layout_.scale.position((*label.interval)[0]), 0.0, 1.0)), at - 1.5);
      const double to = std::max(x(std::clamp(layout_.scale.position((*label.interval)[1]), 0.0, 1.0)), at + 1.5);
      picture_.rectangle({from, body_.top - 2.5, to, body_.top + 2.5}, {Color::ink, 1});
    }
    double y = top + 0.8 * kName;
    for (const std::string& line : name_lines(label, name_width_)) {
      picture_.write({at + 5, y}, line, kName, Color::ink);
      y += kLine;
    }
    picture_.write({at + 5, y + 1}, label.value, kValue, Color::ink, Anchor::start, true);
    if (!label.basis.empty())
      picture_.write({at + 10 + text_width(label.value, kValue, true), y + 1}, label.basis, kName, Color::muted);
  }

  double row(const RulerLabel& label, const Flag& flag) const {
    if (label.value.empty()) return body_.bottom + 12 + flag.level * kDotRow;
    return body_.bottom + 14 + layout_.dot_rows * kDotRow + flag.level * kRow;
  }

  void pole(const RulerLabel& label, const Flag& flag) {
    picture_.line({kMargin + flag.at, body_.bottom}, {kMargin + flag.at, row(label, flag)}, {Color::ink, 0.45}, 1);
  }

  void run(const RulerLabel& label, const Flag& flag) {
    const Appearance dot = label.verdict ? appearance(*label.verdict) : Appearance{Color::ink, Shape::diamond, "", ' '};
    const double at = kMargin + flag.at;
    picture_.add(Drawing::Marker{{at, row(label, flag)},
                                 dot.shape,
                                 kDot,
                                 {dot.color, 1},
                                 format_rate(label.lr) + (label.verdict ? ": " + to_string(*label.verdict) : "")});
    if (label.value.empty()) {
      if (label.verdict) worded_.insert(*label.verdict);
      return;
    }
    picture_.write({at + kDot + 4, row(label, flag) + 4.5}, label.value, kValue, Color::ink, Anchor::start, true);
    if (!label.name.empty())
      picture_.write({at + kDot + 9 + text_width(label.value, kValue, true), row(label, flag) + 4.5}, label.name, kName,
                     Color::ink);
    else if (label.verdict)
      worded_.insert(*label.verdict);
  }

  /// What the shapes, the hatching and the unnamed bands mean: only what this ruler shows. Ends the picture.
  void legend(const Ruler& ruler, double top) {
    double at = kMargin, y = top + 12;
    constexpr double kSwatch = 18;
    const auto entry = [&](const std::string& words, const auto& swatch) {
      const double width = kSwatch + 6 + text_width(words, kName) + 18;
      if (at > kMargin && at + width - 18 > kMargin + length_) at = kMargin, y += 18;
      swatch(Box{at, y - 10, at + kSwatch, y + 1});
      picture_.write({at + kSwatch + 6, y}, words, kName, Color::muted);
      at += width;
    };
    for (const Verdict verdict : worded_)
      entry(to_string(verdict), [&](const Box& box) {
        picture_.add(Drawing::Marker{{(box.left + box.right) / 2, (box.top + box.bottom) / 2},
                                     appearance(verdict).shape,
                                     5,
                                     {appearance(verdict).color, 1},
                                     ""});
      });
    for (const Ruler::Band* band : squeezed_)
      entry(appearance(*band).words, [&](const Box& box) {
        picture_.rectangle(box, {appearance(*band).color, 0.35});
        if (band->basis == "measured") picture_.hatch(box, {appearance(*band).color, 0.6}, 5);
      });
    const auto has = [&](const char* basis) {
      return std::any_of(ruler.bands.begin(), ruler.bands.end(), [&](const auto& band) { return band.basis == basis; });
    };
    if (has("theory")) entry("plain: theory", [&](const Box& box) { picture_.rectangle(box, {Color::grey, 0.4}); });
    if (has("measured"))
      entry("hatched: measured", [&](const Box& box) {
        picture_.rectangle(box, {Color::grey, 0.15});
        picture_.hatch(box, {Color::grey, 0.9}, 5);
      });
    const std::string caption = "learning rate, logarithmic";
    const double width = text_width(caption, kName);
    if (at > kMargin && at + width > kMargin + length_) y += 18;
    picture_.write({kMargin + length_, y}, caption, kName, Color::muted, Anchor::end);
    picture_.height = y + 10;
  }

  void describe(const Ruler& ruler) {
    picture_.title = "The learning-rate ruler";
    for (const auto& band : ruler.bands)
      picture_.description += std::string(appearance(band).words) +
                              (band.from > 0 ? " from " + band_end(ruler, band, band.from, rounded_up) : "") +
                              (band.to ? " up to " + band_end(ruler, band, *band.to, rounded_down) : " and beyond") +
                              " (" + band.basis + "). ";
    for (const RulerLabel& label : layout_.upper)
      picture_.description += label.name + ": " + label.value + " (" + label.basis + "). ";
    for (const RulerLabel& label : layout_.lower)
      if (label.verdict) picture_.description += format_rate(label.lr) + " " + to_string(*label.verdict) + ". ";
  }

  const RulerLayout& layout_;
  double length_, name_width_, flag_height_ = 0;
  Box body_;
  Drawing picture_;
  std::set<Verdict> worded_;
  std::vector<const Ruler::Band*> squeezed_;
};

}  // namespace

std::optional<Drawing> draw(const Ruler& ruler, double width) {
  std::optional<PlacedRuler> ruler_there = placed(ruler, width);
  return ruler_there ? std::optional(std::move(ruler_there->drawing)) : std::nullopt;
}

std::optional<PlacedRuler> placed(const Ruler& ruler, double width, const std::vector<double>& reach, double below) {
  const double name_width = width < 600 ? 78 : 150;
  RulerMeasure measure;
  measure.length = width - 2 * kMargin;
  measure.gap = 7;
  measure.reach = reach;
  measure.dot = kDot;
  measure.upper = [name_width](const RulerLabel& label) {
    double widest = value_width(label);
    for (const std::string& line : name_lines(label, name_width)) widest = std::max(widest, text_width(line, kName));
    return 5 + widest;
  };
  measure.lower = [](const RulerLabel& label) {
    return label.value.empty() ? kDot
                               : kDot + 9 + text_width(label.value, kValue, true) + text_width(label.name, kName);
  };
  const auto layout = lay_out(ruler, measure);
  if (!layout) return {};
  return RulerDrawing(ruler, *layout, width, name_width, below).take();
}

}  // namespace etamax
