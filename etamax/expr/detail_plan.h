#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "etamax/expr/tape.h"

/// Shared by the files of this folder; not part of the interface.
namespace etamax {

/// A tape made ready for many points at once: each instruction works on a block of points, in temporaries
/// that are used again as soon as their value has been read for the last time. Inputs are read and outputs
/// written where they lie.
struct BatchPlan {
  enum class Place : std::uint8_t { input, constant, temporary, output };
  struct Operand {
    Place place;
    std::uint32_t index;
    bool operator==(const Operand&) const = default;
  };
  struct Instruction {
    Tape::Shape shape;
    Op op;  ///< of a plain instruction; Op::variable copies a
    Operand a, b, c, result;
    std::uint32_t polynomial;  ///< index into `polynomials`
  };

  BatchPlan() = default;
  explicit BatchPlan(const Tape& tape);

  /// Constants and coefficients in the type that is computed with.
  template <typename T>
  struct Numbers {
    std::vector<T> constants, coefficients;
  };
  template <typename T>
  const Numbers<T>& numbers() const {
    if constexpr (sizeof(T) == sizeof(double))
      return numbers64;
    else
      return numbers32;
  }

  std::size_t inputs = 0, outputs = 0, temporaries = 0;
  Numbers<double> numbers64;
  Numbers<float> numbers32;
  std::vector<Tape::Polynomial> polynomials;
  std::vector<Instruction> code;
};

/// Evaluates at `count` points. inputs[i] and outputs[o] point to `count` numbers each; outputs overlap
/// nothing. Whole vectors are computed by the best instruction set that this processor has.
void run_batch(const BatchPlan& plan, const double* const* inputs, double* const* outputs, std::size_t count);
void run_batch(const BatchPlan& plan, const float* const* inputs, float* const* outputs, std::size_t count);

}  // namespace etamax
