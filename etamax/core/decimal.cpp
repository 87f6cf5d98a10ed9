#include "etamax/core/decimal.h"

#include <clocale>
#include <cstdlib>

namespace etamax {

std::optional<double> decimal_value(const std::string& text) {
  static const locale_t point = newlocale(LC_ALL_MASK, "C", nullptr);
  char* end = nullptr;
  const double value = strtod_l(text.c_str(), &end, point);
  if (text.empty() || end != text.c_str() + text.size()) return std::nullopt;
  return value;
}

}  // namespace etamax
