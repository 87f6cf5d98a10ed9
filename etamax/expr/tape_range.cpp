#include <cmath>
#include <limits>

#include "etamax/expr/tape.h"

namespace etamax {
namespace {

constexpr double kSmallest = std::numeric_limits<double>::min();  // below it digits are lost

/// A number, and whether it is what numbers of any size would give.
struct Known {
  double value;
  bool exact = true;

  bool is_normal() const { return std::abs(value) >= kSmallest && std::isfinite(value); }
};

/// `result` of operands that are as large as the machine's numbers can tell.
bool leaves_range(double result, bool may_vanish) {
  return std::isinf(result) || (may_vanish && std::abs(result) < kSmallest);
}

Known product(Known a, Known b, double result) {
  if ((a.exact && a.value == 0) || (b.exact && b.value == 0)) return {result};
  return {result, a.exact && b.exact &&
                      !(std::isfinite(a.value) && std::isfinite(b.value) &&
                        leaves_range(result, a.is_normal() && b.is_normal()))};
}

/// What has vanished is negligible beside a number of any size.
Known sum(Known a, Known b, double result) {
  const auto negligible = [](Known small, Known beside) {
    return !small.exact && std::abs(small.value) < kSmallest && beside.exact && beside.is_normal();
  };
  const bool exact = (a.exact && b.exact) || negligible(a, b) || negligible(b, a);
  return {result, exact && !(std::isfinite(a.value) && std::isfinite(b.value) && std::isinf(result))};
}

Known applied(Op op, Known a, Known b, double result) {
  switch (op) {
    case Op::add:
      return sum(a, b, result);
    case Op::multiply:
      return product(a, b, result);
    case Op::divide:
      if (a.exact && a.value == 0) return {result};
      return {result, a.exact && b.exact && !(b.is_normal() && leaves_range(result, a.is_normal()))};
    case Op::power:
      return {result, a.exact && b.exact && !(a.value != 0 && leaves_range(result, a.is_normal()))};
    case Op::max:
    case Op::min:
      return result == a.value ? a : b;
    case Op::sign:
    case Op::step:
      return {result};
    case Op::relu:
      return {result, a.exact || a.value <= 0};
    case Op::exp:
    case Op::sigmoid:
    case Op::softplus:
      return {result, a.exact && !leaves_range(result, true)};
    case Op::sinh:
    case Op::cosh:
    case Op::expm1:
      return {result, a.exact && !leaves_range(result, false)};
    default:
      return {result, a.exact};
  }
}

}  // namespace

bool Tape::in_range(std::span<const double> x, double* r) const {
  run(x, r);
  std::vector<bool> exact(registers(), true);
  const auto known = [&](std::uint32_t i) { return Known{r[i], exact[i]}; };
  for (std::size_t k = 0; k < code.size(); ++k) {
    const Step& s = code[k];
    const std::size_t to = inputs() + k;
    const Known a = known(s.a);
    switch (s.shape) {
      case Shape::plain:
        exact[to] = applied(s.op, a, known(s.b), r[to]).exact;
        break;
      case Shape::multiply_add:
      case Shape::negative_multiply_add: {
        const double ab = r[s.a] * r[s.b];
        exact[to] = sum(product(a, known(s.b), ab), known(s.c), r[to]).exact;
        break;
      }
      case Shape::polynomial: {
        const Polynomial& p = polynomials[s.b];
        double rest = 0;  // 0 at a root, which is no matter of size
        for (std::uint32_t i = 0; i < p.count; ++i) rest = rest * a.value + coefficients[p.first + i];
        const Known power = applied(Op::power, a, {double(p.shift)}, std::pow(a.value, p.shift));
        exact[to] = product(power, {rest, a.exact && std::isfinite(rest)}, r[to]).exact;
        break;
      }
    }
  }
  for (const std::uint32_t i : outputs)
    if (!exact[i]) return false;
  return true;
}

}  // namespace etamax
