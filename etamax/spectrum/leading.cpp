#include "etamax/spectrum/leading.h"

namespace etamax {

double upper_bound_of(double theta, double residual, double others) {
  const double distance = theta - others;
  if (!(distance > 0)) return others + residual;
  if (std::isinf(distance)) return theta + residual;  // nothing is left: Theta + a perturbation of that size
  return theta + 2 * residual * residual / (distance + std::sqrt(distance * distance + 4 * residual * residual));
}

}  // namespace etamax
