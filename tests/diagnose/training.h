#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Small networks that are really trained on the digits, for logs whose cause is known. Written apart from
/// the library, in plain loops and with its own random numbers, so that a seed gives the same log everywhere
/// (up to the last digit of exp and log).
namespace etamax::testing {

/// xorshift64*, and what is drawn from it.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du) {
    for (int i = 0; i < 8; ++i) next();
  }
  std::uint64_t next();
  double uniform();                             ///< in [0, 1)
  double between(double low, double high);      ///< uniform
  double log_between(double low, double high);  ///< uniform in the logarithm
  int whole(int low, int high);                 ///< both included
  bool chance(double p) { return uniform() < p; }
  double normal();

 private:
  std::uint64_t state_;
};

struct Digits {
  std::vector<float> pixels;  ///< 64 a row, scaled to 0..1
  std::vector<int> labels;
  std::size_t count() const { return labels.size(); }
};
Digits read_digits(const std::string& csv);

enum class LossKind {
  cross_entropy,  ///< by log-sum-exp
  squared,        ///< of the ten outputs against one-hot labels, halved
  naive_bce,      ///< ten sigmoids in float32 with log(p) and log(1 - p) written out: NaN once p rounds to 1
};
enum class Unit { linear, tanh, relu };

struct TrainingSetup {
  int hidden = 16;  ///< 0: a linear model
  Unit unit = Unit::tanh;
  LossKind loss = LossKind::cross_entropy;
  bool adam = false;
  double momentum = 0, beta2 = 0.999;
  int batch = 32;       ///< 0: all examples
  int examples = 1200;  ///< that are used
  double weight_scale = 1;
  double input_scale = 1;  ///< 16: pixels as they come, not normalized
  double logit_scale = 1;  ///< multiplies the outputs
  std::uint64_t seed = 1;
  std::function<double(long step)> rate;
  // Faults.
  std::optional<long> bad_step;  ///< a batch that is multiplied by `bad_factor` (NaN: holds a NaN)
  double bad_factor = 1;
  bool labels_at_random = false;
  bool inputs_are_nan = false, inputs_are_zero = false;
  bool half_precision =
      false;  ///< with dynamic loss scaling; a sum of squares in it leaves 65504 from `overflow_step` on
  long overflow_step = 1L << 60;
  double loss_scale = 65536;
};

struct StepRecord {
  double loss = 0, rate = 0, gradient_norm = 0, loss_scale = 0;
  double weight_norm = 0;  ///< after the step
};

/// Trains for that many steps, or until `stop` says so.
std::vector<StepRecord> train(const Digits& digits, const TrainingSetup& setup, long steps,
                              const std::function<bool(const std::vector<StepRecord>&)>& stop = {});

/// The largest eigenvalue of the Hessian of a linear model with squared loss, on the first `examples`.
double linear_curvature(const Digits& digits, int examples);

}  // namespace etamax::testing
