#include "etamax/explain/rule_formulas.h"

#include <algorithm>
#include <set>

#include "etamax/core/format.h"

namespace etamax {
namespace {

/// name = right. What is new after the step has a prime; `kept`: the name means something before the step, too.
struct Assignment {
  std::string name;
  Expression right;
  bool kept = false;

  bool reads(const std::string& other) const {
    const std::vector<std::string> names = variables(right);
    return std::find(names.begin(), names.end(), other) != names.end();
  }
};

std::vector<Assignment> assignments_of(const OptimizerSpec& optimizer) {
  std::set<std::string> renewed;
  std::vector<Assignment> lines;
  for (const std::string& line : optimizer.assignments) {
    const std::size_t equals = line.find(" = ");
    const std::string name = line.substr(0, equals);
    Expression right = parse(line.substr(equals + 3));
    for (const std::string& earlier : renewed) right = substitute(right, earlier, primed(earlier));
    const auto& symbols = optimizer.state_symbols;
    const bool kept = name == "x" || std::find(symbols.begin(), symbols.end(), name) != symbols.end();
    if (kept) renewed.insert(name);
    lines.push_back({kept ? name + "'" : name, right, kept});
  }
  return lines;
}

/// Works out what holds numbers alone and leaves out what changes nothing (+ 0, * 1), the terms in the order in which
/// the rule has them: `simplify` would put them into its own.
Expression worked_out(const Expression& e) {
  if (e.op() == Op::constant || e.op() == Op::variable) return e;
  if (variables(e).empty()) {
    const Expression number = simplify(e);
    return number.op() == Op::constant ? Expression(without_noise(number.value())) : number;  // 1 - 0.9 is 0.1
  }
  std::vector<Expression> operands;
  for (const Expression& operand : e.operands()) operands.push_back(worked_out(operand));
  if (e.op() == Op::divide && operands[1].is_constant(1)) return operands[0];
  if (e.op() == Op::divide && operands[0].is_constant(0)) return 0;
  if (e.op() == Op::add || e.op() == Op::multiply) {
    const double neutral = e.op() == Op::add ? 0 : 1;
    const auto is_zero = [](const Expression& operand) { return operand.is_constant(0); };
    if (e.op() == Op::multiply && std::any_of(operands.begin(), operands.end(), is_zero)) return 0;
    std::erase_if(operands, [&](const Expression& operand) { return operand.is_constant(neutral); });
    if (operands.empty()) return neutral;
    if (operands.size() == 1) return operands.front();
  }
  return Expression::apply(e.op(), std::move(operands));
}

/// Leaves out the lines that x does not come from.
void drop_unread(std::vector<Assignment>& lines) {
  std::set<std::string> read = {"x'"};
  for (std::size_t before = 0; before != read.size();) {
    before = read.size();
    for (const Assignment& line : lines)
      if (read.count(line.name) != 0)
        for (const std::string& name : variables(line.right)) {
          read.insert(name);
          read.insert(name + "'");  // what the step before left there
        }
  }
  std::erase_if(lines, [&](const Assignment& line) { return read.count(line.name) == 0; });
}

/// Puts into the lines after it what serves them as a name alone: a line that no later step reads, and which is a
/// single name or number, or is read by one line.
void inline_names(std::vector<Assignment>& lines) {
  for (std::size_t i = 0; i < lines.size();) {
    const Assignment line = lines[i];
    const std::string before = line.name.substr(0, line.name.size() - 1);
    const auto readers = [&](const std::string& name) {
      return std::count_if(lines.begin(), lines.end(), [&](const Assignment& other) { return other.reads(name); });
    };
    const bool is_name = line.right.op() == Op::variable || line.right.op() == Op::constant;
    if (line.name == "x'" || (line.kept && readers(before) > 0) || (!is_name && readers(line.name) > 1)) {
      ++i;
      continue;
    }
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
    for (Assignment& other : lines) other.right = substitute(other.right, line.name, line.right);
  }
}

/// "new b" for a name with a prime, in parentheses but where a function's are enough.
std::string in_words(Expression right) {
  std::vector<std::string> all;
  for (const std::string& name : variables(right)) {
    if (name.back() != '\'') continue;
    all.push_back("(new " + name.substr(0, name.size() - 1) + ")");
    right = substitute(right, name, Expression::variable(all.back()));
  }
  std::string text = to_text(right);
  for (const std::string& words : all)
    for (std::size_t at; (at = text.find("(" + words + ")")) != std::string::npos;)
      text.replace(at, words.size() + 2, words);
  return text;
}

std::vector<Formula> written(const std::vector<Assignment>& lines) {
  std::vector<Formula> formulas;
  for (const Assignment& line : lines) {
    const std::string left = line.kept ? "new " + line.name.substr(0, line.name.size() - 1) : line.name;
    formulas.push_back({left + " = " + in_words(line.right), typeset(Expression::variable(line.name), line.right)});
  }
  return formulas;
}

}  // namespace

Expression primed(const std::string& name) { return Expression::variable(name + "'"); }

std::string typeset(const Expression& left, const Expression& right) {
  return "<math>" + to_mathml(left) + "<mo>=</mo>" + to_mathml(right) + "</math>";
}

std::vector<Formula> rule_formulas(const OptimizerSpec& optimizer) { return written(assignments_of(optimizer)); }

std::vector<Formula> rule_formulas(const OptimizerSpec& optimizer, const HyperparameterValues& values) {
  std::vector<Assignment> lines = assignments_of(optimizer);
  for (Assignment& line : lines) {
    for (std::size_t i = 0; i < optimizer.hyperparameters.size(); ++i)
      line.right = substitute(line.right, optimizer.hyperparameters[i].name, values[i]);
    line.right = worked_out(line.right);
  }
  drop_unread(lines);
  inline_names(lines);
  return written(lines);
}

}  // namespace etamax
