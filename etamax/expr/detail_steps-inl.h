// Steps that are made again and again, for one instruction set.
//
// In an interpreter every operation loads and stores its block; so where a whole step is a polynomial and its addition
// to the state, it is made in registers, some vectors at a time to hide the latency: three times as fast.
#if defined(ETAMAX_EXPR_DETAIL_STEPS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ETAMAX_EXPR_DETAIL_STEPS_INL_H_
#undef ETAMAX_EXPR_DETAIL_STEPS_INL_H_
#else
#define ETAMAX_EXPR_DETAIL_STEPS_INL_H_
#endif

#include <algorithm>
#include <utility>
#include <vector>

#include "etamax/expr/detail_block-inl.h"

HWY_BEFORE_NAMESPACE();
namespace etamax {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// A number for each point or one for all: where it stands, and by how much that moves from point to point.
struct Given {
  const double* from;
  std::size_t stride;
  template <class D>
  HWY_INLINE hn::Vec<D> load(D d, std::size_t i) const {
    return stride != 0 ? hn::LoadU(d, from + i) : hn::Set(d, *from);
  }
};

inline Given given(const StepPlan& plan, const StepRun& run, const BatchPlan::Operand& operand) {
  if (operand.place == Place::constant) return {&plan.plan.numbers64.constants[operand.index], 0};
  return {run.parameters[operand.index - plan.plan.outputs], 1};
}

/// p(x) of several vectors at once; `powers` counts the coefficients behind the first.
template <class D, std::size_t N>
HWY_INLINE void polynomials(D d, const double* c, std::size_t powers, const hn::Vec<D> (&x)[N], hn::Vec<D> (&r)[N]) {
  const auto first = hn::Set(d, c[0]);
  for (std::size_t v = 0; v < N; ++v) r[v] = first;
  for (std::size_t k = 1; k <= powers; ++k) {
    const auto next = hn::Set(d, c[k]);
    HWY_UNROLL(8)
    for (std::size_t v = 0; v < N; ++v) r[v] = hn::MulAdd(r[v], x[v], next);
  }
}

constexpr std::size_t kVectors = HWY_MAX_BYTES >= 64 ? 8 : 4;  // as many as the registers hold with all that they need

HWY_NOINLINE void run_polynomial(const StepPlan& plan, const StepRun& run) {
  const hn::ScalableTag<double> d;
  const std::size_t lanes = hn::Lanes(d), powers = plan.coefficients.size() - 1;
  const Given rate = given(plan, run, plan.rate);
  double* const at = run.state[plan.x];
  for (std::size_t i = 0; i < run.count; i += kVectors * lanes) {
    hn::Vec<decltype(d)> x[kVectors], r[kVectors], lr[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v)
      x[v] = hn::LoadU(d, at + i + v * lanes), lr[v] = rate.load(d, i + v * lanes);
    for (std::size_t step = 0; step < run.steps; ++step) {
      polynomials(d, plan.coefficients.data(), powers, x, r);
      for (std::size_t v = 0; v < kVectors; ++v) x[v] = hn::NegMulAdd(lr[v], r[v], x[v]);
    }
    for (std::size_t v = 0; v < kVectors; ++v) hn::StoreU(x[v], d, at + i + v * lanes);
  }
}

HWY_NOINLINE void run_heavy_ball(const StepPlan& plan, const StepRun& run) {
  const hn::ScalableTag<double> d;
  const std::size_t lanes = hn::Lanes(d), powers = plan.coefficients.size() - 1;
  const Given rate = given(plan, run, plan.rate), momentum = given(plan, run, plan.momentum);
  double *const x_at = run.state[plan.x], *const b_at = run.state[plan.b];
  HWY_ALIGN double kept[2 * kVectors * HWY_MAX_BYTES / sizeof(double)];
  double *const lr = kept, *const mu = kept + kVectors * lanes;
  for (std::size_t i = 0; i < run.count; i += kVectors * lanes) {
    hn::Vec<decltype(d)> x[kVectors], b[kVectors], r[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v) {
      const std::size_t at = i + v * lanes;
      x[v] = hn::LoadU(d, x_at + at), b[v] = hn::LoadU(d, b_at + at);
      hn::Store(rate.load(d, at), d, lr + v * lanes), hn::Store(momentum.load(d, at), d, mu + v * lanes);
    }
    for (std::size_t step = 0; step < run.steps; ++step) {
      polynomials(d, plan.coefficients.data(), powers, x, r);
      for (std::size_t v = 0; v < kVectors; ++v) {
        b[v] = hn::MulAdd(hn::Load(d, mu + v * lanes), b[v], r[v]);
        x[v] = hn::NegMulAdd(hn::Load(d, lr + v * lanes), b[v], x[v]);
      }
    }
    for (std::size_t v = 0; v < kVectors; ++v)
      hn::StoreU(x[v], d, x_at + i + v * lanes), hn::StoreU(b[v], d, b_at + i + v * lanes);
  }
}

/// Any plan: a block of points goes through all steps before the next one begins, back and forth between two copies of
/// its state, since every part of a step reads the state before it.
inline void run_any(const StepPlan& step_plan, const StepRun& run) {
  constexpr std::size_t kBytes = 24 * 1024;  // what a block may take of the first-level cache
  const BatchPlan& plan = step_plan.plan;
  const std::size_t states = plan.outputs, parameters = plan.inputs - states;
  const std::size_t streams = plan.temporaries + plan.inputs + plan.outputs;
  const std::size_t width = std::clamp<std::size_t>(kBytes / sizeof(double) / streams / 64 * 64, 64, 512);
  std::vector<double> other(states * width), constants = plan.numbers64.constants;
  std::vector<const double*> from(plan.inputs);
  std::vector<double*> to(states);
  Block<double> block(plan, from.data(), to.data(), width);
  block.take_constants(constants.data());
  const std::size_t uniforms = constants.size() - step_plan.first_uniform;
  for (std::size_t begin = 0; begin < run.count; begin += width) {
    const std::size_t count = std::min(width, run.count - begin);
    for (std::size_t s = 0; s < states; ++s) from[s] = run.state[s] + begin, to[s] = other.data() + s * width;
    for (std::size_t p = 0; p < parameters; ++p) from[states + p] = run.parameters[p] + begin;
    for (std::size_t step = 0; step < run.steps; ++step) {
      std::copy_n(run.uniforms + step * uniforms, uniforms, constants.data() + step_plan.first_uniform);
      block.run(0, count);
      for (std::size_t s = 0; s < states; ++s) {
        double* const written = to[s];
        to[s] = const_cast<double*>(from[s]);
        from[s] = written;
      }
    }
    if (run.steps % 2 == 1)
      for (std::size_t s = 0; s < states; ++s) std::copy_n(from[s], count, run.state[s] + begin);
  }
}

inline void run_steps(const StepPlan& plan, const StepRun& run) {
  switch (plan.kernel) {
    case StepPlan::Kernel::polynomial:
      return run_polynomial(plan, run);
    case StepPlan::Kernel::polynomial_heavy_ball:
      return run_heavy_ball(plan, run);
    case StepPlan::Kernel::any:
      break;
  }
  run_any(plan, run);
}

}  // namespace HWY_NAMESPACE
}  // namespace etamax
HWY_AFTER_NAMESPACE();

#endif  // toggle
