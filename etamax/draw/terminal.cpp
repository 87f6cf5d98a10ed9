#include "etamax/draw/terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace etamax {
namespace {

constexpr const char* kReset = "\x1b[0m";

/// Ink is the terminal's own color, whatever it is.
std::string escape_code(Color color, bool bold, std::optional<Color> background) {
  std::string code;
  const auto part = [&](const std::string& text) { code += (code.empty() ? "" : ";") + text; };
  if (bold) part("1");
  if (background) {
    const Rgb back = shade(*background, false);
    part(fmt::format("38;2;0;0;0;48;2;{};{};{}", back.red, back.green, back.blue));
  } else if (color != Color::ink) {
    const Rgb fore = color == Color::muted || color == Color::faint ? shade(Color::grey, false) : shade(color, false);
    part(fmt::format("38;2;{};{};{}", fore.red, fore.green, fore.blue));
  }
  return code.empty() ? code : "\x1b[" + code + "m";
}

std::vector<std::string> characters(const std::string& text) {
  std::vector<std::string> parts;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80 && !parts.empty())
      parts.back() += c;
    else
      parts.emplace_back(1, c);
  }
  return parts;
}

std::string utf8(unsigned code) {  // of U+0800..U+FFFF
  return {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3F)),
          static_cast<char>(0x80 | (code & 0x3F))};
}

}  // namespace

int columns_of(const std::string& text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

int visible_columns(const std::string& text) {
  std::string plain;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\x1b')
      at = std::min(text.find('m', at), text.size());
    else
      plain += text[at];
  }
  return columns_of(plain);
}

std::string colored(const std::string& text, Color color, const TerminalStyle& style, bool bold) {
  if (!style.color) return text;
  const std::string code = escape_code(color, bold, {});
  return code.empty() ? text : code + text + kReset;
}

std::string paragraph(const std::string& text, const TerminalStyle& style, const std::string& first,
                      const std::string& rest) {
  const double width = std::max(20, style.width - std::max(columns_of(first), columns_of(rest)));
  std::string out;
  for (const std::string& line :
       wrapped(text, width, [](const std::string& t) { return static_cast<double>(columns_of(t)); }))
    out += (out.empty() ? first : rest) + line + "\n";
  return out;
}

std::string signed_paragraph(const Appearance& appearance, const std::string& text, const TerminalStyle& style,
                             const std::string& ascii) {
  if (!style.unicode) return paragraph(text, style, ascii, ascii);
  const std::string sign = appearance.sign;
  std::string lines = paragraph(text, style, sign + " ", "  ");
  // Colored once the lines are broken: escape sequences take no room.
  return lines.replace(0, sign.size(), colored(sign, appearance.color, style));
}

std::string definition(const std::string& name, const std::string& text, int column, const TerminalStyle& style) {
  constexpr int kNarrow = 60;
  if (style.width < kNarrow) return (name.empty() ? "" : "  " + name + "\n") + paragraph(text, style, "    ", "    ");
  const auto indent = static_cast<std::size_t>(column);
  std::string first = "  " + name;
  first.resize(std::max(first.size(), indent), ' ');
  return paragraph(text, style, first, std::string(indent, ' '));
}

Canvas::Canvas(int columns, int rows, const TerminalStyle& style)
    : columns_(columns),
      rows_(rows),
      style_(style),
      cells_(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows)) {}

Canvas::Cell* Canvas::cell(int column, int row) {
  if (column < 0 || column >= columns_ || row < 0 || row >= rows_) return nullptr;
  return &cells_[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns_) + static_cast<std::size_t>(column)];
}

void Canvas::line(Point2 from, Point2 to, Color color, char ascii) {
  const int across = style_.unicode ? 2 : 1, down = style_.unicode ? 4 : 1;
  const auto part = clipped(from, to, {0, 0, columns_ - 1e-6, rows_ - 1e-6});
  if (!part) return;
  const Point2 a{part->first.x * across, part->first.y * down}, b{part->second.x * across, part->second.y * down};
  const int steps = static_cast<int>(std::ceil(std::max(std::abs(b.x - a.x), std::abs(b.y - a.y)) * 1.5));
  for (int i = 0; i <= steps; ++i) {
    const double t = steps == 0 ? 0 : static_cast<double>(i) / steps;
    const int x = static_cast<int>(a.x + t * (b.x - a.x)), y = static_cast<int>(a.y + t * (b.y - a.y));
    Cell* at = cell(x / across, y / down);
    if (!at || (!at->sign.empty() && style_.unicode)) continue;
    at->color = color;
    if (!style_.unicode) {
      at->sign = std::string(1, ascii);
      continue;
    }
    constexpr unsigned kDots[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    at->dots |= kDots[y % 4][x % 2];
  }
}

void Canvas::text(int column, int row, const std::string& text, Color color, bool bold) {
  for (const std::string& sign : characters(text)) {
    if (Cell* at = cell(column, row)) {
      at->sign = sign;
      at->color = color;
      at->bold = bold;
    }
    ++column;
  }
}

void Canvas::fill(int column, int row, Color color, const std::string& sign) {
  Cell* at = cell(column, row);
  if (!at) return;
  at->sign = sign;
  if (style_.color) at->background = color;
}

bool Canvas::is_free(int column, int row, int count) const {
  if (column < 0 || column + count > columns_ || row < 0 || row >= rows_) return false;
  for (int i = 0; i < count; ++i)
    if (!cells_[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns_) +
                static_cast<std::size_t>(column + i)]
             .sign.empty())
      return false;
  return true;
}

void Canvas::set(int column, int row, const Canvas& other) {
  for (int y = 0; y < other.rows_; ++y)
    for (int x = 0; x < other.columns_; ++x)
      if (Cell* at = cell(column + x, row + y))
        *at = other.cells_[static_cast<std::size_t>(y) * static_cast<std::size_t>(other.columns_) +
                           static_cast<std::size_t>(x)];
}

std::vector<std::string> Canvas::lines() const {
  std::vector<std::string> out;
  for (int row = 0; row < rows_; ++row) {
    const Cell* cells = &cells_[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns_)];
    int end = columns_;
    while (end > 0 && cells[end - 1].sign.empty() && cells[end - 1].dots == 0 && !cells[end - 1].background) --end;
    std::string line, code;
    const Cell* last = nullptr;  // whose code is in force
    for (int column = 0; column < end; ++column) {
      const Cell& at = cells[column];
      const bool blank = at.sign.empty() && at.dots == 0 && !at.background;
      if (style_.color &&
          !(last && !blank && last->color == at.color && last->bold == at.bold && last->background == at.background)) {
        const std::string wanted = blank ? "" : escape_code(at.color, at.bold, at.background);
        if (wanted != code) line += (code.empty() ? "" : kReset) + wanted;
        code = wanted;
        last = blank ? nullptr : &at;
      }
      line += !at.sign.empty() ? at.sign : at.dots != 0 ? utf8(0x2800 + at.dots) : " ";
    }
    if (!code.empty()) line += kReset;
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace etamax
