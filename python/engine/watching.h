#pragma once

#include <pybind11/pybind11.h>

#include <memory>

#include "answer.h"

namespace etamax::python {

/// The answer of what `etamax.Watch` has gathered: a dictionary with the fields of etamax::Watching.
std::unique_ptr<Answer> watching_of(const pybind11::dict& gathered);

}  // namespace etamax::python
