#pragma once

#include <cstddef>
#include <vector>

namespace etamax {

/// What a tiny network is trained on, and the weights that it begins with: the experiment of J. Sohl-Dickstein, The
/// boundary of neural network trainability is fractal (arXiv 2402.06184), in its full-batch tanh form.
///
/// The network has no biases: output = sum_j output_weights[j] tanh(sqrt(2 / width) z_j) / width, where
/// z_j = sum_i inputs[i] input_weights[i][j]. Its loss is the mean over the examples of (output - target)^2.
struct NetworkTask {
  std::size_t width = 0;               ///< inputs of an example and hidden units, both
  std::vector<double> input_weights;   ///< width x width, row i for input i
  std::vector<double> output_weights;  ///< width
  std::vector<double> inputs;          ///< examples x width
  std::vector<double> targets;         ///< examples

  std::size_t examples() const { return targets.size(); }
};

/// The widths that published_network_task takes: below 2 there is nothing to map, above 64 a map takes weeks.
constexpr std::size_t kNarrowestNetwork = 2, kWidestNetwork = 64;

/// The published start and data: as many examples as weights, width^2 + width, all numbers standard normal from the
/// experiment's own generator and seed. The paper's pictures have width 16. Throws InputError for a width outside
/// kNarrowestNetwork to kWidestNetwork.
NetworkTask published_network_task(std::size_t width);

}  // namespace etamax
