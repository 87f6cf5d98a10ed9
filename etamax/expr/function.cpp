#include "etamax/expr/function.h"

#include <algorithm>
#include <unordered_set>

#include "etamax/core/format.h"
#include "etamax/expr/detail_function.h"

namespace etamax {

namespace {

/// Scratch of this thread: it grows to the largest tape and stays.
double* scratch(std::size_t size) {
  thread_local std::vector<double> registers;
  if (registers.size() < size) registers.resize(size);
  return registers.data();
}

void evaluate(const Tape& tape, std::span<const double> x, double* out) {
  double* r = scratch(tape.registers());
  tape.run(x, r);
  for (std::size_t i = 0; i < tape.outputs.size(); ++i) out[i] = r[tape.outputs[i]];
}

bool has_corner(const std::vector<Expression>& roots) {
  std::unordered_set<const void*> seen;
  std::vector<Expression> pending = roots;
  while (!pending.empty()) {
    const Expression e = pending.back();
    pending.pop_back();
    if (!seen.insert(e.id()).second) continue;
    switch (e.op()) {
      case Op::sign:
      case Op::step:
      case Op::abs:
      case Op::relu:
      case Op::max:
      case Op::min:
        return true;
      default:
        break;
    }
    pending.insert(pending.end(), e.operands().begin(), e.operands().end());
  }
  return false;
}

std::string describe(Op op, double a, double b) {
  const auto of = [&](const std::string& what) { return what + " of " + format_number(a); };
  switch (op) {
    case Op::divide:
      return "division by zero";
    case Op::sqrt:
      return of("square root");
    case Op::power:
      return a == 0 ? "division by zero" : of("power " + format_number(b));
    default:
      return of(detail::function_name(op));
  }
}

std::optional<DomainFault> fault(const Tape& tape, std::span<const double> x) {
  double* r = scratch(tape.registers());
  tape.run(x, r);
  if (std::all_of(tape.outputs.begin(), tape.outputs.end(), [&](std::uint32_t i) { return std::isfinite(r[i]); }))
    return std::nullopt;
  for (std::size_t i = 0; i < tape.code.size(); ++i) {
    // Only plain steps have points without a result.
    const Tape::Step& step = tape.code[i];
    if (step.shape != Tape::Shape::plain) continue;
    const Op op = step.op;
    const double a = r[step.a], b = r[step.b], result = r[tape.inputs() + i];
    if (!std::isfinite(a) || !std::isfinite(b)) continue;
    bool bad = std::isnan(result);
    if (std::isinf(result)) {
      bad = (op == Op::divide && b == 0) || (op == Op::power && a == 0) || (op == Op::log1p && a == -1) ||
            ((op == Op::log || op == Op::log2 || op == Op::log10) && a == 0);
    }
    if (bad) return DomainFault{describe(op, a, b)};
  }
  return std::nullopt;
}

}  // namespace

Function::Function(const Expression& expression, std::vector<std::string> variables)
    : impl_(std::make_unique<const Impl>(expression, std::move(variables))) {}
Function::~Function() = default;
Function::Function(Function&&) noexcept = default;
Function& Function::operator=(Function&&) noexcept = default;

Function::Impl::Impl(const Expression& e, std::vector<std::string> v) : expression(e), names(std::move(v)) {
  if (names.empty()) throw InputError("a function needs a variable");
  for (const std::string& name : etamax::variables(expression)) {
    if (std::find(names.begin(), names.end(), name) == names.end())
      throw InputError("the expression has the variable " + name + ", which is not among the coordinates");
  }
  value = Tape({expression}, names);
  derivatives = etamax::gradient(expression, names);
  gradient = Tape(derivatives, names);
}

const Function::Impl::Hessian& Function::Impl::hessian() const {
  return lazy_hessian.get([this] {
    const std::vector<Expression> entries = etamax::hessian(derivatives, names);
    const auto independent = [](const Expression& h) { return etamax::variables(h).empty(); };
    const bool constant = !has_corner({expression}) && std::all_of(entries.begin(), entries.end(), independent);
    return Hessian{Tape(entries, names), constant};
  });
}

const BatchPlan& Function::Impl::value_plan() const {
  return lazy_value_plan.get([this] { return BatchPlan(value); });
}

const BatchPlan& Function::Impl::gradient_plan() const {
  return lazy_gradient_plan.get([this] { return BatchPlan(gradient); });
}

const BatchPlan& Function::Impl::product_plan() const {
  return lazy_product_plan.get([this] {
    // Names that nobody can type, so that they clash with none.
    std::vector<std::string> all = names;
    std::vector<std::pair<std::string, Expression>> directions;
    for (const std::string& name : names) {
      all.push_back("d " + name);
      directions.emplace_back(name, Expression::variable(all.back()));
    }
    return BatchPlan(Tape(differentiate_along(derivatives, directions), all));
  });
}

const Expression& Function::expression() const { return impl_->expression; }
const std::vector<std::string>& Function::variables() const { return impl_->names; }
const std::vector<Expression>& Function::gradient_expressions() const { return impl_->derivatives; }
bool Function::hessian_is_constant() const { return impl_->hessian().constant; }
int Function::dimension() const { return static_cast<int>(impl_->names.size()); }

double Function::value(std::span<const double> x) const {
  double result = 0;
  evaluate(impl_->value, x, &result);
  return result;
}
void Function::gradient(std::span<const double> x, std::span<double> gradient) const {
  evaluate(impl_->gradient, x, gradient.data());
}
void Function::hessian(std::span<const double> x, std::span<double> hessian) const {
  evaluate(impl_->hessian().tape, x, hessian.data());
}

bool Function::pole_between(std::span<const double> a, std::span<const double> b) const {
  const Tape& tape = impl_->value;
  std::vector<double> at_a(tape.registers()), at_b(tape.registers());
  tape.run(a, at_a.data());
  tape.run(b, at_b.data());
  return std::any_of(tape.code.begin(), tape.code.end(), [&](const Tape::Step& step) {
    const auto changes_sign = [&](std::uint32_t i) { return (at_a[i] < 0) != (at_b[i] < 0); };
    if (step.shape != Tape::Shape::plain) return false;
    if (step.op == Op::divide) return changes_sign(step.b);
    return step.op == Op::power && at_a[step.b] < 0 && at_b[step.b] < 0 && changes_sign(step.a);
  });
}

bool Function::in_range(std::span<const double> x) const {
  const auto holds = [&](const Tape& tape) { return tape.in_range(x, scratch(tape.registers())); };
  return holds(impl_->value) && holds(impl_->gradient);
}

std::optional<DomainFault> Function::domain_fault(std::span<const double> x) const {
  if (auto found = fault(impl_->value, x)) return found;
  return fault(impl_->gradient, x);
}

}  // namespace etamax
