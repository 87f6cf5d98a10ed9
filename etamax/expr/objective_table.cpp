#include "etamax/expr/objective_table.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "etamax/core/decimal.h"
#include "etamax/core/format.h"
#include "etamax/core/suggest.h"
#include "etamax/expr/detail.h"

namespace etamax {

namespace {

std::string trim(std::string_view text) {
  const auto from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return "";
  return std::string(text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1));
}

const ObjectiveSpec* find(const std::string& name) {
  for (const ObjectiveSpec& spec : named_objectives())
    if (spec.name == name) return &spec;
  return nullptr;
}

InputError refusal(const std::string& message) { return {"expression", "", message, message}; }

std::string count_text(std::size_t count) {
  return count == 0 ? "no parameters" : count == 1 ? "one parameter" : std::to_string(count) + " parameters";
}

double read(const ObjectiveSpec& spec, const ObjectiveParameter& parameter, const std::string& text) {
  const std::optional<double> value = decimal_value(text);
  if (!value || !(*value >= parameter.low && *value <= parameter.high) ||
      (parameter.integer && *value != std::floor(*value)))
    throw refusal(spec.name + ": " + parameter.name + " is '" + text + "', not " +
                  (parameter.integer ? "a whole number" : "a number") + " from " + format_number(parameter.low) +
                  " to " + format_number(parameter.high));
  return *value;
}

NamedExpression make(const ObjectiveSpec& spec, const std::string& text, std::string_view arguments) {
  std::vector<double> values;
  for (const ObjectiveParameter& parameter : spec.parameters) values.push_back(parameter.default_value);
  std::size_t position = 0;
  for (std::string_view rest = arguments; !trim(rest).empty();) {
    const auto comma = rest.find(',');
    const std::string part = trim(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    std::size_t index = position++;
    std::string value = part;
    if (const auto equals = part.find('='); equals != std::string::npos) {
      const std::string key = trim(std::string_view(part).substr(0, equals));
      value = trim(std::string_view(part).substr(equals + 1));
      for (index = 0; index < spec.parameters.size() && spec.parameters[index].name != key;) ++index;
      if (index == spec.parameters.size()) {
        std::string known;
        for (const ObjectiveParameter& parameter : spec.parameters)
          known += (known.empty() ? "" : ", ") + parameter.name;
        throw refusal(spec.name + ": there is no parameter " + key +
                      (known.empty() ? "; it takes none" : "; it takes " + known));
      }
    }
    if (index >= spec.parameters.size()) throw refusal(spec.name + ": takes " + count_text(spec.parameters.size()));
    values[index] = read(spec, spec.parameters[index], value);
  }
  NamedExpression named = spec.make(values);
  named.name = text;
  return named;
}

bool is_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

/// "y = x^2" and "f(x, y) = x^2 + y" in their parts.
struct Definition {
  std::string name;
  std::vector<std::string> arguments;  ///< of f(x, y)
  std::string right;
};

/// None where the text does not begin like a definition.
std::optional<Definition> definition(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  Definition made{trim(text.substr(0, equals)), {}, trim(text.substr(equals + 1))};
  if (const auto open = made.name.find('('); open != std::string::npos && made.name.back() == ')') {
    std::string_view rest = std::string_view(made.name).substr(open + 1, made.name.size() - open - 2);
    for (auto comma = rest.find(',');; comma = rest.find(',')) {
      made.arguments.push_back(trim(rest.substr(0, comma)));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
    made.name = trim(std::string_view(made.name).substr(0, open));
  }
  const auto& functions = detail::functions();
  const bool is_function = std::any_of(functions.begin(), functions.end(),
                                       [&](const auto& function) { return function.first == made.name; });
  const bool names =
      is_name(made.name) && !is_function && std::all_of(made.arguments.begin(), made.arguments.end(), is_name);
  return names ? std::optional(made) : std::nullopt;
}

/// A named objective, or an expression without a left side.
NamedExpression unnamed(const std::string& text) {
  const auto open = text.find('(');
  const std::string name = trim(std::string_view(text).substr(0, open));
  if (const ObjectiveSpec* spec = find(name)) {
    if (open == std::string::npos) return make(*spec, text, "");
    if (text.find(')') == text.size() - 1)
      return make(*spec, text, std::string_view(text).substr(open + 1, text.size() - open - 2));
    throw refusal(spec->name + ": expected one ')' at the end, as in " + spec->name + "(...)");
  }
  std::vector<std::string> known;
  for (const ObjectiveSpec& spec : named_objectives()) known.push_back(spec.name);
  const bool word = name.size() >= 4 && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos;
  if (word && (open == std::string::npos ? name == text : true)) {
    bool function = false;
    for (const auto& [f, op] : detail::functions()) function = function || f == name;
    const std::string near = function ? "" : closest(name, known);
    if (!near.empty()) throw refusal("there is no objective " + name + "; did you mean " + near + "?");
  }
  const Expression expression = parse(text);
  std::vector<std::string> names = variables(expression);
  if (std::find(names.begin(), names.end(), "lr") != names.end())
    throw refusal("the variable lr would be taken for the learning rate; give it another name");
  if (names.empty()) throw refusal("the expression " + text.substr(0, 60) + " has no variable");
  return {text, expression, std::move(names)};
}

/// What stands to the right, as a function of the arguments in their order, or else of its variables.
NamedExpression defined(const Definition& d) {
  NamedExpression made = unnamed(d.right);
  const auto has = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const bool is_named = find(trim(std::string_view(d.right).substr(0, d.right.find('(')))) != nullptr;
  if (!is_named && has(made.variables, d.name)) throw refusal(d.name + " appears on both sides of '='");
  if (d.arguments.empty()) return made;
  for (const std::string& variable : made.variables)
    if (!has(d.arguments, variable)) throw refusal(variable + " is not an argument of " + d.name);
  for (auto at = d.arguments.begin(); at != d.arguments.end(); ++at) {
    if (!has(made.variables, *at)) throw refusal(d.name + " does not depend on " + *at);
    if (std::find(d.arguments.begin(), at, *at) != at) throw refusal(*at + " is an argument of " + d.name + " twice");
  }
  made.variables = d.arguments;
  return made;
}

}  // namespace

NamedExpression parse_objective(std::string_view given) {
  const std::string text = trim(given);
  const std::optional<Definition> found = definition(text);
  return found ? defined(*found) : unnamed(text);
}

}  // namespace etamax
