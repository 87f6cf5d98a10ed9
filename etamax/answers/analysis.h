#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/answers/input_share.h"
#include "etamax/answers/ruler.h"
#include "etamax/answers/run_record.h"
#include "etamax/answers/verdict.h"
#include "etamax/core/cost.h"
#include "etamax/core/interval.h"
#include "etamax/core/setting.h"

/// What `etamax analyze` answers, as plain values. Reports and JSON are made from these alone.
namespace etamax {

/// The extreme eigenvalues of the Hessian of the mean loss on the data used (or of P^-1/2 (H + d I) P^-1/2,
/// where the optimizer divides by P).
struct Curvature {
  Interval lambda_max, lambda_min;
  std::optional<double> confidence;  ///< that all bounds hold together, over the random start; none: a point estimate
  bool reached_gap = false;          ///< lambda_max is known as well as was asked for
  long hvps = 0;
  std::string preconditioner;  ///< where P is from, for a reader; "" where there is none
  long left_out = 0;           ///< parameters whose gradients were all 0 so far: P is not known for them
  std::string reason;          ///< why there are no bounds; "" where there are
};

/// What the data used say about all data, where they are a sample.
struct SamplingError {
  long examples = 0, subsets = 0;
  double confidence = 0;
  Interval lambda_max;  ///< of the Hessian on all data
};

struct StabilityEdge {
  Interval lr;
  std::string formula;  ///< "2 (1 + momentum) / lambda_max"
  std::string reason;   ///< why there is none
};

/// Mean-square stability of mini-batch steps along the top eigenvector: an upper bound on the edge.
struct MiniBatchEdge {
  long batch_size = 0;
  std::optional<double> lr;
  std::string reason;                ///< why there is none
  double curvature_spread = 0;       ///< standard deviation of v' H_i v over the examples
  double batch_sharpness = 0;        ///< mean of g' H_B g / |g|^2 over batches
  double batch_sharpness_error = 0;  ///< its standard error
  long batches = 0;
};

/// What runs from several starts at one learning rate came to.
struct StartCount {
  long train = 0, of = 0;
};

/// How the runs were made, besides the optimizer: what their rates are the peaks of.
struct RunManner {
  std::string schedule = "constant";  ///< or cosine, linear: both to 0 at the last step
  long warmup = 0;                    ///< steps over which the rate rises to its peak
  std::optional<double> clip = {};    ///< the most that a gradient's norm is
  bool has_peak() const { return schedule != "constant" || warmup > 0; }
};

struct LargestTrainable {
  Interval lr;         ///< [trains from every start that was tried, from none]
  std::string reason;  ///< why a side is missing
  long steps = 0;
  long starts = 1;           ///< that were tried: other weights, or another order of the examples
  std::string starts_about;  ///< in what they differ, for a reader: "weights and order of the examples"
};

/// What was found of the rate to use.
struct Recommended {
  double lr = 0;
  StartCount starts;
  double mean_loss = 0;  ///< of their runs
};

struct LayerShare {
  std::string name;
  long parameters = 0;
  double share = 0;                  ///< of the top eigenvector's squared length
  std::optional<double> lambda_max;  ///< of the layer's own block of the Hessian: a lower bound
};
/// One step of a run that fails: what raised the loss in it.
struct StepLook {
  long step = 0;                    ///< counted from 0
  double loss = 0, loss_after = 0;  ///< on all the data used, before and after it
  Interval edge;                    ///< before it; its upper end alone, or certified
  double along = 0;                 ///< the change of the loss along the top eigenvector, by the quadratic model
  double predicted = 0;             ///< that of the whole step, by the same model
  double length = 0;                ///< of the step
  double lr = 0;                    ///< that it was made at
};
/// A run made again with its steps changed wherever its rate is beyond 0.7 of the edge.
struct Intervention {
  long from = 0;         ///< the first step that might be changed
  long first = 0;        ///< that was
  long steps = 0;        ///< changed
  double lowest_lr = 0;  ///< that a step was made at
  RunRecord run;
};
/// Whether a run fails by the curvature of the loss.
enum class FailureCause {
  curvature,  ///< it trains where its rate is held below the edge
  other,      ///< it fails all the same
  unclear,    ///< neither was shown
};
std::string to_string(FailureCause);

/// A run that fails though its rate is below the edge, and what was found out by experiment.
struct FailingRun {
  double lr = 0;  ///< the lowest at which it fails also where each step's rate is changed at random; else the lowest
  RunRecord run = {};
  std::vector<RunRecord> dithered = {};              ///< with each step's rate changed at random
  std::vector<double> losses = {};                   ///< on all the data used, before the first step and after each
  std::optional<long> onset = {};                    ///< the step at which the loss begins to rise
  std::vector<StepLook> looks = {};                  ///< at the steps around it
  std::optional<long> explained = {};                ///< the first of them whose rise lies along the top eigenvector
  std::optional<LayerShare> layer = {};              ///< which holds most of that eigenvector
  std::optional<LayerShare> onset_layer = {};        ///< which holds most of the step at the onset: its share
  std::optional<Intervention> held = {};             ///< its rate held below the edge, from just before that step
  std::optional<Intervention> held_from_start = {};  ///< where that was not enough, or there is no such step
  /// The same with each step's rate changed at random: where no step of the run shows what the held rate cured.
  std::vector<RunRecord> held_again = {};
  std::optional<Intervention> direction_out = {};  ///< its steps without their part along the top eigenvector
  FailureCause cause = FailureCause::unclear;
  long hvps = 0;  ///< that it cost
};
/// The run with its rate held below the edge that the cause was told by: from the start where that was made too. Null
/// where there is none.
const Intervention* held_run(const FailingRun& failing);
/// The look at that step; null where there is none.
const StepLook* look_at(const FailingRun& failing, std::optional<long> step);

struct ExampleShare {
  long example = 0;      ///< counted from 0, as in the data
  double curvature = 0;  ///< v' H_i v
  double loss = 0;
};
struct Culprits {
  std::vector<LayerShare> layers;                   ///< those that matter, the largest share first
  std::vector<InputShare> inputs;                   ///< columns that dominate
  std::vector<ExampleShare> examples;               ///< those that curve most, where few make up much
  double examples_share = 0;                        ///< of the summed curvature, theirs
  std::optional<Interval> standardized_lambda_max;  ///< with each input less its mean over its deviation
  std::optional<StabilityEdge> standardized_edge;
};

struct YourRate {
  double lr = 0;
  std::string band;
  std::optional<bool> stable;     ///< below all edges: true; above one: false; none where that is not known
  std::optional<double> of_edge;  ///< over the end of the stability edge that it is beyond, or not yet at
  std::string sentence;
};

struct Analysis {
  std::string model, data, loss, optimizer, device, dtype;
  std::vector<Setting> hyperparameters;
  long parameters = 0, examples = 0, of_examples = 0;  ///< used, and in the data
  std::vector<std::string> frozen, unused, notes;
  std::string loss_basis;  ///< why this loss, where it was guessed: "the targets are labels 0 to 9"
  double loss_value = 0, gradient_norm = 0;
  std::optional<double> chance_loss;  ///< of the best constant predictor, where there is one
  std::optional<Curvature> curvature;
  std::optional<SamplingError> sampling;
  StabilityEdge edge;
  std::optional<MiniBatchEdge> mini_batch;
  long batch_size = 0;  ///< of the runs
  RunManner manner;
  LargestTrainable trainable;
  std::optional<Recommended> recommended;
  std::string recommended_reason;  ///< why there is none
  std::optional<long> warmup_steps;
  std::string warmup_steps_reason;
  std::vector<RunRecord> runs;          ///< from the start that is analyzed; by learning rate, ascending
  std::vector<RunRecord> other_starts;  ///< from others, at some of those rates; in the same order
  std::optional<FailingRun> failing;
  Culprits culprits;
  std::optional<YourRate> yours;
  std::vector<std::string> answer;  ///< sentences for a reader, the most important first
  Ruler ruler;
  Cost cost;
  bool partial = false;
};

/// The run at exactly this rate from the start that is analyzed; null where there is none.
const RunRecord* run_at(const Analysis& analysis, double lr);
/// Of the runs at exactly this rate.
StartCount starts_at(const Analysis& analysis, double lr);

/// The lower end of the largest trainable rate over the upper end of the edge, where it is beyond that.
std::optional<double> trainable_beyond_edge(const Analysis& analysis);
/// How many times as high the edge is on standardized inputs, where both are known.
std::optional<double> standardized_factor(const Analysis& analysis);

/// The contract's JSON, indented.
std::string to_json(const Analysis& analysis);

/// The runs' losses, a row for each step that was kept: lr, seed, verdict, step (from 0), loss.
std::string to_csv(const Analysis& analysis);

}  // namespace etamax
