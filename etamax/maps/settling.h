#pragma once

#include <optional>
#include <span>
#include <vector>

#include "etamax/maps/lanes.h"

/// What both passes ask of a run that seems to come to an end. What takes an Asking may throw Interrupted.
namespace etamax {

/// Decay that is no part of the function descended: where it holds a run, no linear law of the function's says so.
bool has_decoupled_decay(const MapProblem& problem);

/// Whether right beside the lane's point, by Newton's step, is a minimum at which the linear law holds the rule at the
/// lane's rate and hyperparameters. Of rules with a closed form of their edge.
bool settles_here(const MapProblem& problem, const Lanes& lanes, std::size_t lane);

/// The minimum that Newton's steps find from x, where the function, with the rule's decay, is curved upwards on the
/// straight way there and falls along it, and the rule settles there by its linear law; none where that cannot be said.
std::optional<std::vector<double>> minimum_near(const MapProblem& problem, const Lanes& lanes, std::size_t lane,
                                                std::span<const double> x, Asking& asking);

/// The smallest period of 2 to kLongestPeriod with which the lane's points repeat, to tail::kRepeats of their extent;
/// 0: none, or their extent is not above `least`.
int period_of(const History& points, std::size_t lane, double least, Asking& asking);

}  // namespace etamax
