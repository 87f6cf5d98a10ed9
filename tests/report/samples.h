#pragma once

#include <rapidcheck.h>

#include <string>
#include <vector>

#include "etamax/core/results.h"
#include "etamax/report/drawing.h"

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

/// Pairs of texts of a drawing whose estimated boxes overlap, and texts that stick out of it; empty where all
/// is well.
std::string text_faults(const Drawing& drawing);
/// Why a text is no well-formed XML, or nothing. A small checker: tags balance, attributes are quoted and
/// unique, entities are known, characters are allowed. One leading `<!DOCTYPE html>` is let pass.
std::string xml_fault(const std::string& text);

}  // namespace etamax::testing
