#include "etamax/maps/threefry.h"

#include <bit>
#include <cmath>
#include <numbers>

namespace etamax {

std::array<std::uint32_t, 2> ThreefryKey::block(std::uint32_t high, std::uint32_t low) const {
  constexpr int kRotations[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  const std::uint32_t keys[3] = {words_[0], words_[1], words_[0] ^ words_[1] ^ 0x1BD11BDAu};
  std::uint32_t a = high + keys[0], b = low + keys[1];
  for (std::uint32_t group = 0; group < 5; ++group) {
    for (const int rotation : kRotations[group % 2]) {
      a += b;
      b = std::rotl(b, rotation) ^ a;
    }
    a += keys[(group + 1) % 3];
    b += keys[(group + 2) % 3] + group + 1;
  }
  return {a, b};
}

std::pair<ThreefryKey, ThreefryKey> ThreefryKey::split() const {
  // The counters 0, 1, 2, 3 go in as the pairs (0, 2) and (1, 3); what comes out first makes the first key.
  const auto even = block(0, 2), odd = block(1, 3);
  return {ThreefryKey({even[0], odd[0]}), ThreefryKey({even[1], odd[1]})};
}

std::vector<double> ThreefryKey::normal(std::size_t count) const {
  std::vector<double> numbers(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto words = block(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(count + i));
    const std::uint64_t bits = std::uint64_t{words[0]} << 32 | words[1];
    const double unit = std::ldexp(static_cast<double>(bits >> 12), -52);  // [0, 1)
    const double lowest = std::nextafter(-1.0, 0.0);                       // so that -1 is never drawn
    numbers[i] = std::numbers::sqrt2 * inverse_erf(std::fmax(lowest, unit * 2 + lowest));
  }
  return numbers;
}

double inverse_erf(double u) {
  const double size = std::fabs(u);
  if (size == 0) return u;
  // Newton's method, each step of which squares the error. Near 1 it is on log erfc, which is concave and nearly a
  // parabola; erfc keeps the digits that erf has lost, and 1 - size is exact.
  const double tail = 1 - size;
  const double slope = 2 * std::numbers::inv_sqrtpi;
  double x = size < 0.5 ? size / slope : std::sqrt(-std::log(tail));
  for (int step = 0; step < 50; ++step) {
    const double density = slope * std::exp(-x * x);
    const double change =
        size < 0.5 ? (std::erf(x) - size) / density : std::log(tail / std::erfc(x)) * std::erfc(x) / density;
    x -= change;
    if (std::fabs(change) <= 1e-8 * x) break;
  }
  return std::copysign(x, u);
}

}  // namespace etamax
