#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "etamax/expr/detail.h"

/// Shared by the files of this folder; not part of the interface.
namespace etamax {

/// Straight-line code that evaluates expressions at a point. Every step writes a register of its own, in this
/// order: the coordinates, the constants, then one register for each step.
struct Tape {
  enum class Shape : std::uint8_t {
    plain,                  ///< op(a, b)
    multiply_add,           ///< a * b + c
    negative_multiply_add,  ///< c - a * b
    polynomial,             ///< polynomials[b] of a
  };
  struct Step {
    Shape shape;
    Op op;  ///< of a plain step
    std::uint32_t a, b, c;
  };
  /// x^shift * (coefficient[0] x^(count - 1) + ... + coefficient[count - 1]): what would otherwise be a chain
  /// of powers, products and sums, each through memory.
  struct Polynomial {
    std::uint32_t first, count, shift;  ///< coefficients[first], ..., coefficients[first + count - 1]
  };

  Tape() = default;
  /// `names` holds every variable of the roots and fixes the order of the coordinates.
  Tape(const std::vector<Expression>& roots, const std::vector<std::string>& names);

  std::size_t inputs() const { return dimension + constants.size(); }
  std::size_t registers() const { return inputs() + code.size(); }

  /// Evaluates at x (`dimension` numbers) into the registers r.
  void run(std::span<const double> x, double* r) const;
  /// Whether every root at x is what numbers of any size would give (Differentiable::in_range). `r`: as for `run`.
  bool in_range(std::span<const double> x, double* r) const;

  std::size_t dimension = 0;
  std::vector<double> constants;
  std::vector<double> coefficients;
  std::vector<Polynomial> polynomials;
  std::vector<Step> code;
  std::vector<std::uint32_t> outputs;  ///< the register of each root
};

}  // namespace etamax
