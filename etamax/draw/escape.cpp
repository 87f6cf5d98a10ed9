#include "etamax/draw/escape.h"

#include <string_view>

#include "etamax/core/utf8.h"

namespace etamax {
namespace {

/// The length of the UTF-8 character that starts at `at`, or 0 where there is none that XML allows.
std::size_t character_length(const std::string& text, std::size_t at) {
  const std::size_t length = utf8_length(text, at);
  if (length == 1) return static_cast<unsigned char>(text[at]) >= 0x20 || text[at] == '\n' || text[at] == '\t' ? 1 : 0;
  const std::string_view character = std::string_view(text).substr(at, length);
  return character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF" ? 0 : length;  // U+FFFE, U+FFFF
}

}  // namespace

std::string escaped(const std::string& text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_length(text, at);
    if (length == 0)
      out += "\xEF\xBF\xBD";
    else if (length > 1)
      out.append(text, at, length);
    else
      switch (text[at]) {
        case '&':
          out += "&amp;";
          break;
        case '<':
          out += "&lt;";
          break;
        case '>':
          out += "&gt;";
          break;
        case '"':
          out += "&quot;";
          break;
        case '\'':
          out += "&#39;";
          break;
        default:
          out += text[at];
      }
    at += length == 0 ? 1 : length;
  }
  return out;
}

}  // namespace etamax
