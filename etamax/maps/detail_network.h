#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <vector>

/// Shared by the files of this folder; not part of the interface.
namespace etamax::detail {

/// Examples that are worked on at once, and hidden units: both are filled up with zeros to a multiple, which changes no
/// sum.
constexpr std::size_t kExampleBlock = 4, kUnitBlock = 4;
/// The longest vector of any instruction set, in numbers of 64 bits.
constexpr std::size_t kMostLanes = 8;

/// Numbers that begin at a multiple of the longest vector.
class AlignedNumbers {
 public:
  explicit AlignedNumbers(std::size_t size);
  double* get() const { return data_.get(); }
  double& operator[](std::size_t i) const { return data_[i]; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Release {
    void operator()(double* data) const { ::operator delete(data, kAlignment); }
  };
  std::unique_ptr<double[], Release> data_;
};

/// The task as the step wants it.
struct NetworkData {
  std::size_t width, units;     ///< units: width, filled up to a multiple of kUnitBlock
  std::size_t examples, rows;   ///< rows: examples, filled up to a multiple of kExampleBlock
  double input_scale;           ///< what the inputs were multiplied by
  std::vector<double> inputs;   ///< times input_scale: then 2^(input . weights) = exp(2 z). Block by block, a block's
                                ///< examples side by side: input i of example e is at (e / B * width + i) * B + e % B
  std::vector<double> targets;  ///< rows, times width: then no output is divided by the width

  /// Which number of input_weights belongs to input i and hidden unit j.
  std::size_t place(std::size_t i, std::size_t j) const {
    return (j / kUnitBlock * width + i) * kUnitBlock + j % kUnitBlock;
  }
};

/// As many trainings as a vector has lanes: number [k] of training l is at k * lanes + l.
struct NetworkLanes {
  NetworkLanes(const NetworkData& data, std::size_t lanes);
  AlignedNumbers input_weights, input_gradient;    ///< width x units, at NetworkData::place
  AlignedNumbers output_weights, output_gradient;  ///< units
  AlignedNumbers input_rate, output_rate;          ///< 1: what the gradient sums are multiplied by
  AlignedNumbers loss;                             ///< 1: the sum over the examples of (width (output - target))^2
  AlignedNumbers hidden;                           ///< units x kExampleBlock: the block at work
};

/// The code for one instruction set.
struct NetworkTarget {
  const char* name = nullptr;  ///< "AVX2"
  std::size_t lanes = 0;
  /// The loss of each lane, then one step of gradient descent.
  void (*step)(const NetworkData&, const NetworkLanes&) = nullptr;
  /// tanh(x) of `lanes` numbers where y = 2 x / ln 2, as the step computes it. For tests.
  void (*tanh)(const double* y, double* result) = nullptr;
};
/// Those that this processor can run, the best first.
const std::vector<NetworkTarget>& network_targets();
/// For tests: uses network_targets()[index] from now on, in all threads, instead of the best.
void use_network_target(std::size_t index);
const NetworkTarget& network_target_in_use();

}  // namespace etamax::detail
