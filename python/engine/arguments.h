#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "etamax/core/fields.h"

namespace etamax::python {

/// Sets the members of the fields that a call's keyword arguments name, by the rules of the command line: a sequence is
/// a list, a mapping {"x": -1} named numbers, None leaves the default or is the word "none". Raises TypeError for a
/// name that no field has; throws InputError for a value that is not valid.
void read_arguments(const std::string& function, const Fields& fields, const pybind11::dict& given);

/// What a function's signature and documentation say of its keyword arguments: a list of (name, type, default, help).
pybind11::list described(const Fields& fields);

}  // namespace etamax::python
