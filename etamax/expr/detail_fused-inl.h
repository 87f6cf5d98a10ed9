// Functions of doubles for instruction sets whose multiply-add is one instruction, rounded once. They are written out
// from the series of the functions: half as many instructions as Highway's, which serve every instruction set. Largest
// errors, in units in the last place over the ranges of detail_math-inl.h: exp 1.1, expm1 2, tanh sin cos 2.5.
#if defined(ETAMAX_EXPR_DETAIL_FUSED_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ETAMAX_EXPR_DETAIL_FUSED_INL_H_
#undef ETAMAX_EXPR_DETAIL_FUSED_INL_H_
#else
#define ETAMAX_EXPR_DETAIL_FUSED_INL_H_
#endif

#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace etamax {
namespace HWY_NAMESPACE {
namespace fused {
namespace hn = hwy::HWY_NAMESPACE;

/// Of these numbers ours are taken; of others Highway's functions.
template <class D>
constexpr bool ours() {
  return HWY_NATIVE_FMA && sizeof(hn::TFromD<D>) == 8;
}

/// Added and taken away again, it leaves the nearest whole number, which stands in the last bits of the sum.
constexpr double kRounder = 0x1.8p52;

/// c[0] + c[1] x + c[2] x^2 + ...: the even powers and the odd ones apart, for half the latency.
template <class D, class V, std::size_t n>
HWY_INLINE V polynomial(D d, const double (&c)[n], V x, V square) {
  static_assert(n % 2 == 0);
  V even = hn::Set(d, c[n - 2]), odd = hn::Set(d, c[n - 1]);
  for (std::size_t k = n - 2; k >= 2; k -= 2) {
    even = hn::MulAdd(even, square, hn::Set(d, c[k - 2]));
    odd = hn::MulAdd(odd, square, hn::Set(d, c[k - 1]));
  }
  return hn::MulAdd(odd, x, even);
}

/// x = n ln 2 + r with |r| <= ln 2 / 2 (or hardly more): 2^n, and e^r - 1.
template <class D, class V>
HWY_INLINE void exp_parts(D d, V x, V& power, V& rest) {
  // 1/2!, 1/3!, ...: what is left out is below 1e-16 of r.
  constexpr double kSeries[] = {1. / 2,     1. / 6,      1. / 24,      1. / 120,      1. / 720,       1. / 5040,
                                1. / 40320, 1. / 362880, 1. / 3628800, 1. / 39916800, 1. / 479001600, 1. / 6227020800};
  const V rounder = hn::Set(d, kRounder), shifted = hn::MulAdd(x, hn::Set(d, 0x1.71547652b82fep+0), rounder);
  const V n = hn::Sub(shifted, rounder);
  const V near = hn::NegMulAdd(n, hn::Set(d, 0x1.62e42fefa39efp-1), x);
  const V r = hn::NegMulAdd(n, hn::Set(d, 0x1.abc9e3b39803fp-56), near), square = hn::Mul(r, r);
  const hn::RebindToSigned<D> bits;
  power = hn::BitCast(d, hn::Add(hn::ShiftLeft<52>(hn::BitCast(bits, shifted)), hn::BitCast(bits, hn::Set(d, 1.0))));
  rest = hn::MulAdd(square, polynomial(d, kSeries, r, square), r);
}
template <class D, class V>
HWY_INLINE V exp(D d, V x) {
  if constexpr (ours<D>()) {
    V power, rest;
    exp_parts(d, x, power, rest);
    return hn::MulAdd(power, rest, power);
  } else {
    return hn::Exp(d, x);
  }
}
template <class D, class V>
HWY_INLINE V expm1_but_zero(D d, V x) {
  V power, rest;
  exp_parts(d, x, power, rest);
  return hn::MulAdd(power, rest, hn::Sub(power, hn::Set(d, 1.0)));
}
template <class D, class V>
HWY_INLINE V expm1(D d, V x) {
  V result;
  if constexpr (ours<D>())
    result = expm1_but_zero(d, x);
  else
    result = hn::Expm1(d, x);
  return hn::CopySign(result, x);  // that of -0 is -0
}
/// (e^2|x| - 1) / (e^2|x| + 1), with the sign of x.
template <class D, class V>
HWY_INLINE V tanh(D d, V x) {
  if constexpr (ours<D>()) {
    const V size = hn::Min(hn::Abs(x), hn::Set(d, 20.0)), m = expm1_but_zero(d, hn::Add(size, size));
    return hn::CopySign(hn::Div(m, hn::Add(m, hn::Set(d, 2.0))), x);
  } else {
    return hn::Tanh(d, x);
  }
}

/// sin(x - n pi) with the sign that the last bit of `counted` says.
template <class D, class V>
HWY_INLINE V sin_beside(D d, V x, V n, V counted) {
  // -1/3!, 1/5!, ...: of |r| <= pi / 2, what is left out is below 1e-17.
  constexpr double kSeries[] = {-1. / 6,
                                1. / 120,
                                -1. / 5040,
                                1. / 362880,
                                -1. / 39916800,
                                1. / 6227020800,
                                -1. / 1307674368000,
                                1. / 355687428096000,
                                -1. / 121645100408832000,
                                1. / 51090942171709440000.};
  const V first = hn::NegMulAdd(n, hn::Set(d, 0x1.921fb54442d18p+1), x);
  const V second = hn::NegMulAdd(n, hn::Set(d, 0x1.1a62633145c07p-53), first);
  const V r = hn::NegMulAdd(n, hn::Set(d, -0x1.f1976b7ed8fbcp-109), second), square = hn::Mul(r, r);
  const V sine = hn::MulAdd(hn::Mul(r, square), polynomial(d, kSeries, square, hn::Mul(square, square)), r);
  const hn::RebindToSigned<D> bits;
  return hn::Xor(sine, hn::BitCast(d, hn::ShiftLeft<63>(hn::BitCast(bits, counted))));
}
template <class D, class V>
HWY_INLINE V sin(D d, V x) {
  const V size = hn::Abs(x);  // so that of -0 it is -0
  V sine;
  if constexpr (ours<D>()) {
    const V rounder = hn::Set(d, kRounder), counted = hn::MulAdd(size, hn::Set(d, 0x1.45f306dc9c883p-2), rounder);
    sine = sin_beside(d, size, hn::Sub(counted, rounder), counted);
  } else {
    sine = hn::Sin(d, size);
  }
  return hn::Xor(sine, hn::Xor(size, x));
}
/// cos x = sin(x + pi / 2): from the nearest (n - 1/2) pi.
template <class D, class V>
HWY_INLINE V cos(D d, V x) {
  if constexpr (ours<D>()) {
    const V rounder = hn::Set(d, kRounder), half = hn::Set(d, 0.5);
    const V counted = hn::Add(hn::MulAdd(x, hn::Set(d, 0x1.45f306dc9c883p-2), half), rounder);
    return sin_beside(d, x, hn::Sub(hn::Sub(counted, rounder), half), counted);
  } else {
    return hn::Cos(d, x);
  }
}

}  // namespace fused
}  // namespace HWY_NAMESPACE
}  // namespace etamax
HWY_AFTER_NAMESPACE();

#endif  // toggle
