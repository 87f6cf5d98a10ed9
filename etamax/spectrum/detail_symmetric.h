#pragma once

#include <Eigen/Eigenvalues>

#include "etamax/spectrum/symmetric.h"

namespace etamax {

using Solved = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>;

/// What Eigen found, without its types.
SymmetricEigen as_plain(const Solved& solved);

}  // namespace etamax
