#pragma once

#include <string>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/core/format.h"

namespace etamax {

/// The row of a table whose field `name` is `name`. Throws InputError with a "did you mean" or all names:
/// `option` and `what` say where it was asked for and what it is, for example "--loss" and "loss".
template <typename Spec>
const Spec& find_named(const std::vector<Spec>& table, const std::string& name, const std::string& option,
                       const std::string& what) {
  std::vector<std::string> names;
  for (const Spec& spec : table) {
    if (spec.name == name) return spec;
    names.push_back(spec.name);
  }
  const std::string near = closest(name, names);
  throw InputError(option + ": unknown " + what + " '" + name + "'" +
                   (near.empty() ? "; there are " + joined(names) : "; did you mean '" + near + "'?"));
}

}  // namespace etamax
