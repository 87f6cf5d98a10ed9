#pragma once

#include <cstddef>
#include <vector>

namespace etamax {

/// Eigenvalues in ascending order, and a unit eigenvector for each.
struct SymmetricEigen {
  std::vector<double> values;
  std::vector<std::vector<double>> vectors;
};

/// A small dense symmetric matrix that grows by a row and column at a time: an operator, seen in a growing basis.
class SymmetricMatrix {
 public:
  static SymmetricMatrix diagonal(const std::vector<double>& entries);
  std::size_t size() const { return rows_.size(); }
  /// `row`: the new row, its diagonal entry last; size() + 1 entries.
  void append(std::vector<double> row) { rows_.push_back(std::move(row)); }
  SymmetricEigen eigen() const;

 private:
  std::vector<std::vector<double>> rows_;  // the lower triangle
};

}  // namespace etamax
