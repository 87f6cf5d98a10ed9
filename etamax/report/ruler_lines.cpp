#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "etamax/report/appearance.h"
#include "etamax/report/ruler.h"

namespace etamax {
namespace {

int column(double at) { return static_cast<int>(std::floor(at)); }

std::string upper_text(const RulerLabel& label) {
  return label.name + " " + label.value + (label.basis.empty() ? "" : " (" + label.basis + ")");
}

std::string lower_text(const RulerLabel& label) { return label.value + (label.name.empty() ? "" : " " + label.name); }

/// What a band is filled with: measured bands are hatched; theory is plain, or a texture where there are no
/// colors.
std::string band_sign(const Ruler::Band& band, const TerminalStyle& style) {
  if (band.basis == "measured") return style.unicode ? "╱" : "/";
  if (style.color) return "";
  if (band.name == "oscillating") return "~";
  return style.unicode ? "·" : ".";
}

}  // namespace

std::vector<std::string> lines(const Ruler& ruler, const TerminalStyle& style) {
  RulerMeasure measure;
  measure.length = style.width - 1;
  measure.gap = 1;
  measure.dot = 0;
  measure.whole = true;
  measure.upper = [&](const RulerLabel& label) {
    return std::min(2.0 + columns_of(upper_text(label)), 0.75 * measure.length);
  };
  measure.lower = [](const RulerLabel& label) {
    return label.value.empty() ? 1.0 : 2.0 + columns_of(lower_text(label));
  };
  const auto layout = lay_out(ruler, measure);
  if (!layout) return {};
  int upper = 0, lower = layout->dot_rows;
  for (const Flag& flag : layout->upper_flags) upper = std::max(upper, flag.level + 1);
  const auto row_of = [&](std::size_t i) {  // below the ruler
    return layout->lower_flags[i].level + (layout->lower[i].value.empty() ? 0 : layout->dot_rows);
  };
  for (std::size_t i = 0; i < layout->lower.size(); ++i) lower = std::max(lower, row_of(i) + 1);
  const int body = upper, scale_row = upper + 1, ticks_row = upper + 2, first_run = upper + 3;
  Canvas canvas(style.width, first_run + lower, style);
  const char* const pole = style.unicode ? "│" : "|";

  bool squeezed = false;  // a band is too narrow for its name
  for (const RulerSegment& segment : layout->segments) {
    const int from = column(segment.left * measure.length), to = column(segment.right * measure.length);
    for (int at = from; at < to; ++at) {
      if (segment.band) canvas.fill(at, body, appearance(*segment.band).color, band_sign(*segment.band, style));
    }
    if (!segment.band) continue;
    std::string words = appearance(*segment.band).words;
    if (segment.band->basis == "measured" && columns_of(words) + 13 <= to - from) words += " (measured)";
    if (columns_of(words) + 2 > to - from) words = segment.band->name;
    if (columns_of(words) + 2 <= to - from)
      canvas.text(from + (to - from - columns_of(words) - 2) / 2, body, " " + words + " ");
    else
      squeezed = true;
  }
  for (int at = 0; at <= column(measure.length); ++at)
    canvas.text(at, scale_row, style.unicode ? "─" : "-", Color::muted);
  for (const RulerSegment& segment : layout->segments)
    if (segment.left > 0)
      canvas.text(column(segment.left * measure.length), scale_row, style.unicode ? "┴" : "+", Color::muted);
  const auto extent = [](const std::string& text) { return static_cast<double>(columns_of(text)); };
  for (const Tick& tick : axis_ticks(layout->scale, measure.length, 2, extent)) {
    const int at = column(layout->scale.position(tick.value) * measure.length);
    if (tick.label.empty()) continue;
    canvas.text(at, scale_row, style.unicode ? "┼" : "+", Color::muted);
    const int left = std::clamp(at - columns_of(tick.label) / 2, 0, std::max(0, style.width - columns_of(tick.label)));
    if (canvas.is_free(left, ticks_row, columns_of(tick.label))) canvas.text(left, ticks_row, tick.label, Color::muted);
  }
  for (std::size_t i = 0; i < layout->upper.size(); ++i) {
    const Flag& flag = layout->upper_flags[i];
    const int at = column(flag.at), row = upper - 1 - flag.level;
    for (int below = row + 1; below < upper; ++below) canvas.text(at, below, pole);
    canvas.text(at, row, (style.unicode ? "┌ " : "+ ") + upper_text(layout->upper[i]));
  }
  std::set<Verdict> unnamed;
  for (std::size_t i = 0; i < layout->lower.size(); ++i)
    for (int above = 0; above < row_of(i) && !layout->lower[i].value.empty(); ++above)
      canvas.text(column(layout->lower_flags[i].at), first_run + above, pole, Color::muted);
  for (std::size_t i = 0; i < layout->lower.size(); ++i) {
    const RulerLabel& label = layout->lower[i];
    const Flag& flag = layout->lower_flags[i];
    const Appearance dot =
        label.verdict ? appearance(*label.verdict) : Appearance{Color::ink, Shape::diamond, "◇", '*'};
    const int at = column(flag.at), row = first_run + row_of(i);
    canvas.text(at, row, style.unicode ? dot.sign : std::string(1, dot.ascii), dot.color);
    if (!label.value.empty()) canvas.text(at + 2, row, lower_text(label));
    if (label.name.empty() && label.verdict) unnamed.insert(*label.verdict);
  }
  std::vector<std::string> out = canvas.lines();
  std::string legend;
  for (const Verdict verdict : unnamed) {
    const std::string sign = style.unicode ? appearance(verdict).sign : std::string(1, appearance(verdict).ascii);
    const std::string entry = sign + " " + to_string(verdict);
    if (!legend.empty() && columns_of(legend + "  " + entry) > style.width) out.push_back(std::exchange(legend, ""));
    legend += (legend.empty() ? "" : "  ") + entry;
  }
  if (!legend.empty()) out.push_back(legend);
  if (squeezed) {
    std::string names;
    for (const RulerSegment& segment : layout->segments)
      if (segment.band) names += (names.empty() ? "from the left: " : ", ") + segment.band->name;
    for (const std::string& line : wrapped(names, style.width, extent)) out.push_back(line);
  }
  return out;
}

}  // namespace etamax
