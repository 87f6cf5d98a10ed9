#include "etamax/spectrum/symmetric.h"

#include "etamax/spectrum/detail_symmetric.h"

namespace etamax {

SymmetricMatrix SymmetricMatrix::diagonal(const std::vector<double>& entries) {
  SymmetricMatrix matrix;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    std::vector<double> row(i + 1, 0.0);
    row[i] = entries[i];
    matrix.append(std::move(row));
  }
  return matrix;
}

SymmetricEigen SymmetricMatrix::eigen() const {
  const auto n = static_cast<Eigen::Index>(size());
  Eigen::MatrixXd lower = Eigen::MatrixXd::Zero(n, n);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j <= i; ++j) lower(i, j) = rows_[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
  return as_plain(Solved(lower));  // which reads the lower triangle alone
}

SymmetricEigen as_plain(const Solved& solved) {
  const Eigen::Index n = solved.eigenvalues().size();
  SymmetricEigen found;
  found.values.assign(solved.eigenvalues().data(), solved.eigenvalues().data() + n);
  for (Eigen::Index k = 0; k < n; ++k) {
    const Eigen::VectorXd vector = solved.eigenvectors().col(k);
    found.vectors.emplace_back(vector.data(), vector.data() + n);
  }
  return found;
}

}  // namespace etamax
