#include "etamax/explain/rule_formulas.h"

#include <algorithm>
#include <set>

namespace etamax {

Expression primed(const std::string& name) { return Expression::variable(name + "'"); }

std::string typeset(const Expression& left, const Expression& right) {
  return "<math>" + to_mathml(left) + "<mo>=</mo>" + to_mathml(right) + "</math>";
}

std::vector<Formula> rule_formulas(const OptimizerSpec& optimizer) {
  // What is assigned anew in this step and was there before it: such a name means both, the others only one thing.
  const auto is_kept = [&](const std::string& name) {
    const auto& symbols = optimizer.state_symbols;
    return name == "x" || std::find(symbols.begin(), symbols.end(), name) != symbols.end();
  };
  const auto renamed = [](Expression e, const std::set<std::string>& names, auto new_name) {
    for (const std::string& name : names) e = substitute(e, name, Expression::variable(new_name(name)));
    return e;
  };
  std::set<std::string> renewed;
  std::vector<Formula> formulas;
  for (const std::string& line : optimizer.assignments) {
    const std::size_t equals = line.find(" = ");
    const std::string name = line.substr(0, equals);
    const Expression right = parse(line.substr(equals + 3));
    const auto in_words = [](const std::string& kept) { return "(new " + kept + ")"; };
    const auto with_prime = [](const std::string& kept) { return kept + "'"; };
    std::string text = to_text(renamed(right, renewed, in_words));
    for (const std::string& kept : renewed) {  // a function's parentheses are enough
      const std::string twice = "(" + in_words(kept) + ")";
      for (std::size_t at; (at = text.find(twice)) != std::string::npos;)
        text.replace(at, twice.size(), in_words(kept));
    }
    const Expression left = is_kept(name) ? primed(name) : Expression::variable(name);
    formulas.push_back(
        {(is_kept(name) ? "new " : "") + name + " = " + text, typeset(left, renamed(right, renewed, with_prime))});
    if (is_kept(name)) renewed.insert(name);
  }
  return formulas;
}

}  // namespace etamax
