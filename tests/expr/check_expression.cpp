#include "check_expression.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "etamax/expr/detail.h"
#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"

namespace etamax::testing {
namespace {

class TreeEvaluation {
 public:
  TreeEvaluation(const std::vector<std::string>& names, const std::vector<double>& x) : names_(names), x_(x) {}

  double of(const Expression& e) {
    if (e.op() == Op::constant) return e.value();
    if (e.op() == Op::variable) return x_[std::find(names_.begin(), names_.end(), e.name()) - names_.begin()];
    if (const auto found = memo_.find(e.id()); found != memo_.end()) return found->second;
    const auto& u = e.operands();
    double result = of(u[0]);
    if (u.size() == 1 && e.op() != Op::add && e.op() != Op::multiply) result = detail::evaluate(e.op(), result, result);
    for (std::size_t i = 1; i < u.size(); ++i) result = detail::evaluate(e.op(), result, of(u[i]));
    all_finite_ = all_finite_ && std::isfinite(result);
    return memo_[e.id()] = result;
  }
  bool all_finite() const { return all_finite_; }

 private:
  const std::vector<std::string>& names_;
  const std::vector<double>& x_;
  std::unordered_map<const void*, double> memo_;
  bool all_finite_ = true;
};

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

std::vector<std::vector<double>> some_points(std::size_t dimension) {
  std::vector<std::vector<double>> points;
  for (const double scale : {0.0, 0.37, -1.9, 3.0, 1e5}) {
    points.emplace_back();
    for (std::size_t i = 0; i < dimension; ++i)
      points.back().push_back(scale * (1 + 0.31 * static_cast<double>(i % 7)));
  }
  return points;
}

}  // namespace

double evaluate_tree(const Expression& expression, const std::vector<std::string>& names,
                     const std::vector<double>& x) {
  return TreeEvaluation(names, x).of(expression);
}

bool is_defined(const Expression& expression, const std::vector<std::string>& names, const std::vector<double>& x) {
  TreeEvaluation evaluation(names, x);
  return std::isfinite(evaluation.of(expression)) && evaluation.all_finite();
}

std::string round_trip_fault(const Expression& expression) {
  if (expression.depth() > ExpressionLimits::depth / 2) return "";  // may nest deeper than is read
  const std::string text = to_text(expression);
  if (text.size() > 4 && text.substr(text.size() - 4) == " ...") return "";
  try {
    const Expression back = parse(text);
    const std::vector<std::string> names = variables(expression);
    for (const auto& x : some_points(names.size())) {
      const double expected = evaluate_tree(expression, names, x), found = evaluate_tree(back, names, x);
      if (!same(expected, found))
        return "'" + text + "' reads back as '" + to_text(back) + "': " + std::to_string(found) + ", not " +
               std::to_string(expected);
    }
  } catch (const InputError& error) {
    return "'" + text + "' does not read back: " + error.what();
  }
  return "";
}

std::string mathml_fault(const std::string& mathml) {
  struct Open {
    std::string name;
    int children = 0;
  };
  std::vector<Open> open{{"math", 0}};
  const auto is_token = [](const std::string& name) { return name == "mi" || name == "mn" || name == "mo"; };
  for (std::size_t i = 0; i < mathml.size();) {
    if (mathml[i] == '<') {
      const std::size_t end = mathml.find('>', i);
      if (end == std::string::npos) return "an element is not finished";
      const bool closing = mathml[i + 1] == '/';
      std::string name = mathml.substr(i + 1 + closing, end - i - 1 - closing);
      name = name.substr(0, name.find(' '));  // less its attributes
      if (closing) {
        if (open.back().name != name) return "</" + name + "> closes <" + open.back().name + ">";
        const bool two = name == "msup" || name == "mfrac" || name == "msub";
        if (two && open.back().children != 2)
          return name + " has " + std::to_string(open.back().children) + " children";
        if (is_token(name) && open.back().children == 0) return name + " is empty";
        open.pop_back();
      } else {
        static const std::vector<std::string> known = {"mi", "mn", "mo", "mrow", "msup", "msub", "mfrac", "msqrt"};
        if (std::find(known.begin(), known.end(), name) == known.end()) return "unknown element " + name;
        if (is_token(open.back().name)) return name + " inside " + open.back().name;
        ++open.back().children;
        open.push_back({name, 0});
      }
      i = end + 1;
    } else {
      if (!is_token(open.back().name)) return std::string("text outside a token: ") + mathml.substr(i, 20);
      ++open.back().children;
      if (mathml[i] == '&') {
        const std::size_t end = mathml.find(';', i);
        if (end == std::string::npos || end - i > 10) return "a stray &";
        i = end;
      }
      ++i;
    }
  }
  return open.size() == 1 ? "" : "<" + open.back().name + "> is not closed";
}

std::string text_fault(std::string_view text) try {
  const NamedExpression named = parse_objective(text);
  std::vector<Expression> all = {named.expression, simplify(named.expression)};
  const Function f(named.expression, named.variables);
  const std::size_t d = named.variables.size();
  for (std::size_t i = 0; i < std::min<std::size_t>(d, 2); ++i) {
    all.push_back(f.gradient_expressions()[i]);
    all.push_back(gradient_step(named.variables[i], f.gradient_expressions()[i]));
  }
  for (const Expression& e : all) {
    if (std::string fault = round_trip_fault(e); !fault.empty()) return fault;
    if (std::string fault = mathml_fault(to_mathml(e)); !fault.empty()) return fault + " in " + to_mathml(e);
  }
  std::vector<double> gradient(d), product(d);
  for (const auto& x : some_points(d)) {
    double value = 0;
    f.values(x, std::span(&value, 1));
    f.gradients(x, gradient);
    f.gradient(x, gradient);
    f.domain_fault(x);
  }
  f.hessian_vector_products(gradient, gradient, product);
  return "";
} catch (const ParseError& error) {
  return error.position() <= text.size() ? "" : "the caret is outside the text";
} catch (const InputError&) {
  return "";
}

}  // namespace etamax::testing
