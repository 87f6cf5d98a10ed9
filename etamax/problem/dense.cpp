#include "etamax/problem/dense.h"

#include <random>

namespace etamax {

std::shared_ptr<VectorBody> DenseVector::zeros() const {
  return std::make_shared<DenseVector>(Eigen::VectorXd::Zero(entries.size()));
}

std::shared_ptr<VectorBody> DenseVector::with_values(std::span<const double> values) const {
  return std::make_shared<DenseVector>(
      Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size())));
}

std::shared_ptr<VectorBody> DenseVector::part(std::size_t from, std::size_t to) const {
  return std::make_shared<DenseVector>(
      entries.segment(static_cast<Eigen::Index>(from), static_cast<Eigen::Index>(to - from)));
}

void DenseVector::set_part(std::size_t from, const VectorBody& part) {
  entries.segment(static_cast<Eigen::Index>(from), of(part).size()) = of(part);
}

void DenseVector::for_each_block(std::span<VectorBody* const> written, std::span<const VectorBody* const> read,
                                 const UseBlocks& use) const {
  std::vector<std::span<double>> out, in;
  for (VectorBody* vector : written) {
    Eigen::VectorXd& x = static_cast<DenseVector*>(vector)->entries;
    out.emplace_back(x.data(), x.size());
  }
  std::vector<Eigen::VectorXd> copies;  // what is read stays as it is, whatever `use` does
  copies.reserve(read.size());
  for (const VectorBody* vector : read) {
    copies.push_back(of(*vector));
    in.emplace_back(copies.back().data(), copies.back().size());
  }
  use(out, in);
}

Vector dense(Eigen::VectorXd entries) { return Vector(std::make_shared<DenseVector>(std::move(entries))); }

const Eigen::VectorXd& entries(const Vector& vector) { return static_cast<const DenseVector&>(vector.body()).entries; }

DenseObjective::DenseObjective(Eigen::VectorXd start, const std::vector<std::string>& names) : x_(std::move(start)) {
  if (names.empty()) blocks_.push_back({"x", 0, dim()});
  for (const std::string& name : names) blocks_.push_back({name, blocks_.size(), blocks_.size() + 1});
}

Vector DenseObjective::random_normal(std::uint64_t seed) const {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  Eigen::VectorXd x(x_.size());
  for (double& entry : x) entry = normal(random);
  return dense(std::move(x));
}

DenseProblem::DenseProblem(DenseObjective& f, Optimizer optimizer, ProblemDescription description)
    : f_(f), optimizer_(std::move(optimizer)), description_(std::move(description)), start_(f.parameters()) {}

}  // namespace etamax
