#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "etamax/answers/analysis.h"

/// What `etamax tune` answers, as plain values.
namespace etamax {

/// Spending, counted in examples: a forward pass of one example is 1 unit, its gradient 3, its Hessian-vector
/// product 6.
struct TuningBudget {
  std::int64_t limit = 0, spent = 0;
  std::int64_t run = 1;   ///< what one run of the whole horizon costs
  std::int64_t edge = 0;  ///< of what was spent, on the edge
  double runs(std::int64_t units) const { return static_cast<double>(units) / static_cast<double>(run); }
};

/// The edge of the weights that a run has reached.
struct EdgeAtStep {
  long step = 0;
  double loss = 0;  ///< on all the data used
  Interval edge;
};

struct Tuning {
  std::string model, data, loss, optimizer, schedule;
  std::string loss_basis;  ///< why this loss, where it was guessed
  std::vector<Setting> hyperparameters;
  std::vector<std::string> notes;
  long parameters = 0, training_examples = 0, validation_examples = 0;
  long batch_size = 0, horizon_steps = 0, seeds = 0;
  std::vector<InputShare> inputs;  ///< columns of the inputs that dominate
  double start_loss = 0;
  std::optional<double> chance_loss;  ///< of the best constant predictor, where there is one

  std::optional<double> lr_recommended;
  std::string lr_recommended_reason;  ///< why there is none
  /// Where the best rate is, with that probability.
  std::optional<std::array<double, 2>> lr_interval;
  double lr_interval_probability = 0;
  std::optional<double> failure_probability;  ///< that a start ends no better than a constant at the recommended rate
  long starts = 0;                            ///< seeds that runs were made with
  bool recommended_was_run = false;           ///< to the horizon, by the first seed
  bool beats_constant = true;                 ///< the recommended rate is expected to end below the best constant
  std::optional<long> warmup_steps;
  std::string warmup_reason;  ///< why so many, or why it is not known
  /// Along a run whose rate rises to the recommended one, where that is beyond the edge at the start.
  std::vector<EdgeAtStep> warmup_edges;  ///< where the rate is beyond the edge at the start
  StabilityEdge edge;
  long edge_examples = 0;               ///< of the sample whose curvature it is
  LargestTrainable trainable;           ///< over all seeds tried, in runs of `trainable.steps` steps
  std::optional<double> expected_loss;  ///< at the horizon, over seeds
  long expected_loss_warmup_steps = 0;  ///< of the runs that it is from
  std::optional<double>
      expected_loss_spread;             ///< of one seed's, one standard deviation: of what is known, and over seeds
  long expected_loss_spread_steps = 0;  ///< of the runs that it is for
  std::string expected_loss_reason;

  /// The expected loss against the rate.
  struct Valley {
    long steps = 0;                             ///< after so many steps
    std::vector<std::array<double, 2>> points;  ///< (lr, loss)
  };
  std::optional<Valley> valley;
  std::vector<RunRecord> trials;  ///< in the order made
  TuningBudget budget;
  std::vector<std::string> answer;
  std::string code;  ///< lines for PyTorch
  Ruler ruler;
  Cost cost;
  bool partial = false;
};

/// How many times the recommended rate the lowest rate is that was seen to fail; none where one of them is not known.
std::optional<double> margin(const Tuning& tuning);

std::string to_json(const Tuning& tuning);

/// The trial runs, a row each, in the order made: purpose, lr, seed, warmup_steps, steps, verdict, loss, training_loss.
std::string to_csv(const Tuning& tuning);

}  // namespace etamax
