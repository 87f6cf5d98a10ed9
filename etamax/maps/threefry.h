#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace etamax {

/// The counter-based generator Threefry-2x32 with 20 rounds (Salmon et al., Parallel random numbers: as easy as 1, 2,
/// 3, 2011), and numbers drawn from it in the order in which JAX drew them until its version 0.4: experiments published
/// with that order begin again at the same bits.
class ThreefryKey {
 public:
  explicit ThreefryKey(std::uint64_t seed)
      : words_{static_cast<std::uint32_t>(seed >> 32), static_cast<std::uint32_t>(seed)} {}

  /// Two independent keys.
  std::pair<ThreefryKey, ThreefryKey> split() const;
  /// `count` independent numbers of the standard normal distribution, each from 52 bits.
  std::vector<double> normal(std::size_t count) const;

  /// One block of the generator.
  std::array<std::uint32_t, 2> block(std::uint32_t high, std::uint32_t low) const;

 private:
  explicit ThreefryKey(std::array<std::uint32_t, 2> words) : words_(words) {}
  std::array<std::uint32_t, 2> words_;
};

/// The x with erf(x) = u, for -1 < u < 1, to a few units in the last place.
double inverse_erf(double u);

}  // namespace etamax
