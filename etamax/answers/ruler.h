#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "etamax/answers/verdict.h"

namespace etamax {

/// The learning-rate ruler: one logarithmic axis of learning rates with bands, marks and measured runs.
struct Ruler {
  struct Band {
    std::string name;          ///< slow, monotone, oscillating, catapult, collapse, diverge
    double from = 0;           ///< 0 stands for the left end of the picture
    std::optional<double> to;  ///< none: to the right end
    std::string basis;         ///< "theory" or "measured"
  };
  struct Mark {
    std::string name;  ///< "stability edge", "largest from this start", "fastest", "yours", ...
    double lr = 0;
    std::optional<std::array<double, 2>> interval;
    std::string basis;  ///< "theory", "measured", "yours"
  };
  struct Dot {
    double lr = 0;
    Verdict verdict = Verdict::unclear;
  };
  std::vector<Band> bands;
  std::vector<Mark> marks;
  std::vector<Dot> dots;
};

}  // namespace etamax
