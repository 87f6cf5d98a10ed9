#pragma once

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/spectrum/eigen_space.h"

namespace etamax {

/// A matrix as an operator.
struct Dense {
  Eigen::MatrixXd matrix;
  std::size_t dim() const { return static_cast<std::size_t>(matrix.rows()); }
  void apply(const Eigen::VectorXd& in, Eigen::VectorXd& out) const { out = matrix * in; }
  void apply(const Eigen::VectorXf& in, Eigen::VectorXf& out) const { out = matrix.cast<float>() * in; }
};

/// A, whose products the user breaks off after so many.
struct BrokenOff {
  Dense a;
  std::size_t left;
  std::size_t dim() const { return a.dim(); }
  template <typename Vector>
  void apply(const Vector& in, Vector& out) {
    if (left == 0) throw Interrupted();
    --left;
    a.apply(in, out);
  }
};

inline Eigen::MatrixXd gaussian(int rows, int columns, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  return Eigen::MatrixXd::NullaryExpr(rows, columns, [&] { return normal(random); });
}

/// With these eigenvalues, and eigenvectors that are no axes.
inline Dense rotated(const Eigen::VectorXd& eigenvalues, unsigned seed) {
  const auto n = static_cast<int>(eigenvalues.size());
  const Eigen::MatrixXd q = Eigen::HouseholderQR<Eigen::MatrixXd>(gaussian(n, n, seed)).householderQ();
  return {q * eigenvalues.asDiagonal() * q.transpose()};
}

inline Eigen::VectorXd spectrum_named(const std::string& name, int n) {
  Eigen::VectorXd lambda(n);
  for (int i = 0; i < n; ++i) {  // the largest first
    const double u = 1 - (i + 0.5) / n;
    if (name == "flat") lambda[i] = u;
    if (name == "outliers") lambda[i] = i < 4 ? 10.0 - 2 * i : u;
    if (name == "cluster") lambda[i] = i < 3 ? 1 + 1e-9 * i : 0.5 * u;
    if (name == "multiple") lambda[i] = i < 3 ? 2 : u;
    if (name == "power law") lambda[i] = 1.0 / (i + 1);
    if (name == "indefinite") lambda[i] = i < 5 ? 0.3 - 0.05 * i : -u * 2;
    if (name == "negative") lambda[i] = u - 3;
    if (name == "low rank") lambda[i] = i < 2 ? 5 - i : 0;
  }
  std::sort(lambda.data(), lambda.data() + n, std::greater<>());
  return lambda;
}

inline const std::vector<std::string> kSpectra = {"flat",      "outliers",   "cluster",  "multiple",
                                                  "power law", "indefinite", "negative", "low rank"};

}  // namespace etamax
