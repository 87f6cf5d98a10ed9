#include "etamax/expr/function.h"

#include <algorithm>
#include <unordered_set>

#include "etamax/core/format.h"
#include "etamax/expr/tape.h"

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
      case Op::sign: case Op::step: case Op::abs: case Op::relu: case Op::max: case Op::min: return true;
      default: break;
    }
    pending.insert(pending.end(), e.operands().begin(), e.operands().end());
  }
  return false;
}

std::string describe(Op op, double a, double b) {
  const auto of = [&](const std::string& what) { return what + " of " + format_number(a); };
  switch (op) {
    case Op::divide: return "division by zero";
    case Op::sqrt: return of("square root");
    case Op::power: return a == 0 ? "division by zero" : of("power " + format_number(b));
    default: return of(detail::function_name(op));
  }
}

std::optional<DomainFault> fault(const Tape& tape, std::span<const double> x) {
  double* r = scratch(tape.registers());
  tape.run(x, r);
  if (std::all_of(tape.outputs.begin(), tape.outputs.end(), [&](std::uint32_t i) { return std::isfinite(r[i]); })) return std::nullopt;
  for (std::size_t i = 0; i < tape.code.size(); ++i) {
    const auto& [op, left, right] = tape.code[i];
    const double a = r[left], b = r[right], result = r[tape.inputs() + i];
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
  for (const std::string& name : etamax::variables(expression))
    if (std::find(names.begin(), names.end(), name) == names.end()) throw InputError("the expression has the variable " + name + ", which is not among the coordinates");
  value = Tape({expression}, names);
  for (const std::string& name : names) derivatives.push_back(differentiate(expression, name));
  gradient = Tape(derivatives, names);
}

void Function::Impl::prepare_hessian() const {
  std::call_once(once, [this] {
    const std::size_t n = names.size();
    std::vector<Expression> entries(n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j <= i; ++j) entries[i * n + j] = entries[j * n + i] = differentiate(derivatives[i], names[j]);
    constant = !has_corner({expression}) &&
               std::all_of(entries.begin(), entries.end(), [](const Expression& h) { return etamax::variables(h).empty(); });
    hessian = Tape(entries, names);
  });
}

const Expression& Function::expression() const { return impl_->expression; }
const std::vector<std::string>& Function::variables() const { return impl_->names; }
const std::vector<Expression>& Function::gradient_expressions() const { return impl_->derivatives; }
bool Function::hessian_is_constant() const {
  impl_->prepare_hessian();
  return impl_->constant;
}
int Function::dimension() const { return static_cast<int>(impl_->names.size()); }

double Function::value(std::span<const double> x) const {
  double result = 0;
  evaluate(impl_->value, x, &result);
  return result;
}
void Function::gradient(std::span<const double> x, std::span<double> gradient) const { evaluate(impl_->gradient, x, gradient.data()); }
void Function::hessian(std::span<const double> x, std::span<double> hessian) const {
  impl_->prepare_hessian();
  evaluate(impl_->hessian, x, hessian.data());
}

std::optional<DomainFault> Function::domain_fault(std::span<const double> x) const {
  if (auto found = fault(impl_->value, x)) return found;
  return fault(impl_->gradient, x);
}

Tape::Tape(const std::vector<Expression>& roots, const std::vector<std::string>& names) : dimension(names.size()) {
  std::unordered_map<const void*, std::uint32_t> memo;
  std::map<double, std::uint32_t> known_constants;
  std::map<std::tuple<Op, std::uint32_t, std::uint32_t>, std::uint32_t> known;
  // Constants come before the code, so they are found first.
  std::unordered_set<const void*> seen;
  std::vector<Expression> pending = roots;
  while (!pending.empty()) {
    const Expression e = pending.back();
    pending.pop_back();
    if (!seen.insert(e.id()).second) continue;
    if (e.op() == Op::constant && known_constants.emplace(e.value(), static_cast<std::uint32_t>(dimension + constants.size())).second)
      constants.push_back(e.value());
    pending.insert(pending.end(), e.operands().begin(), e.operands().end());
  }
  const auto emit = [&](Op op, std::uint32_t a, std::uint32_t b) {
    const auto [place, fresh] = known.try_emplace({op, a, b}, static_cast<std::uint32_t>(inputs() + code.size()));
    if (fresh) code.push_back({op, a, b});
    return place->second;
  };
  const auto compile = [&](const auto& self, const Expression& e) -> std::uint32_t {
    if (e.op() == Op::constant) return known_constants.at(e.value());
    if (e.op() == Op::variable) return static_cast<std::uint32_t>(std::find(names.begin(), names.end(), e.name()) - names.begin());
    if (const auto found = memo.find(e.id()); found != memo.end()) return found->second;
    std::uint32_t result = self(self, e.operands()[0]);
    if (e.operands().size() == 1) {
      if (e.op() != Op::add && e.op() != Op::multiply) result = emit(e.op(), result, result);
    }
    for (std::size_t i = 1; i < e.operands().size(); ++i) {
      const std::uint32_t next = self(self, e.operands()[i]);
      result = emit(e.op(), result, next);
    }
    return memo[e.id()] = result;
  };
  for (const Expression& root : roots) outputs.push_back(compile(compile, root));
}

}  // namespace etamax
