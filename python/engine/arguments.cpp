#include "arguments.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/suggest.h"
#include "etamax/core/utf8.h"

namespace py = pybind11;

namespace etamax::python {
namespace {

/// What was given, in one line that is no page.
std::string shown(py::handle value) {
  constexpr std::size_t kLongest = 100;
  const std::string line = one_line(std::string(py::repr(value)));
  return line.size() <= kLongest ? line : std::string(utf8_prefix(line, kLongest)) + "...";
}

[[noreturn]] void refuse(const Field& field, py::handle value, const std::string& right) {
  throw InputError(field.name, shown(value), right);
}

/// A number in full: numbers of NumPy and one-element tensors among them.
std::string number_text(const Field& field, py::handle value) {
  const double number = PyFloat_AsDouble(value.ptr());
  if (!PyErr_Occurred()) return py::repr(py::float_(number));
  py::error_already_set error;
  if (error.matches(PyExc_TypeError) || error.matches(PyExc_ValueError)) refuse(field, value, "a number");
  throw error;
}

/// Python's texts may hold what is no character, such as half of one.
std::string text_in_utf8(const Field& field, py::handle value) {
  try {
    return py::str(value);
  } catch (const py::error_already_set& e) {
    if (!e.matches(PyExc_UnicodeEncodeError)) throw;
  }
  throw InputError(field.name, std::string(py::str(py::module_::import("builtins").attr("ascii")(value))),
                   "a text of characters");
}

/// Of one value, as the command line has it.
std::string text_of(const Field& field, py::handle value) {
  if (py::isinstance<py::str>(value)) return text_in_utf8(field, value);
  if (py::isinstance<py::bool_>(value)) return value.cast<bool>() ? "true" : "false";
  if (py::isinstance<py::int_>(value) || py::hasattr(value, "__index__")) try {
      return py::str(py::module_::import("operator").attr("index")(value));
    } catch (const py::error_already_set& e) {  // an array of one float has the attribute, too
      if (!e.matches(PyExc_TypeError)) throw;
    }
  if (py::hasattr(value, "__float__")) return number_text(field, value);
  if (py::hasattr(value, "__fspath__")) return text_in_utf8(field, value.attr("__fspath__")());
  refuse(field, value, field.is_number() ? "a number" : "a value of this option");
}

bool is_sequence(py::handle value) {
  if (py::isinstance<py::str>(value) || py::hasattr(value, "__fspath__")) return false;
  if (PyObject_Size(value.ptr()) >= 0) return true;
  PyErr_Clear();  // a number, an array without dimensions
  return false;
}

/// Before each is looked at, which takes its time where somebody has given a range of a thousand million.
void check_size(const Field& field, py::handle values) {
  const Py_ssize_t size = PyObject_Size(values.ptr());
  if (size > static_cast<Py_ssize_t>(Field::kMostValues))
    throw InputError(field.name, std::to_string(size) + " values are more than " + std::to_string(Field::kMostValues));
}

/// None: nothing was given.
std::optional<std::vector<std::string>> texts_of(const Field& field, py::handle value) {
  if (value.is_none()) return field.more.none ? std::optional(std::vector<std::string>{"none"}) : std::nullopt;
  std::vector<std::string> texts;
  if (std::holds_alternative<NamedNumbers*>(field.member) && py::isinstance<py::dict>(value)) {
    check_size(field, value);
    for (const auto& [name, number] : py::reinterpret_borrow<py::dict>(value))
      texts.push_back(text_in_utf8(field, name) + "=" + text_of(field, number));
  } else if (field.is_list() && is_sequence(value)) {
    check_size(field, value);
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
