#pragma once

#include "etamax/answers/spectra.h"

namespace etamax {

/// Marks the eigenvalues that are known only together: neighbors nearer to each other than ten times the larger of
/// their residuals. By Davis and Kahan the angle of each one's vector is then not known to within about a tenth, that
/// of the space they span is.
void mark_clusters(SpectralEnds& ends);

/// The sentences of the answer, from its numbers.
void conclude(Spectra& spectra);

}  // namespace etamax
