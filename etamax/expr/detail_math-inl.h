// The functions of Op on vectors. Highway's own are used where they were measured to be accurate, or faster ones of
// ours (detail_fused-inl.h, and detail_short_vector.h for browsers); lanes outside that range, NaN among them, are
// computed one by one with std::, so that domains and special values are those of std::.
//
// Largest errors, in units in the last place, over the ranges below (tests/expr/batch_test.cpp measures
// them): exp log 1.1, acos log2 2, log10 2.5, atan asin log1p 3, sin cos tanh 3.5, expm1 sinh cosh sigmoid
// softplus 4. tan, cbrt, erf and pow are those of std:: (in glibc 2, 4, 2 and 1).
#if defined(ETAMAX_EXPR_DETAIL_MATH_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ETAMAX_EXPR_DETAIL_MATH_INL_H_
#undef ETAMAX_EXPR_DETAIL_MATH_INL_H_
#else
#define ETAMAX_EXPR_DETAIL_MATH_INL_H_
#endif

#include <cstring>
#include <limits>

#include "etamax/expr/detail.h"
#include "etamax/expr/detail_fused-inl.h"
#include "etamax/expr/detail_short_vector.h"
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace etamax {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// The lanes of `result` whose x is not in [low, high], computed anew by std::.
template <class D>
HWY_NOINLINE void repair(D d, Op op, const hn::TFromD<D>* x, hn::TFromD<D>* result, double low, double high) {
  for (std::size_t i = 0; i < hn::Lanes(d); ++i)
    if (!(x[i] >= hn::TFromD<D>(low) && x[i] <= hn::TFromD<D>(high))) result[i] = detail::evaluate(op, x[i], x[i]);
}

template <class D, class V>
HWY_INLINE V guarded(D d, Op op, V x, V result, double low, double high) {
  using T = hn::TFromD<D>;
  const auto inside = hn::And(hn::Ge(x, hn::Set(d, T(low))), hn::Le(x, hn::Set(d, T(high))));
  if (HWY_LIKELY(hn::AllTrue(d, inside))) return result;
  HWY_ALIGN T points[hn::MaxLanes(d)];
  HWY_ALIGN T values[hn::MaxLanes(d)];
  hn::Store(x, d, points);
  hn::Store(result, d, values);
  repair(d, op, points, values, low, high);
  return hn::Load(d, values);
}

template <class D>
constexpr bool is_double() {
  return sizeof(hn::TFromD<D>) == 8;
}
template <class D>
constexpr double largest() {
  return std::numeric_limits<hn::TFromD<D>>::max();
}
template <class D>
constexpr double smallest() {
  return std::numeric_limits<hn::TFromD<D>>::min();
}
/// exp of it and of its negative are normal numbers.
template <class D>
constexpr double exponent_limit() {
  return is_double<D>() ? 700 : 87;
}

// NAME of one vector, the vector code, and the range in which it is good.
#define ETAMAX_VECTOR_FUNCTION(NAME, OP, CODE, LOW, HIGH)                                  \
  struct NAME {                                                                            \
    template <class D>                                                                     \
    HWY_INLINE void operator()(D d, const hn::TFromD<D>* from, hn::TFromD<D>* out) const { \
      const auto x = hn::LoadU(d, from);                                                   \
      hn::StoreU(guarded(d, Op::OP, x, CODE, LOW, HIGH), d, out);                          \
    }                                                                                      \
  };
#if HWY_TARGET == HWY_EMU128
// Where Highway has no vectors of doubles (browsers), its functions go lane by lane; ours take the 16 bytes at once.
#define ETAMAX_FREQUENT_FUNCTION(NAME, OP, CODE, LOW, HIGH)                                                  \
  struct NAME {                                                                                              \
    template <class D>                                                                                       \
    HWY_INLINE void operator()(D, const hn::TFromD<D>* from, hn::TFromD<D>* out) const {                     \
      using T = hn::TFromD<D>;                                                                               \
      constexpr double kLow = LOW, kHigh = HIGH;                                                             \
      short_vector::Vector<T> x, y;                                                                          \
      std::memcpy(&x, from, sizeof x);                                                                       \
      y = short_vector::OP<T>(x);                                                                            \
      if (const auto inside = (x >= T(kLow)) & (x <= T(kHigh)); HWY_UNLIKELY(!short_vector::all_of(inside))) \
        for (std::size_t i = 0; i < hn::MaxLanes(D()); ++i)                                                  \
          if (!inside[i]) y[i] = detail::evaluate(Op::OP, x[i], x[i]);                                       \
      std::memcpy(out, &y, sizeof y);                                                                        \
    }                                                                                                        \
  };
#else
#define ETAMAX_FREQUENT_FUNCTION ETAMAX_VECTOR_FUNCTION
#endif

ETAMAX_FREQUENT_FUNCTION(Sin, sin, fused::sin(d, x), -39000, 39000)
ETAMAX_FREQUENT_FUNCTION(Cos, cos, fused::cos(d, x), -39000, 39000)
ETAMAX_VECTOR_FUNCTION(Asin, asin, hn::Asin(d, x), -1, 1)
ETAMAX_VECTOR_FUNCTION(Acos, acos, hn::Acos(d, x), -1, 1)
ETAMAX_VECTOR_FUNCTION(Atan, atan, hn::Atan(d, x), -largest<D>(), largest<D>())
ETAMAX_VECTOR_FUNCTION(Sinh, sinh, hn::Sinh(d, x), -exponent_limit<D>(), exponent_limit<D>())
ETAMAX_FREQUENT_FUNCTION(Tanh, tanh, fused::tanh(d, x), -largest<D>(), largest<D>())
ETAMAX_FREQUENT_FUNCTION(Exp, exp, fused::exp(d, x), -exponent_limit<D>(), exponent_limit<D>())
ETAMAX_FREQUENT_FUNCTION(Expm1, expm1, fused::expm1(d, x), -exponent_limit<D>(), exponent_limit<D>())
ETAMAX_FREQUENT_FUNCTION(Log, log, hn::Log(d, x), smallest<D>(), largest<D>())
ETAMAX_VECTOR_FUNCTION(Log2, log2, hn::Log2(d, x), smallest<D>(), largest<D>())
ETAMAX_VECTOR_FUNCTION(Log10, log10, hn::Log10(d, x), smallest<D>(), largest<D>())
ETAMAX_FREQUENT_FUNCTION(Log1p, log1p, hn::Log1p(d, x), -0.99, 0.5 * largest<D>())

template <class D, class V>
HWY_INLINE V cosh_of(D d, V x) {
  const V half = hn::Set(d, hn::TFromD<D>(0.5)), e = fused::exp(d, hn::Abs(x));
  return hn::MulAdd(half, e, hn::Div(half, e));
}
/// Through exp of a negative number, which cannot overflow.
template <class D, class V>
HWY_INLINE V sigmoid_of(D d, V x) {
  const V one = hn::Set(d, hn::TFromD<D>(1)), small = fused::exp(d, hn::Neg(hn::Abs(x)));
  return hn::Div(hn::IfThenElse(hn::Lt(x, hn::Zero(d)), small, one), hn::Add(one, small));
}
template <class D, class V>
HWY_INLINE V softplus_of(D d, V x) {
  return hn::Add(hn::Max(x, hn::Zero(d)), hn::Log1p(d, fused::exp(d, hn::Neg(hn::Abs(x)))));
}
ETAMAX_FREQUENT_FUNCTION(Cosh, cosh, cosh_of(d, x), -exponent_limit<D>(), exponent_limit<D>())
ETAMAX_FREQUENT_FUNCTION(Sigmoid, sigmoid, sigmoid_of(d, x), -exponent_limit<D>(), exponent_limit<D>())
ETAMAX_FREQUENT_FUNCTION(Softplus, softplus, softplus_of(d, x), -exponent_limit<D>(), exponent_limit<D>())
#undef ETAMAX_FREQUENT_FUNCTION
#undef ETAMAX_VECTOR_FUNCTION

}  // namespace HWY_NAMESPACE
}  // namespace etamax
HWY_AFTER_NAMESPACE();

#endif  // toggle
