#include "etamax/core/range.h"

#include <cmath>

#include "etamax/core/format.h"

namespace etamax {
namespace {

/// A bound, with all the digits of a large whole number.
std::string bound(double value) { return format_number(value, value == std::floor(value) ? 17 : 6); }

std::string bounds(const Range& r, bool whole) {
  const bool above = std::isinf(r.high), below = std::isinf(r.low);
  if (above && below) return "";
  if (below) return (r.high_open ? "below " : "at most ") + bound(r.high);
  if (above && r.low_open && r.low == 0) return "positive";
  if (above) return (r.low_open ? "above " : "at least ") + bound(r.low);
  if (whole) return bound(r.low) + ".." + bound(r.high);
  if (r.low_open && r.high_open) return "between " + bound(r.low) + " and " + bound(r.high);
  return std::string("in ") + (r.low_open ? "(" : "[") + bound(r.low) + ", " + bound(r.high) +
         (r.high_open ? ")" : "]");
}

std::string in_words(const Range& r, bool whole) {
  const std::string brief = bounds(r, whole);
  if (brief.empty()) return whole ? "a whole number" : "finite";
  if (whole && std::isfinite(r.low) && std::isfinite(r.high)) return "a whole number in " + brief;
  if (whole && (brief == "positive" || brief == "at least 1")) return "a positive whole number";
  if (whole && brief == "at least 0") return "0 or a positive whole number";
  return brief == "positive" ? "a positive finite number" : brief;
}

}  // namespace

bool Range::contains(double value) const {
  if (!std::isfinite(value)) return false;
  if (also && value == *also) return true;
  return (low_open ? value > low : value >= low) && (high_open ? value < high : value <= high);
}

std::string Range::text(bool whole) const {
  return also ? bound(*also) + ", or " + in_words(*this, whole) : in_words(*this, whole);
}

std::string Range::brief(bool whole) const {
  return also ? bound(*also) + ", or " + bounds(*this, whole) : bounds(*this, whole);
}

std::string Range::broken_by(double value, bool whole) const {
  const std::string words = text(whole);
  if (!std::isfinite(value) && words.find("finite") == std::string::npos) return "finite; it must be " + words;
  if (whole && value != std::floor(value) && words.find("whole") == std::string::npos)
    return "a whole number; it must be " + words;
  return words;
}

}  // namespace etamax
