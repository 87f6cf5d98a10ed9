#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "etamax/expr/expression.h"

/// What must hold for every expression; shared by the property tests, the fuzz target and the replay of its
/// corpus. Each function returns what is wrong, or "".
namespace etamax::testing {

/// The value by the definition: operand after operand in the order of the tree, without any rearrangement.
double evaluate_tree(const Expression& expression, const std::vector<std::string>& names, const std::vector<double>& x);

/// True where the expression and all its parts are finite.
bool is_defined(const Expression& expression, const std::vector<std::string>& names, const std::vector<double>& x);

/// The printed text parses back to a tree with exactly the same values.
std::string round_trip_fault(const Expression& expression);

/// Every element is closed in order, no text outside tokens, no stray '<' or '&'; msup, mfrac and msub have
/// two children.
std::string mathml_fault(const std::string& mathml);

/// Everything a user may do with a text: parse, simplify, differentiate, print, evaluate. InputError is an
/// answer.
std::string text_fault(std::string_view text);

}  // namespace etamax::testing
