#include "faults.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace etamax::testing {
namespace {

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == ':' || c == '.';
}

/// The place after the entity that starts at `at`, or npos.
std::size_t entity_end(const std::string& text, std::size_t at) {
  const std::size_t end = text.find(';', at);
  if (end == std::string::npos || end - at > 10) return std::string::npos;
  const std::string name = text.substr(at + 1, end - at - 1);
  static const std::set<std::string> known = {"amp", "lt", "gt", "quot", "apos"};
  const bool number = name.size() > 1 && name[0] == '#' &&
                      std::all_of(name.begin() + (name[1] == 'x' ? 2 : 1), name.end(),
                                  [](char c) { return std::isxdigit(static_cast<unsigned char>(c)); });
  return known.count(name) || number ? end + 1 : std::string::npos;
}

std::string bad_text(const std::string& text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c == '<') return "a bare <";
    if (c < 0x20 && c != '\n' && c != '\t' && c != '\r') return "a control character";
    if (c == '&' && entity_end(text, at) == std::string::npos)
      return "a bare & or an unknown entity: " + text.substr(at, 12);
  }
  return "";
}

}  // namespace

std::string xml_fault(const std::string& text) {
  std::vector<std::string> open;
  std::size_t at = 0;
  const std::string doctype = "<!DOCTYPE html>";
  if (text.rfind(doctype, 0) == 0) at = doctype.size();
  bool had_root = false;
  while (at < text.size()) {
    const std::size_t tag = text.find('<', at);
    const std::string between = text.substr(at, tag == std::string::npos ? std::string::npos : tag - at);
    if (const std::string bad = bad_text(between); !bad.empty()) return bad;
    if (open.empty() && between.find_first_not_of(" \n\t") != std::string::npos)
      return "text outside the root: " + between.substr(0, 30);
    if (tag == std::string::npos) break;
    at = tag + 1;
    const bool closing = text[at] == '/';
    if (closing) ++at;
    std::size_t end = at;
    while (end < text.size() && is_name(text[end])) ++end;
    const std::string name = text.substr(at, end - at);
    if (name.empty()) return "a tag without a name at " + text.substr(tag, 20);
    at = end;
    std::set<std::string> attributes;
    bool self_closing = false;
    while (true) {
      at = text.find_first_not_of(" \n\t", at);
      if (at == std::string::npos) return "an unfinished tag " + name;
      if (text[at] == '>') break;
      if (text[at] == '/' && text[at + 1] == '>') {
        self_closing = true;
        ++at;
        break;
      }
      end = at;
      while (end < text.size() && is_name(text[end])) ++end;
      const std::string attribute = text.substr(at, end - at);
      if (attribute.empty() || closing || text.compare(end, 2, "=\"") != 0)
        return "a bad attribute in " + name + ": " + text.substr(at, 20);
      if (!attributes.insert(attribute).second) return "the attribute " + attribute + " twice in " + name;
      const std::size_t quote = text.find('"', end + 2);
      if (quote == std::string::npos) return "an unfinished attribute in " + name;
      if (const std::string bad = bad_text(text.substr(end + 2, quote - end - 2)); !bad.empty())
        return bad + " in an attribute of " + name;
      at = quote + 1;
    }
    ++at;
    if (closing) {
      if (open.empty() || open.back() != name)
        return "</" + name + "> closes " + (open.empty() ? "nothing" : open.back());
      open.pop_back();
    } else {
      if (open.empty() && had_root) return "a second root " + name;
      had_root = true;
      if (!self_closing) open.push_back(name);
    }
  }
  return open.empty() ? (had_root ? "" : "no element") : "<" + open.back() + "> is not closed";
}

std::string text_faults(const Drawing& drawing) {
  constexpr double kTolerance = 0.5;  // pixels; the widths are estimates
  std::string faults;
  std::vector<std::pair<std::string, Box>> boxes;
  for (const auto& item : drawing.items)
    if (const auto* text = std::get_if<Drawing::Text>(&item); text && !text->text.empty())
      boxes.emplace_back(text->text, box_of(*text));
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const auto& [words, box] = boxes[i];
    if (box.left < -kTolerance || box.right > drawing.width + kTolerance || box.top < -kTolerance ||
        box.bottom > drawing.height + kTolerance)
      faults += "'" + words + "' sticks out; ";
    for (std::size_t j = i + 1; j < boxes.size(); ++j)
      if (box.overlaps(boxes[j].second, -kTolerance)) faults += "'" + words + "' overlaps '" + boxes[j].first + "'; ";
  }
  return faults;
}

}  // namespace etamax::testing
