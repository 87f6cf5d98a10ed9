#include "etamax/core/utf8.h"

#include <fmt/format.h>

#include <algorithm>

namespace etamax {
namespace {

unsigned byte_at(std::string_view text, std::size_t at) {
  return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
}

/// C0, DEL, and C1 (U+0080 to U+009F), which some terminals obey as well; and those that turn the direction of writing
/// around, so that a text does not read as what it is (U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069).
bool is_control(std::string_view character) {
  const unsigned first = byte_at(character, 0), second = byte_at(character, 1), third = byte_at(character, 2);
  if (first == 0xE2 && second == 0x80) return third == 0x8E || third == 0x8F || (third >= 0xAA && third <= 0xAE);
  if (first == 0xE2 && second == 0x81) return third >= 0xA6 && third <= 0xA9;
  return first < 0x20 || first == 0x7F || (first == 0xC2 && second < 0xA0);
}

}  // namespace

std::size_t utf8_length(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  const unsigned first = byte_at(text, at);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first < 0xE0   ? 2
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
  unsigned long code = length == 2 ? first & 0x1F : length == 3 ? first & 0x0F : first & 0x07;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(text, at + i) & 0xC0) != 0x80) return 0;
    code = code << 6 | (byte_at(text, at + i) & 0x3F);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && (code < 0x10000 || code > 0x10FFFF));
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  return overlong || surrogate ? 0 : length;
}

std::string_view utf8_prefix(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = 0;
  for (std::size_t at = 0; at <= most; at += std::max<std::size_t>(utf8_length(text, at), 1)) end = at;
  return text.substr(0, end);
}

std::string visible_character(std::string_view text, std::size_t& at) {
  const std::size_t length = utf8_length(text, at);
  const std::string_view character = text.substr(at, std::max<std::size_t>(length, 1));
  at += character.size();
  if (length > 0 && !is_control(character)) return std::string(character);
  std::string shown;
  for (const char c : character) shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return shown;
}

}  // namespace etamax
