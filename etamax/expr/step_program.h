#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "etamax/expr/expression.h"

namespace etamax {

/// A step that is made again and again, at many points at once: each point has a state of its own, and parameters of
/// its own that stay as they are. The loop over the steps runs inside of a block of points that fits the first-level
/// cache, or the registers. Immutable; may be used from several threads.
class StepProgram {
 public:
  /// Points come in groups of so many: the longest vector, eight times.
  static constexpr std::size_t kGroup = 64;

  /// `next[i]` is what `state[i]` becomes, by the names of the state, of the parameters, and `step_number`: the number
  /// of the step. What depends on that alone is computed once a step, for all points.
  StepProgram(const std::vector<Expression>& next, const std::vector<std::string>& state,
              const std::vector<std::string>& parameters, const std::string& step_number);
  ~StepProgram();
  StepProgram(StepProgram&&) noexcept;
  StepProgram& operator=(StepProgram&&) noexcept;

  std::size_t states() const;
  std::size_t parameters() const;

  /// Makes `steps` steps, numbered from `first` on, in place. state[i] and parameters[j] hold `count` numbers each, a
  /// multiple of kGroup. The numbers are those of the same steps made one by one, to the last bits.
  void run(double* const* state, const double* const* parameters, std::size_t count, long first, long steps) const;

  /// What `run` does at each point and step, for benchmarks: additions, multiplications and divisions, where a product
  /// that is added counts once; and the functions, each as often as it is computed.
  struct Operations {
    std::size_t arithmetic = 0;
    std::vector<Op> functions;
  };
  Operations operations() const;
  /// What a step at one point takes, about: so many additions.
  double work() const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace etamax
