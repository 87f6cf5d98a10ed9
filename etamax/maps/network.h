#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "etamax/answers/verdict.h"
#include "etamax/core/progress.h"
#include "etamax/maps/network_task.h"

namespace etamax {

/// Over so many last losses oscillations are averaged.
constexpr std::size_t kNetworkTail = 20;
/// No loss counts for more than this, and one that is no number for this divided by the first loss.
constexpr double kNetworkLossLimit = 1e6;

/// What became of a training, by its losses before each step, divided by the first of them.
struct NetworkRun {
  /// trains: ends below its start, `tail` < 1, which the paper calls converged. diverges: the weights overflowed, or
  /// `tail` is kNetworkLossLimit. unclear: neither when the steps were over.
  Verdict fate = Verdict::unclear;
  bool done = false;      ///< false: not run to its end, and nothing else counts
  std::size_t steps = 0;  ///< steps made: fewer than asked for where the weights overflowed
  /// The published measure: minus the sum of the losses of a run that trains (near 0: learned at once), and the sum of
  /// their inverses otherwise (near 0: overflowed at once).
  double measure = 0;
  double tail = 0;  ///< the mean of the last kNetworkTail losses
};

/// Many trainings of one tiny network by plain gradient descent on all examples, each with two learning rates of its
/// own: one for the input weights, one for the output weights. The trainings are the lanes of the processor's vectors;
/// one that has overflowed makes room for the next at once.
///
/// Starts no threads and keeps no state: one object serves several threads.
class NetworkTrainings {
 public:
  /// Throws InputError where `steps` is 0, or where the arrays of the task do not fit its width.
  NetworkTrainings(const NetworkTask& task, std::size_t steps);
  ~NetworkTrainings();
  NetworkTrainings(NetworkTrainings&&) noexcept;
  NetworkTrainings& operator=(NetworkTrainings&&) noexcept;

  /// runs[k] is of the rates input_rates[k] and output_rates[k], whatever the others are: to the last bit on one
  /// machine. The three have one length; long ones keep all lanes busy (64 a call are few, 512 are enough). Asks
  /// `progress` at every step; when it says stop, Interrupted is thrown and the runs at work are not done.
  void run(std::span<const double> input_rates, std::span<const double> output_rates, std::span<NetworkRun> runs,
           const Progress& progress = {}) const;

  /// The losses of one of them, not divided: before each step and after the last one, so steps + 1 of them, or fewer
  /// where the weights overflowed; then the last is not finite. Judged by judge_network_losses it is what run() says.
  std::vector<double> losses(double input_rate, double output_rate) const;

  std::size_t steps() const;
  const NetworkTask& task() const;

 private:
  struct Compiled;
  std::unique_ptr<const Compiled> compiled_;
};

/// The verdict of a run that was to make `steps` steps from what losses() says of it.
NetworkRun judge_network_losses(std::span<const double> losses, std::size_t steps);

}  // namespace etamax
