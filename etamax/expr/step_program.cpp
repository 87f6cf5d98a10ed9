#include "etamax/expr/step_program.h"

#include <algorithm>
#include <stdexcept>
#include <unordered_map>

#include "etamax/expr/detail.h"
#include "etamax/expr/detail_plan.h"

namespace etamax {
namespace {

using Place = BatchPlan::Place;
using Shape = Tape::Shape;

/// Takes out of expressions what depends on the number of the step alone: each such part becomes a variable.
class UniformParts {
 public:
  explicit UniformParts(std::string step_number) : step_number_(std::move(step_number)) {}

  Expression without(const Expression& e) {
    if (const auto found = memo_.find(e.id()); found != memo_.end()) return found->second.second;
    const Expression result = compute(e);
    memo_.emplace(e.id(), std::pair(e, result));
    return result;
  }

  std::vector<std::string> names;
  std::vector<Expression> parts;

 private:
  bool is_uniform(const Expression& e) const {
    const std::vector<std::string> found = variables(e);
    return found.size() == 1 && found.front() == step_number_;
  }

  Expression name_of(const Expression& part) {
    names.push_back("uniform " + std::to_string(names.size()));
    parts.push_back(part);
    return Expression::variable(names.back());
  }

  Expression compute(const Expression& e) {
    if (is_uniform(e)) return name_of(e);
    if (e.operands().empty()) return e;
    const bool gathers = e.op() == Op::add || e.op() == Op::multiply;
    std::vector<Expression> uniform, others;
    bool moves = false;
    for (const Expression& operand : e.operands()) {
      const bool part = gathers && (operand.op() == Op::constant || is_uniform(operand));
      moves = moves || (part && operand.op() != Op::constant);
      (part ? uniform : others).push_back(operand);
    }
    if (!moves) others = e.operands(), uniform.clear();
    for (Expression& operand : others) operand = without(operand);
    if (uniform.size() == 1) others.push_back(without(uniform.front()));
    if (uniform.size() > 1) others.push_back(name_of(Expression::apply(e.op(), uniform)));
    return Expression::apply(e.op(), others);
  }

