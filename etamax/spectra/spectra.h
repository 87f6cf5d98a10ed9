#pragma once

#include "etamax/answers/spectra.h"
#include "etamax/problem/problem.h"
#include "etamax/spectra/options.h"

namespace etamax {

/// The spectrum of a matrix of second order at the problem's parameters: its ends, each eigenvalue between bounds, its
/// distribution, its traces. Where the progress asks to stop, the answer is what is known by then, marked partial.
/// Throws InputError: among others where the loss is not finite, or the problem has no such matrix.
Spectra find_spectra(Problem& problem, const SpectrumOptions& options);

}  // namespace etamax
