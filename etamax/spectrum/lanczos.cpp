#include "etamax/spectrum/lanczos.h"

#include "etamax/core/format.h"

namespace etamax {

std::string progress_text(const LanczosResult& result, double gap) {
  return counted(static_cast<long>(result.products), "product") + ", top eigenvalue " +
         format_number(result.extremes.largest.lower, 3) + " to " + format_number(result.extremes.largest.upper, 3) +
         " (wanted: " + format_number(100 * gap, 3) + "%)";
}

std::string progress_text(const EigenvalueEstimate& estimate) {
  return counted(static_cast<long>(estimate.products), "product") + ", top eigenvalue " +
         format_number(estimate.value, 3);
}

}  // namespace etamax