  std::string step_number_;
  std::unordered_map<const void*, std::pair<Expression, Expression>> memo_;
};

/// The inputs of the plan from `first` on become constants behind its own, which each step sets.
void make_uniforms_constants(StepPlan& step, std::size_t first) {
  BatchPlan& plan = step.plan;
  step.first_uniform = plan.numbers64.constants.size();
  const auto place = [&](BatchPlan::Operand& operand) {
    if (operand.place != Place::input || operand.index < first) return false;
    operand = {Place::constant, static_cast<std::uint32_t>(step.first_uniform + operand.index - first)};
    return true;
  };
  for (BatchPlan::Instruction& i : plan.code) {
    const bool a = place(i.a), b = place(i.b);
    place(i.c);
    const bool fused = i.shape == Shape::multiply_add || i.shape == Shape::negative_multiply_add;
    if (a && fused) std::swap(i.a, i.b);  // its first factor is a stream
    if ((a && b && i.op != Op::variable) || (a && i.shape == Shape::polynomial))
      throw std::logic_error("what depends on the step's number alone was not taken out");
  }
  plan.numbers64.constants.resize(step.first_uniform + plan.inputs - first);
  plan.inputs = first;
}

bool is_parameter_or_constant(const StepPlan& step, const BatchPlan::Operand& operand) {
  if (operand.place == Place::constant) return operand.index < step.first_uniform;
  return operand.place == Place::input && operand.index >= step.plan.outputs;
}

/// The factor beside `known` in a product of a fused instruction; none where `known` is not one of the two.
const BatchPlan::Operand* other_factor(const BatchPlan::Instruction& i, const BatchPlan::Operand& known) {
  return i.a == known ? &i.b : i.b == known ? &i.a : nullptr;
}

/// Whether a whole step is one of those that are made in registers: a polynomial, then additions to the state.
void choose_kernel(StepPlan& step) {
  constexpr std::uint32_t kMostShift = 4;
  const BatchPlan& plan = step.plan;
  if (plan.code.size() != plan.outputs + 1 || plan.outputs > 2) return;
  const BatchPlan::Instruction &p = plan.code.front(), &last = plan.code.back();
  if (p.shape != Shape::polynomial || p.a.place != Place::input || p.result.place != Place::temporary) return;
  const Tape::Polynomial& polynomial = plan.polynomials[p.polynomial];
  if (polynomial.shift > kMostShift || last.shape != Shape::negative_multiply_add || last.c != p.a ||
      last.result != BatchPlan::Operand{Place::output, p.a.index})
    return;
  const bool heavy_ball = plan.outputs == 2;
  const BatchPlan::Instruction& middle = plan.code[1];
  const BatchPlan::Operand b{Place::input, 1 - std::min(p.a.index, 1u)};
  const BatchPlan::Operand* momentum = heavy_ball ? other_factor(middle, b) : nullptr;
  if (heavy_ball &&
      (p.a.index > 1 || middle.shape != Shape::multiply_add || middle.c != p.result || !momentum ||
       middle.result != BatchPlan::Operand{Place::output, b.index} || !is_parameter_or_constant(step, *momentum)))
    return;
  const BatchPlan::Operand* rate = other_factor(last, heavy_ball ? middle.result : p.result);
  if (!rate || !is_parameter_or_constant(step, *rate)) return;
  const auto begin = plan.numbers64.coefficients.begin() + polynomial.first;
  step.coefficients.assign(begin, begin + polynomial.count);
  step.coefficients.resize(polynomial.count + polynomial.shift);
  step.x = p.a.index, step.b = b.index, step.rate = *rate;
  if (heavy_ball) step.momentum = *momentum;
  step.kernel = heavy_ball ? StepPlan::Kernel::polynomial_heavy_ball : StepPlan::Kernel::polynomial;
}

bool is_function(Op op) {
  switch (op) {
    case Op::add:
    case Op::multiply:
    case Op::divide:
    case Op::max:
    case Op::min:
    case Op::abs:
    case Op::sign:
    case Op::step:
    case Op::relu:
    case Op::sqrt:
      return false;
    default:
      return true;
  }
}

StepProgram::Operations operations_of(const BatchPlan& plan) {
  StepProgram::Operations sum;
  for (const BatchPlan::Instruction& i : plan.code) {
    if (i.shape == Shape::polynomial) {
      const Tape::Polynomial& p = plan.polynomials[i.polynomial];
      sum.arithmetic += p.count - 1 + p.shift;
    } else if (i.shape != Shape::plain || !is_function(i.op)) {
      ++sum.arithmetic;
    } else if (i.op != Op::variable) {
      sum.functions.push_back(i.op);
    }
  }
  return sum;
}

double work_of(const BatchPlan& plan) {
  constexpr double kFunction = 20;  // about what is counted in bench/maps_bench.cpp
  const StepProgram::Operations made = operations_of(plan);
  return static_cast<double>(plan.outputs + made.arithmetic) + kFunction * static_cast<double>(made.functions.size());
}

}  // namespace

struct StepProgram::Impl {
  StepPlan step;
  std::size_t parameters = 0, uniforms = 0;
  double work = 0;  ///< of one step at one point
  Tape uniform;     ///< of the number of the step
};

StepProgram::StepProgram(const std::vector<Expression>& next, const std::vector<std::string>& state,
                         const std::vector<std::string>& parameters, const std::string& step_number) {
  auto impl = std::make_unique<Impl>();
  UniformParts parts(step_number);
  detail::Simplification simplified;  // one for all, so that what they share is computed once
  std::vector<Expression> roots;
  for (const Expression& e : next) roots.push_back(parts.without(simplified(e)));
  std::vector<std::string> names = state;
  names.insert(names.end(), parameters.begin(), parameters.end());
  const std::size_t first_uniform = names.size();
  names.insert(names.end(), parts.names.begin(), parts.names.end());
  impl->step.plan = BatchPlan(Tape(roots, names));
  make_uniforms_constants(impl->step, first_uniform);
  choose_kernel(impl->step);
  impl->work = work_of(impl->step.plan);
  impl->parameters = parameters.size();
  impl->uniforms = parts.names.size();
  impl->uniform = Tape(parts.parts, {step_number});
  impl_ = std::move(impl);
}
StepProgram::~StepProgram() = default;
StepProgram::StepProgram(StepProgram&&) noexcept = default;
StepProgram& StepProgram::operator=(StepProgram&&) noexcept = default;

std::size_t StepProgram::states() const { return impl_->step.plan.outputs; }
std::size_t StepProgram::parameters() const { return impl_->parameters; }

void StepProgram::run(double* const* state, const double* const* parameters, std::size_t count, long first,
                      long steps) const {
  if (count % kGroup != 0) throw std::logic_error("points come in groups");
  if (count == 0 || steps <= 0) return;
  std::vector<double> uniforms, registers(impl_->uniform.registers());
  if (impl_->uniforms > 0)
    for (long t = first; t < first + steps; ++t) {
      const double number = static_cast<double>(t);
      impl_->uniform.run({&number, 1}, registers.data());
      for (const std::uint32_t output : impl_->uniform.outputs) uniforms.push_back(registers[output]);
    }
  run_batch_steps(impl_->step, {state, parameters, count, static_cast<std::size_t>(steps), uniforms.data()});
}

StepProgram::Operations StepProgram::operations() const { return operations_of(impl_->step.plan); }
double StepProgram::work() const { return impl_->work; }

}  // namespace etamax
