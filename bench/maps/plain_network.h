#pragma once

#include "etamax/maps/network_task.h"

namespace etamax {

/// What a person would write by hand: one training of width n, 8 or 16, example by example. Returns the mean of the
/// last 20 losses, each before its step, divided by the first.
template <std::size_t n>
double plain_training(const NetworkTask& task, std::size_t steps, double input_rate, double output_rate);

}  // namespace etamax
