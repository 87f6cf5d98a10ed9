#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <vector>

#include "etamax/problem/vector.h"

namespace etamax::python {

/// A vector whose numbers a Python object keeps: the methods of `etamax._torch.vectors.TensorList`. Python's lock is
/// held.
class PythonVector final : public VectorBody {
 public:
  explicit PythonVector(pybind11::object numbers) : numbers_(std::move(numbers)) {}
  const pybind11::object& numbers() const { return numbers_; }

  std::size_t size() const override;
  std::shared_ptr<VectorBody> clone() const override;
  std::shared_ptr<VectorBody> zeros() const override;
  std::shared_ptr<VectorBody> zeros_in_64_bit() const override;
  double dot(const VectorBody& other) const override;
  void add_scaled(double a, const VectorBody& x) override;
  void scale(double a) override;
  void multiply(const VectorBody& diagonal) override;
  void divide(const VectorBody& diagonal) override;
  void inverse_root() override;
  bool all_finite() const override;
  std::vector<double> values() const override;
  std::shared_ptr<VectorBody> with_values(std::span<const double> values) const override;
  std::shared_ptr<VectorBody> part(std::size_t from, std::size_t to) const override;
  void set_part(std::size_t from, const VectorBody& part) override;
  void for_each_block(std::span<VectorBody* const> written, std::span<const VectorBody* const> read,
                      const UseBlocks& use) const override;

 private:
  pybind11::object numbers_;
};

/// Takes the object over: nobody else may write to it.
Vector vector_of(pybind11::object numbers);
/// What keeps the numbers of a PythonVector. Not to be written to.
const pybind11::object& numbers_of(const Vector& vector);

}  // namespace etamax::python
