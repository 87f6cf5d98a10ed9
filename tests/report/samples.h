#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <string>
#include <vector>

#include "../draw/faults.h"
#include "etamax/answers/explanation.h"
#include "etamax/report/pictures.h"

namespace etamax::testing {

/// Gradient descent on x^2 from -1 at 0.8, 1.0 and 1.2, with everything an answer has; computed here, from
/// the closed form x' = x (1 - 2 lr).
Explanation article();
/// Gradient descent on x^2 + 10 y^2 from (1, 1).
Explanation two_variables();
/// Any answer that a verb could give, sense or nonsense: 0 to 3 variables, no runs to many, rates from 1e-320
/// to 1e300, losses that are zero, negative, infinite or NaN, iterates that overflow, names that hold markup.
rc::Gen<Explanation> any_explanation();
/// A ruler with up to 6 marks, 30 dots and 5 bands, close together or anywhere.
rc::Gen<Ruler> any_ruler();

/// The picture of that name of a table, which must have it.
template <typename Answer>
const PictureSpec<Answer>& picture(const std::vector<PictureSpec<Answer>>& table, const std::string& name) {
  return *std::find_if(table.begin(), table.end(), [&](const auto& spec) { return spec.name == name; });
}

}  // namespace etamax::testing
