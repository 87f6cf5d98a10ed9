#include "etamax/maps/distances.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace etamax {
namespace {

constexpr int kBias = 1023, kMantissa = 52;  // of a double

/// The exponent of a normal number above 0: its power of two is at most the number.
int exponent_of(double size) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &size, sizeof bits);
  return static_cast<int>(bits >> kMantissa) - kBias;
}

double power_of_two(int exponent) {
  const std::uint64_t bits = static_cast<std::uint64_t>(exponent + kBias) << kMantissa;
  double power = 0;
  std::memcpy(&power, &bits, sizeof power);
  return power;
}

/// What may be divided by its power of two, whose inverse is normal too.
bool can_be_scaled(double size) { return size >= std::numeric_limits<double>::min() && size < 0x1p1022; }

}  // namespace

void Distances::begin(std::size_t lane) {
  for (std::size_t p = 0; p < parts_; ++p) lanes_.state[first_ + p][lane] = p < coordinates_ ? 1 : 0;
}

void Distances::begin() {
  for (std::size_t lane = 0; lane < lanes_.padded(); ++lane) begin(lane);
  doublings_.assign(lanes_.padded(), 0);
  risen_ = most_ = doublings_;
}

void Distances::note(std::size_t lane, double doublings) {
  risen_[lane] = std::max(0.0, risen_[lane] + doublings);
  most_[lane] = std::max(most_[lane], risen_[lane]);
}

std::vector<double> Distances::sizes() const {
  std::vector<double> size(lanes_.padded(), 0);
  for (std::size_t p = 0; p < measured_; ++p) {
    const double* const part = lanes_.state[first_ + p].data();
    for (std::size_t lane = 0; lane < size.size(); ++lane) {
      const double a = std::abs(part[lane]);
      size[lane] = size[lane] < a ? a : size[lane];
    }
  }
  return size;
}

void Distances::scale(const std::vector<double>& factor) {
  for (std::size_t p = 0; p < parts_; ++p) {
    double* const part = lanes_.state[first_ + p].data();
    for (std::size_t lane = 0; lane < factor.size(); ++lane) part[lane] *= factor[lane];
  }
}

void Distances::restart() {
  std::vector<double> factor = sizes();
  for (std::size_t lane = 0; lane < factor.size(); ++lane) {
    if (can_be_scaled(factor[lane])) {
      note(lane, exponent_of(factor[lane]));
      factor[lane] = 1 / factor[lane];
    } else {
      begin(lane), factor[lane] = 1;
    }
  }
  scale(factor);
  doublings_.assign(factor.size(), 0);
}

void Distances::bring_back() {
  std::vector<double> factor = sizes();
  for (std::size_t lane = 0; lane < factor.size(); ++lane) {
    const double size = factor[lane];
    if (can_be_scaled(size)) {
      const int exponent = exponent_of(size);
      factor[lane] = power_of_two(-exponent), doublings_[lane] += exponent;
      note(lane, exponent);
    } else {
      doublings_[lane] += size < 1 ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
      begin(lane), factor[lane] = 1;
    }
  }
  scale(factor);
}

std::vector<double> Distances::growth() const {
  constexpr double kLogOfTwo = 0.693147180559945309417;
  std::vector<double> growth = sizes();
  for (std::size_t lane = 0; lane < growth.size(); ++lane)
    growth[lane] = std::log(growth[lane]) + kLogOfTwo * doublings_[lane];
  return growth;
}

}  // namespace etamax
