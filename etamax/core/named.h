#pragma once

#include <string>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/suggest.h"

namespace etamax {

/// The row of a table whose field `name` is `name`. Throws InputError with a "did you mean" or all names:
/// `field` and `what` say which option asked for it and what it is, for example "loss" and "loss".
template <typename Spec>
const Spec& find_named(const std::vector<Spec>& table, const std::string& name, const std::string& field,
                       const std::string& what) {
  std::vector<std::string> names;
  for (const Spec& spec : table) {
    if (spec.name == name) return spec;
    names.push_back(spec.name);
  }
  const std::string near = closest(name, names);
  throw InputError(field, name, "one of " + joined(names),
                   field + ": unknown " + what + " '" + name + "'" +
                       (near.empty() ? "; there are " + joined(names) : "; did you mean '" + near + "'?"));
}

}  // namespace etamax
