#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
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

/// A plan that is made again and again: its outputs are its first inputs after a step. Those of its constants that
/// begin at `first_uniform` are other ones at each step.
struct StepPlan {
  enum class Kernel : std::uint8_t {
    any,
    polynomial,             ///< x' = x - rate * p(x), in registers
    polynomial_heavy_ball,  ///< b' = momentum * b + p(x), x' = x - rate * b', in registers
  };
  BatchPlan plan;
  std::size_t first_uniform = 0;
  Kernel kernel = Kernel::any;
  std::size_t x = 0, b = 1;  ///< where those of a kernel stand in the state
  BatchPlan::Operand rate{}, momentum{};
  std::vector<double> coefficients;  ///< of p, from the highest power down to that of 1
};

/// Many steps, as a target has them: `uniforms` holds plan.constants from first_uniform on, step by step.
struct StepRun {
  double* const* state;
  const double* const* parameters;
  std::size_t count;
  std::size_t steps;
  const double* uniforms;
};

/// An array that begins at a multiple of a cache line, which is also the longest vector. Not initialized.
template <typename T>
class AlignedArray {
 public:
  AlignedArray() = default;
  explicit AlignedArray(std::size_t size) : data_(static_cast<T*>(::operator new(size * sizeof(T), kAlignment))) {}
  T* get() const { return data_.get(); }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Release {
    void operator()(T* data) const { ::operator delete(data, kAlignment); }
  };
  std::unique_ptr<T, Release> data_;
};

/// The instruction sets that code was compiled for and this processor can run, the best first: "AVX2".
std::vector<const char*> batch_targets();
/// For tests: uses batch_targets()[index] from now on, in all threads, instead of the best.
void use_batch_target(std::size_t index);

/// Evaluates at `count` points. inputs[i] and outputs[o] point to `count` numbers each; outputs overlap
/// nothing. Whole vectors are computed by the best instruction set that this processor has.
void run_batch(const BatchPlan& plan, const double* const* inputs, double* const* outputs, std::size_t count);
void run_batch(const BatchPlan& plan, const float* const* inputs, float* const* outputs, std::size_t count);
void run_batch_steps(const StepPlan& plan, const StepRun& run);

}  // namespace etamax
