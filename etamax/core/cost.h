#pragma once

#include <optional>

namespace etamax {

/// The work that an answer took.
struct Cost {
  long gradients = 0;
  long hvps = 0;  ///< Hessian-vector products; a dense Hessian of n variables counts n
  long forwards = 0;
  double seconds = 0;
  std::optional<long> peak_rss_bytes;  ///< of the whole process: its program fills it in
};

}  // namespace etamax
