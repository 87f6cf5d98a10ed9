#include "arguments.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/core/suggest.h"

namespace py = pybind11;

namespace etamax::python {
namespace {

/// A number in full: numbers of NumPy and one-element tensors among them.
std::string number_text(py::handle value) {
  const double number = PyFloat_AsDouble(value.ptr());
  if (PyErr_Occurred()) throw py::error_already_set();
  return py::repr(py::float_(number));
}

/// Of one value, as the command line has it.
std::string text_of(const Field& field, py::handle value) {
  if (py::isinstance<py::str>(value)) return py::str(value);
  if (py::isinstance<py::bool_>(value)) return value.cast<bool>() ? "true" : "false";
  if (py::isinstance<py::int_>(value) || py::hasattr(value, "__index__")) try {
      return py::str(py::module_::import("operator").attr("index")(value));
    } catch (const py::error_already_set& e) {  // an array of one float has the attribute, too
      if (!e.matches(PyExc_TypeError)) throw;
    }
  if (py::hasattr(value, "__float__")) return number_text(value);
  if (py::hasattr(value, "__fspath__")) return py::str(value.attr("__fspath__")());
  const std::string shown = py::repr(value);
  throw InputError(field.name, shown, "a " + std::string(field.is_number() ? "number" : "value of this option"));
}

bool is_sequence(py::handle value) {
  if (py::isinstance<py::str>(value) || py::hasattr(value, "__fspath__")) return false;
  if (PyObject_Size(value.ptr()) >= 0) return true;
  PyErr_Clear();  // a number, an array without dimensions
  return false;
}

/// None: nothing was given.
std::optional<std::vector<std::string>> texts_of(const Field& field, py::handle value) {
  if (value.is_none()) return field.more.none ? std::optional(std::vector<std::string>{"none"}) : std::nullopt;
  std::vector<std::string> texts;
  if (std::holds_alternative<NamedNumbers*>(field.member) && py::isinstance<py::dict>(value)) {
    for (const auto& [name, number] : py::reinterpret_borrow<py::dict>(value))
      texts.push_back(std::string(py::str(name)) + "=" + text_of(field, number));
  } else if (field.is_list() && is_sequence(value)) {
    for (const py::handle part : value) texts.push_back(text_of(field, part));
  } else {
    texts.push_back(text_of(field, value));
  }
  return texts;
}

[[noreturn]] void refuse_name(const std::string& function, const std::string& name, const Fields& fields) {
  std::vector<std::string> names;
  for (const Field& field : fields) names.push_back(field.name);
  const std::string near = closest(name, names);
  throw py::type_error(function + "() got an unexpected keyword argument '" + name + "'" +
                       (near.empty() ? "" : "; did you mean '" + near + "'?"));
}

std::string type_name(const Field& field) {
  if (field.is_switch()) return "bool";
  const std::string number = field.is_whole() ? "int" : "float";
  if (std::holds_alternative<NamedNumbers*>(field.member)) return "float, sequence of float, or dict of str to float";
  if (std::holds_alternative<std::vector<double>*>(field.member)) return "float or sequence of float";
  if (field.is_list()) return "str or sequence of str";
  return field.is_number() ? number : "str";
}

}  // namespace

void read_arguments(const std::string& function, const Fields& fields, const py::dict& given) {
  for (const auto& [key, value] : given) {
    const std::string name = py::str(key);
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == name; });
    if (field == fields.end()) refuse_name(function, name, fields);
    if (const auto texts = texts_of(*field, value)) field->read(*texts);
  }
  const auto is_given = [&](const std::string& name) {
    return given.contains(name.c_str()) && !given[name.c_str()].is_none();
  };
  for (const Field& field : fields)
    if (field.more.required && (!is_given(field.name) || field.value_text().empty()))
      throw InputError(field.name, "is required: " + field.help);
}

py::list described(const Fields& fields) {
  py::list rows;
  for (const Field& field : fields)
    rows.append(py::make_tuple(field.name, type_name(field), field.facts(), field.help));
  return rows;
}

}  // namespace etamax::python
