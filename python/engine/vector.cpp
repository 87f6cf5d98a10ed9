#include "vector.h"

#include <pybind11/stl.h>

#include <cstdint>
#include <vector>

namespace py = pybind11;

namespace etamax::python {
namespace {

const py::object& of(const VectorBody& other) { return static_cast<const PythonVector&>(other).numbers(); }

std::shared_ptr<VectorBody> body_of(py::object numbers) { return std::make_shared<PythonVector>(std::move(numbers)); }

/// Blocks by their addresses, each of `count` numbers.
std::vector<std::span<double>> spans(const py::list& addresses, std::size_t count) {
  std::vector<std::span<double>> blocks;
  for (const py::handle address : addresses)
    blocks.emplace_back(reinterpret_cast<double*>(address.cast<std::uintptr_t>()), count);
  return blocks;
}

}  // namespace

std::size_t PythonVector::size() const { return numbers_.attr("size")().cast<std::size_t>(); }
std::shared_ptr<VectorBody> PythonVector::clone() const { return body_of(numbers_.attr("clone")()); }
std::shared_ptr<VectorBody> PythonVector::zeros() const { return body_of(numbers_.attr("zeros")()); }
std::shared_ptr<VectorBody> PythonVector::zeros_in_64_bit() const {
  return body_of(numbers_.attr("zeros_in_64_bit")());
}
double PythonVector::dot(const VectorBody& other) const { return numbers_.attr("dot")(of(other)).cast<double>(); }
void PythonVector::add_scaled(double a, const VectorBody& x) { numbers_.attr("add_scaled")(a, of(x)); }
void PythonVector::scale(double a) { numbers_.attr("scale")(a); }
void PythonVector::multiply(const VectorBody& diagonal) { numbers_.attr("multiply")(of(diagonal)); }
void PythonVector::divide(const VectorBody& diagonal) { numbers_.attr("divide")(of(diagonal)); }
void PythonVector::inverse_root() { numbers_.attr("inverse_root")(); }
bool PythonVector::all_finite() const { return numbers_.attr("all_finite")().cast<bool>(); }
std::vector<double> PythonVector::values() const { return numbers_.attr("values")().cast<std::vector<double>>(); }
std::shared_ptr<VectorBody> PythonVector::with_values(std::span<const double> values) const {
  const py::bytearray bytes(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  return body_of(numbers_.attr("with_values")(bytes));
}
std::shared_ptr<VectorBody> PythonVector::part(std::size_t from, std::size_t to) const {
  return body_of(numbers_.attr("part")(from, to));
}
void PythonVector::set_part(std::size_t from, const VectorBody& part) { numbers_.attr("set_part")(from, of(part)); }

void PythonVector::for_each_block(std::span<VectorBody* const> written, std::span<const VectorBody* const> read,
                                  const UseBlocks& use) const {
  py::list out, in;
  for (const VectorBody* vector : written) out.append(of(*vector));
  for (const VectorBody* vector : read) in.append(of(*vector));
  numbers_.attr("for_each_block")(out, in,
                                  py::cpp_function([&use](const py::list& to, const py::list& from, std::size_t count) {
                                    use(spans(to, count), spans(from, count));
                                  }));
}

Vector vector_of(py::object numbers) { return Vector(body_of(std::move(numbers))); }

const py::object& numbers_of(const Vector& vector) { return of(vector.body()); }

}  // namespace etamax::python
