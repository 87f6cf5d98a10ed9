#include "etamax/spectrum/lanczos.h"

#include "etamax/core/error.h"
#include "etamax/core/format.h"

namespace etamax {
namespace {

std::string told(std::size_t products, const Interval& largest, const ToldEigenvalue& in_words) {
  return counted(static_cast<long>(products), "product") + ", " +
         (in_words ? in_words(largest) : "top eigenvalue " + format_number(*largest.lower, 3)) +
         (!in_words && largest.upper ? " to " + format_number(*largest.upper, 3) : "");
}

}  // namespace

void check_symmetry(double asymmetry, double most) {
  if (!(asymmetry > most)) return;
  throw InputError("operator", "is not symmetric: for two vectors u and v, u'Av and v'Au differ by " +
                                   format_number(asymmetry, 2) + " of the products' size, and rounding explains " +
                                   format_number(most, 2));
}

std::string progress_text(const LanczosResult& result, const LanczosOptions& options) {
  const CertifiedEigenvalue& top = result.extremes.largest;
  return told(result.products, {top.lower, top.upper}, options.told) +
         " (wanted: " + format_number(100 * options.gap, 3) + "%)";
}

std::string progress_text(const EigenvalueEstimate& estimate, const EstimateOptions& options) {
  return told(estimate.products, {estimate.value, {}}, options.told);
}

}  // namespace etamax
