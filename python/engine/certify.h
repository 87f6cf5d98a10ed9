#pragma once

#include <pybind11/pybind11.h>

namespace etamax::python {

/// Bounds of the extreme eigenvalues of a symmetric operator that Python gives, and the stability edge of an optimizer
/// on it. `product`: from and to a buffer of `n` doubles. `roundoff`: of its numbers, 2^-53 or 2^-24.
pybind11::dict certify(const pybind11::function& product, std::size_t n, double roundoff,
                       const pybind11::dict& options);
/// The same of an objective of `etamax._torch`, whose vectors stay where they are. `symmetric`: by its making; else it
/// is refused where its products show that it is not.
pybind11::dict certify_objective(const pybind11::object& objective, bool symmetric, const pybind11::dict& options);
pybind11::list certify_options();

}  // namespace etamax::python
