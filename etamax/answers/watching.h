#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/core/cost.h"
#include "etamax/core/setting.h"

/// What a watched training came to, as plain values.
namespace etamax {

/// The curvature at one step, and what follows from it.
struct CurvatureLook {
  long step = 0;                  ///< counted from 0
  double lr = 0;                  ///< in force at that step
  double sharpness = 0;           ///< lambda_max of P^-1 H on that step's batch: an estimate, mostly from below
  std::optional<double> lr_edge;  ///< none where the optimizer has none, or the curvature is not positive
  double residual = 0;            ///< of the eigenpair, relative: below 0.5 the direction is followed
  std::string layer;              ///< that holds the largest part of the direction
  double gradients = 0;           ///< that the look took
};

enum class WatchEventKind {
  warned,     ///< the training is about to blow up
  capped,     ///< the rate in force is held below the edge from here on
  released,   ///< it is no longer
  calm,       ///< what was warned of has passed
  not_finite  ///< the gradient is not
};
std::string to_string(WatchEventKind);

struct WatchEvent {
  long step = 0;
  WatchEventKind kind = WatchEventKind::warned;
  std::string text;  ///< the line that was printed
};

struct Watching {
  std::string model, optimizer;
  std::vector<Setting> hyperparameters;
  long parameters = 0;
  long planned_steps = 0, steps = 0;
  double budget = 0;  ///< the share of the training's gradients that might be spent
  double spent = 0;   ///< gradients; a loss alone counts a third
  std::optional<double> cap;
  std::string lr_edge_reason;  ///< why no look has an edge
  std::vector<CurvatureLook> looks;
  std::vector<WatchEvent> events;
  /// The rates as they were set and as they were in force, wherever one of them changed.
  struct Rate {
    long step = 0;
    double set = 0, in_force = 0;
  };
  std::vector<Rate> rates;
  std::vector<std::string> answer;
  std::vector<std::string> notes;
  double seconds_of_training = 0;  ///< wall time between the first step and the last, looks included
  Cost cost;
  bool partial = false;
};

std::string to_json(const Watching& watching);
/// The looks, a row each: step, lr, sharpness, lr_edge, lr_over_edge, residual, layer, gradients.
std::string to_csv(const Watching& watching);

}  // namespace etamax
