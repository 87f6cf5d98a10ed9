#pragma once

#include <string>
#include <vector>

#include "etamax/problem/objective.h"

namespace etamax {

/// Refuses a name that does not end in .npz, and a place where no file can be. Throws InputError.
void check_vectors_file(const std::string& path);

/// Writes eigenvectors: `eigenvalues`, k of them, and for each layer an array of k rows by
/// its entries, in the order of the parameters. Throws InputError, EnvironmentError.
void write_vectors(const std::string& path, const std::vector<ParameterBlock>& blocks,
                   const std::vector<double>& eigenvalues, const std::vector<Vector>& vectors);

}  // namespace etamax
