#pragma once

#include <optional>

namespace etamax {

/// A bound that is not known is none.
struct Interval {
  std::optional<double> lower, upper;
};

}  // namespace etamax
