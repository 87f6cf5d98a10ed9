#include "etamax/expr/objective_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>

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
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool number = error == std::errc() && end == text.data() + text.size();
  if (!number || !(value >= parameter.low && value <= parameter.high) ||
      (parameter.integer && value != std::floor(value)))
    throw refusal(spec.name + ": " + parameter.name + " is '" + text + "', not " +
                  (parameter.integer ? "a whole number" : "a number") + " from " + format_number(parameter.low) +
                  " to " + format_number(parameter.high));
  return value;
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

}  // namespace

NamedExpression parse_objective(std::string_view given) {
  const std::string text = trim(given);
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

}  // namespace etamax
