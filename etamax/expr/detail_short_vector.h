#pragma once

#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

/// Functions of vectors of 16 bytes, in what every compiler that knows vectors at all makes of them: for browsers,
/// whose instruction set has no more, and no multiply-add. Written out from the series of the functions; largest
/// errors, in units in the last place over the ranges of detail_math-inl.h: exp log 1, sin cos 1.5, expm1 log1p 2,
/// others 3 (tests/expr/batch_test.cpp measures them). Outside of these ranges, what they give is of no use.
namespace etamax::short_vector {

template <typename T>
struct Types;
template <>
struct Types<double> {
  typedef double Vector __attribute__((vector_size(16)));
  typedef std::int64_t Bits __attribute__((vector_size(16)));
  static constexpr int mantissa = 52;
  static constexpr double rounder = 0x1.8p52;  ///< added and taken away again, it leaves the nearest whole number
  static constexpr std::int64_t sqrt_half = 0x3FE6A09E667F3BCD;
  /// ln 2 in two parts, pi / 2 in three: the first ones so short that whole multiples of them are exact.
  static constexpr double ln2[2] = {0x1.62e42fee00000p-1, 0x1.a39ef35793c76p-33};
  static constexpr double half_pi[3] = {0x1.921fb54400000p+0, 0x1.0b4611a600000p-34, 0x1.3198a2e037073p-69};
};
template <>
struct Types<float> {
  typedef float Vector __attribute__((vector_size(16)));
  typedef std::int32_t Bits __attribute__((vector_size(16)));
  static constexpr int mantissa = 23;
  static constexpr float rounder = 0x1.8p23F;
  static constexpr std::int32_t sqrt_half = 0x3F3504F3;
  static constexpr float ln2[2] = {0x1.62e4p-1F, 0x1.7f7d1cp-20F};
};
template <typename T>
using Vector = typename Types<T>::Vector;
template <typename T>
using Bits = typename Types<T>::Bits;

template <typename T>
Vector<T> all(double x) {
  return Vector<T>{} + static_cast<T>(x);
}
template <typename T>
Bits<T> bits(Vector<T> x) {
  Bits<T> b;
  std::memcpy(&b, &x, sizeof b);
  return b;
}
template <typename T>
Vector<T> from_bits(Bits<T> b) {
  Vector<T> x;
  std::memcpy(&x, &b, sizeof x);
  return x;
}
/// `yes` where the bits of `mask` are 1.
template <typename T>
Vector<T> choose(Bits<T> mask, Vector<T> yes, Vector<T> no) {
  return from_bits<T>((mask & bits<T>(yes)) | (~mask & bits<T>(no)));
}
/// Of a comparison.
template <typename Mask>
bool all_of(Mask mask) {
  auto all = mask[0];
  for (std::size_t i = 1; i < sizeof mask / sizeof all; ++i) all &= mask[i];
  return all != 0;
}
template <typename T>
Bits<T> sign_bit() {
  return Bits<T>{} + std::numeric_limits<std::remove_reference_t<decltype(Bits<T>{}[0])>>::min();
}

/// c[0] + c[1] x + c[2] x^2 + ...
template <typename T, int n>
Vector<T> polynomial(const double (&c)[n], Vector<T> x) {
  Vector<T> sum = all<T>(c[n - 1]);
  for (int k = n - 2; k >= 0; --k) sum = sum * x + static_cast<T>(c[k]);
  return sum;
}

/// x = n ln 2 + r with |r| <= ln 2 / 2 (or hardly more): 2^n, and e^r - 1.
template <typename T>
void exp_parts(Vector<T> x, Vector<T>& power, Vector<T>& rest) {
  using Type = Types<T>;
  const Vector<T> shifted = x * static_cast<T>(1.44269504088896340736) + Type::rounder, n = shifted - Type::rounder;
  const Vector<T> high = x - n * Type::ln2[0], low = n * Type::ln2[1], r = high - low;
  power = from_bits<T>((bits<T>(shifted) << Type::mantissa) + (bits<T>(all<T>(1))));
  // 1/2!, 1/3!, ...: what is left out is below 1e-16 of r, below 1e-9 in single precision.
  constexpr double kDouble[] = {1. / 2,     1. / 6,      1. / 24,      1. / 120,      1. / 720,       1. / 5040,
                                1. / 40320, 1. / 362880, 1. / 3628800, 1. / 39916800, 1. / 479001600, 1. / 6227020800};
  constexpr double kFloat[] = {1. / 2, 1. / 6, 1. / 24, 1. / 120, 1. / 720, 1. / 5040, 1. / 40320};
  const Vector<T> error = (high - r) - low;  // of the subtraction
  if constexpr (sizeof(T) == 8)
    rest = r + (r * r * polynomial<T>(kDouble, r) + error);
  else
    rest = r + (r * r * polynomial<T>(kFloat, r) + error);
}

template <typename T>
Vector<T> exp(Vector<T> x) {
  Vector<T> power, rest;
  exp_parts<T>(x, power, rest);
  return power + power * rest;
}
template <typename T>
Vector<T> expm1(Vector<T> x) {
  Vector<T> power, rest;
  exp_parts<T>(x, power, rest);
  return power * rest + (power - static_cast<T>(1));
}
template <typename T>
Vector<T> abs(Vector<T> x) {
  return from_bits<T>(bits<T>(x) & ~sign_bit<T>());
}
/// (e^2|x| - 1) / (e^2|x| + 1), with the sign of x.
template <typename T>
Vector<T> tanh(Vector<T> x) {
  const Bits<T> sign = bits<T>(x) & sign_bit<T>();
  const Vector<T> size = abs<T>(x), far = all<T>(sizeof(T) == 8 ? 20 : 10);
  const Vector<T> m = expm1<T>(static_cast<T>(2) * choose<T>(size < far, size, far));
  return from_bits<T>(bits<T>(m / (m + static_cast<T>(2))) | sign);
}

/// log(2^k (1 + f)) with 1 + f between the root of 1/2 and that of 2; `extra`: what is to be added to it, small.
template <typename T>
Vector<T> log_of(Vector<T> x, Vector<T> extra) {
  using Type = Types<T>;
  const Bits<T> b = bits<T>(x), k = (b - Type::sqrt_half) >> Type::mantissa;
  const Vector<T> f = from_bits<T>(b - (k << Type::mantissa)) - static_cast<T>(1);
  // k as a number: it is small, so that it stands in the last bits of the rounder.
  const Vector<T> n = from_bits<T>(k + bits<T>(all<T>(static_cast<double>(Type::rounder)))) - Type::rounder;
  // With s = f / (2 + f): log(1 + f) = 2 (s + s^3/3 + s^5/5 + ...) = f - (f^2/2 - s (f^2/2 + 2 (s^2/3 + s^4/5 + ...))).
  const Vector<T> s = f / (f + static_cast<T>(2)), s2 = s * s, half = static_cast<T>(0.5) * f * f;
  constexpr double kDouble[] = {2. / 3, 2. / 5, 2. / 7, 2. / 9, 2. / 11, 2. / 13, 2. / 15, 2. / 17, 2. / 19, 2. / 21};
  constexpr double kFloat[] = {2. / 3, 2. / 5, 2. / 7, 2. / 9};
  Vector<T> series;
  if constexpr (sizeof(T) == 8)
    series = s2 * polynomial<T>(kDouble, s2);
  else
    series = s2 * polynomial<T>(kFloat, s2);
  return n * Type::ln2[0] + (f - (half - (s * (half + series) + (n * Type::ln2[1] + extra))));
}
template <typename T>
Vector<T> log(Vector<T> x) {
  return log_of<T>(x, Vector<T>{});
}
template <typename T>
Vector<T> log1p(Vector<T> x) {
  const Vector<T> u = x + static_cast<T>(1), one = all<T>(1);
  const Vector<T> lost = choose<T>(u > x + x, x - (u - one), one - (u - x));  // 1 + x is u and this
  return log_of<T>(u, lost / u);
}

template <typename T>
Vector<T> cosh(Vector<T> x) {
  const Vector<T> e = exp<T>(abs<T>(x));
  return static_cast<T>(0.5) * e + static_cast<T>(0.5) / e;
}
/// Through exp of a negative number, which cannot overflow; so is the next one.
template <typename T>
Vector<T> sigmoid(Vector<T> x) {
  const Vector<T> small = exp<T>(-abs<T>(x)), one = all<T>(1);
  return choose<T>(x < Vector<T>{}, small, one) / (one + small);
}
template <typename T>
Vector<T> softplus(Vector<T> x) {
  return choose<T>(x > Vector<T>{}, x, Vector<T>{}) + log1p<T>(exp<T>(-abs<T>(x)));
}

/// sin(x + quarters pi / 2).
inline Vector<double> sin_of(Vector<double> x, int quarters) {
  using T = double;
  using Type = Types<double>;
  const Vector<T> shifted = x * static_cast<T>(0.63661977236758134308) + Type::rounder, n = shifted - Type::rounder;
  const Vector<T> first = x - n * Type::half_pi[0], second = n * Type::half_pi[1], near = first - second;
  const Vector<T> third = n * Type::half_pi[2] - ((first - near) - second), r = near - third,
                  error = (near - r) - third;
  const Bits<T> quarter = bits<T>(shifted) + quarters;
  const Vector<T> r2 = r * r;
  constexpr double kSin[] = {-1. / 6,        1. / 120,        -1. / 5040,          1. / 362880,
                             -1. / 39916800, 1. / 6227020800, -1. / 1307674368000, 1. / 355687428096000};
  constexpr double kCos[] = {1. / 24,        -1. / 720,         1. / 40320,         -1. / 3628800,
                             1. / 479001600, -1. / 87178291200, 1. / 20922789888000};
  const Vector<T> half = static_cast<T>(0.5) * r2, one = all<T>(1), top = one - half;
  const Vector<T> sine = r + (r * r2 * polynomial<T>(kSin, r2) + error);
  const Vector<T> cosine = top + (((one - top) - half) + (r2 * r2 * polynomial<T>(kCos, r2) - r * error));
  const Vector<T> value = choose<T>(-(quarter & 1), cosine, sine);
  return from_bits<T>(bits<T>(value) ^ ((quarter << 62) & sign_bit<T>()));
}
/// In double precision, two at a time: single precision has no room for whole multiples of a part of pi / 2.
inline Vector<float> sin_of(Vector<float> x, int quarters) {
  const Vector<double> low = sin_of(Vector<double>{x[0], x[1]}, quarters);
  const Vector<double> high = sin_of(Vector<double>{x[2], x[3]}, quarters);
  Vector<float> result{};
  for (int i = 0; i < 2; ++i) result[i] = static_cast<float>(low[i]), result[2 + i] = static_cast<float>(high[i]);
  return result;
}
template <typename T>
Vector<T> sin(Vector<T> x) {
  return sin_of(x, 0);
}
template <typename T>
Vector<T> cos(Vector<T> x) {
  return sin_of(x, 1);
}

}  // namespace etamax::short_vector
