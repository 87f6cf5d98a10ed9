#pragma once

#include "etamax/maps/network_task.h"

namespace etamax {

/// What a person would write by hand: one training of width n, 8 or 16, example by example. Returns the mean of the
/// last 20 losses, each before its step, divided by the first.
template <std::size_t n>
double plain_training(const NetworkTask& task, std::size_t steps, double input_rate, double output_rate);

/// `count` fused multiply-adds on each of as many numbers as the widest registers of this machine hold at once, and how
/// many numbers those are: what no program can beat. Returns a sum, so that nothing is left out.
double multiply_adds(std::size_t count);
std::size_t multiply_adds_at_once();

}  // namespace etamax
