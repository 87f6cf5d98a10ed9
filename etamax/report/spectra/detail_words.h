#pragma once

#include <array>
#include <string>
#include <vector>

#include "etamax/answers/spectra.h"

/// What the text and the page of spectra both say.
namespace etamax {

/// "mlp (85,002 parameters) on digits, cross_entropy: ...".
std::string setting_sentence(const Spectra& spectra);

/// Which eigenvalue, its Ritz value, between what, its residual, its Gauss-Newton part, its cluster, its layers.
using EigenvalueRow = std::array<std::string, 7>;
/// The names of the columns, then those at the top, then those at the bottom; empty where there are none.
std::vector<EigenvalueRow> eigenvalue_rows(const Spectra& spectra);

/// A layer, its parameters, its trace. The names of the columns first; empty where there are none.
using TraceRow = std::array<std::string, 3>;
std::vector<TraceRow> trace_rows(const Spectra& spectra);

/// A layer, its parameters, the mean of its entries of the diagonal, the lowest and the highest estimate, an entry's
/// standard error. The names of the columns first; empty where there are none.
using DiagonalRow = std::array<std::string, 6>;
std::vector<DiagonalRow> diagonal_rows(const Spectra& spectra);

}  // namespace etamax
