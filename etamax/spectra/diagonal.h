#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "etamax/answers/spectra.h"
#include "etamax/core/progress.h"
#include "etamax/curvature/preconditioned.h"

namespace etamax {

/// The diagonal of an operator from samples v * (A v), entry by entry, v of random signs (Bekas, Kokiopoulou and Saad
/// 2007): unbiased, each entry with the variance sum_{j != i} a_ij^2 over the samples.
struct DiagonalSamples {
  Vector mean, standard_error;              ///< of each entry, in 64 bit
  std::vector<std::vector<double>> traces;  ///< of each block: a sample's sum over its entries
};

/// `products`: at least 2. Memory: four vectors, two of them in 64 bit. Throws Interrupted where the progress says so.
DiagonalSamples sample_diagonal(PreconditionedHessian& a, const std::vector<ParameterBlock>& blocks, long products,
                                std::uint64_t seed, const Progress& progress);

/// What there is to say of each block: the mean with its 95% interval, the extreme estimates, the error of an entry.
std::vector<LayerDiagonal> layer_diagonals(const DiagonalSamples& samples, const std::vector<ParameterBlock>& blocks);

/// Refuses a name that ends in neither .npz nor .csv, and a place where no file can be. Throws InputError.
void check_diagonal_file(const std::string& path);

/// .npz: for each layer an array of 2 rows, the estimates and their standard errors, by its entries in the order of the
/// parameters. .csv: layer, index, value, standard_error. Throws InputError, EnvironmentError.
void write_diagonal(const std::string& path, const std::vector<ParameterBlock>& blocks, const DiagonalSamples& samples);

}  // namespace etamax
