#include "etamax/draw/drawing.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace etamax {
namespace {

struct Shades {
  const char* name;
  Rgb light, dark;
};
constexpr std::array<Shades, kColors> kShades = {{
    {"ink", {0x1c, 0x20, 0x26}, {0xe8, 0xea, 0xed}},
    {"muted", {0x5a, 0x62, 0x6e}, {0xa3, 0xab, 0xb8}},
    {"faint", {0xdd, 0xe1, 0xe6}, {0x3a, 0x41, 0x4b}},
    {"paper", {0xff, 0xff, 0xff}, {0x14, 0x17, 0x1c}},
    {"panel", {0xf5, 0xf6, 0xf8}, {0x1d, 0x21, 0x28}},
    {"blue", {0x00, 0x72, 0xb2}, {0x4a, 0xa3, 0xe0}},
    {"sky", {0x56, 0xb4, 0xe9}, {0x7c, 0xc8, 0xf2}},
    {"green", {0x00, 0x9e, 0x73}, {0x2c, 0xc4, 0x98}},
    {"yellow", {0xd8, 0xc4, 0x1f}, {0xf0, 0xe4, 0x42}},
    {"orange", {0xe6, 0x9f, 0x00}, {0xf2, 0xb3, 0x2e}},
    {"vermillion", {0xd5, 0x5e, 0x00}, {0xf0, 0x80, 0x35}},
    {"purple", {0xb8, 0x5c, 0x90}, {0xdd, 0x92, 0xbc}},
    {"grey", {0x8a, 0x92, 0x9c}, {0x7b, 0x84, 0x90}},
}};

// Thousandths of the font size, for ' ' to '~': the advance widths of DejaVu Sans.
constexpr std::array<int, 95> kWidths = {
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361,  318, 337, 636, 636, 636,
    636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632,
    575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635,  611, 732, 684, 989, 685,
    611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352,  635, 634, 278, 278, 579,
    278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592,  525, 636, 337, 636, 838};

Point2 moved(Point2 p, Point2 by) { return {p.x + by.x, p.y + by.y}; }

bool is_operator(const std::string& word) {
  return word.size() == 1 && std::string("-+=x*/<>").find(word[0]) != std::string::npos;
}

}  // namespace

Rgb shade(Color color, bool dark) {
  const Shades& shades = kShades[static_cast<std::size_t>(color)];
  return dark ? shades.dark : shades.light;
}

const char* name(Color color) { return kShades[static_cast<std::size_t>(color)].name; }

void Drawing::line(Point2 from, Point2 to, Paint paint, double line_width, Dash dash) {
  add(Path{{{from, to}}, false, {}, paint, line_width, dash});
}

void Drawing::rectangle(const Box& box, Paint fill) {
  add(Path{{{{box.left, box.top}, {box.right, box.top}, {box.right, box.bottom}, {box.left, box.bottom}}},
           true,
           fill,
           {},
           1,
           Dash::solid});
}

void Drawing::hatch(const Box& box, Paint paint, double spacing) {
  Path lines{{}, false, {}, paint, 1.2, Dash::solid};
  const double across = box.bottom - box.top;
  for (double x = box.left - across + spacing / 2; x < box.right; x += spacing)
    if (const auto part = clipped({x, box.bottom}, {x + across, box.top}, box))
      lines.parts.push_back({part->first, part->second});
  if (!lines.parts.empty()) add(std::move(lines));
}

void Drawing::arrow(Point2 from, Point2 to, Paint paint, double line_width, Dash dash) {
  const double length = std::hypot(to.x - from.x, to.y - from.y);
  if (length < 1e-9) return;
  const double head = std::min(3 + 3 * line_width, 0.6 * length);
  const Point2 along{(to.x - from.x) / length, (to.y - from.y) / length};
  const Point2 neck{to.x - head * along.x, to.y - head * along.y}, side{-0.42 * head * along.y, 0.42 * head * along.x};
  line(from, neck, paint, line_width, dash);
  add(Path{{{to, moved(neck, side), {neck.x - side.x, neck.y - side.y}}}, true, paint, {}, 1, Dash::solid});
}

void Drawing::add(const Drawing& other, Point2 at) {
  for (auto item : other.items) {
    if (auto* path = std::get_if<Path>(&item)) {
      for (auto& part : path->parts)
        for (Point2& p : part) p = moved(p, at);
    } else if (auto* marker = std::get_if<Marker>(&item)) {
      marker->at = moved(marker->at, at);
    } else if (auto* text = std::get_if<Text>(&item)) {
      text->at = moved(text->at, at);
    } else if (auto* image = std::get_if<Image>(&item)) {
      Box& box = image->box;
      box = {box.left + at.x, box.top + at.y, box.right + at.x, box.bottom + at.y};
    }
    items.push_back(std::move(item));
  }
}

double text_width(const std::string& text, double size, bool bold) {
  double thousandths = 0;
  for (const char c : text) {
    if (c >= ' ' && c <= '~')
      thousandths += kWidths[static_cast<std::size_t>(c - ' ')];
    else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80)  // the first byte of a character of several
      thousandths += 840;
  }
  return thousandths / 1000 * size * (bold ? 1.12 : 1.0);
}

Box box_of(const Drawing::Text& text) {
  const double width = text_width(text.text, text.size, text.bold);
  const double left = text.at.x - (text.anchor == Anchor::start    ? 0
                                   : text.anchor == Anchor::middle ? width / 2
                                                                   : width);
  return {left, text.at.y - 0.78 * text.size, left + width, text.at.y + 0.22 * text.size};
}

Box box_of(const Drawing::Marker& marker) {
  return {marker.at.x - marker.radius, marker.at.y - marker.radius, marker.at.x + marker.radius,
          marker.at.y + marker.radius};
}

std::optional<std::pair<Point2, Point2>> clipped(Point2 from, Point2 to, const Box& box) {
  double enter = 0, leave = 1;
  const double dx = to.x - from.x, dy = to.y - from.y;
  // Liang and Barsky: each side bounds the part of the segment that is inside.
  for (const auto& [direction, distance] : {std::pair{-dx, from.x - box.left}, std::pair{dx, box.right - from.x},
                                            std::pair{-dy, from.y - box.top}, std::pair{dy, box.bottom - from.y}}) {
    if (direction == 0) {
      if (distance < 0) return {};
    } else if (direction < 0) {
      enter = std::max(enter, distance / direction);
    } else {
      leave = std::min(leave, distance / direction);
    }
  }
  if (!(enter <= leave)) return {};
  return std::pair{Point2{from.x + enter * dx, from.y + enter * dy}, Point2{from.x + leave * dx, from.y + leave * dy}};
}

std::vector<std::string> unbreakable_parts(const std::string& text) {
  std::vector<std::string> parts;
  bool glue = false;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    begin = end + 1;
    if (word.empty()) continue;
    const bool sign = is_operator(word);
    if (!parts.empty() && (glue || sign))
      parts.back() += " " + word;
    else
      parts.push_back(word);
    glue = sign;
  }
  return parts;
}

}  // namespace etamax
