// The blocks of run_batch, compiled once for each instruction set; the best one is chosen when the program
// runs.
//
// The limit of an interpreter is the traffic through the first-level cache: each instruction loads and stores
// a whole block. So the tape has few and large instructions (polynomials, products that are added), inputs
// are read and outputs written where they lie, and a loop works on four vectors at once to hide the latency
// of its operations.
#include <algorithm>
#include <atomic>
#include <vector>

#include "etamax/core/instruction_set.h"
#include "etamax/expr/detail_plan.h"

// Instruction sets that differ from their neighbors in nothing that is used here are left out: bit 4 is
// HWY_AVX3_SPR and bit 6 HWY_AVX3_ZEN4 from Highway 1.1 on.
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL | (1LL << 4) | (1LL << 6))
#endif
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "etamax/expr/batch_simd.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"
// These come after.
#include "etamax/expr/detail_block-inl.h"
#include "etamax/expr/detail_steps-inl.h"

HWY_BEFORE_NAMESPACE();
namespace etamax {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <typename T>
void run_all(const BatchPlan& plan, const T* const* inputs, T* const* outputs, std::size_t count) {
  constexpr std::size_t kBytes = 16 * 1024;  // what the blocks may take of the first-level cache
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<T>());
  const std::size_t streams = plan.temporaries + plan.inputs + plan.outputs;
  const std::size_t wanted = std::clamp<std::size_t>(kBytes / sizeof(T) / streams, 16 * lanes, 1024);
  const std::size_t stride = wanted / (4 * lanes) * (4 * lanes);
  const std::size_t whole = count / lanes * lanes;
  if (whole > 0) {
    Block<T> block(plan, inputs, outputs, std::min(stride, whole));
    for (std::size_t begin = 0; begin < whole; begin += stride) block.run(begin, std::min(stride, whole - begin));
  }
  if (whole == count) return;
  // The points that are left, filled up to a vector with copies of the last.
  const std::size_t left = count - whole;
  std::vector<T> padded((plan.inputs + plan.outputs) * lanes);
  std::vector<const T*> from;
  std::vector<T*> to;
  for (std::size_t i = 0; i < plan.inputs; ++i) {
    T* const place = padded.data() + i * lanes;
    for (std::size_t p = 0; p < lanes; ++p) place[p] = inputs[i][whole + std::min(p, left - 1)];
    from.push_back(place);
  }
  for (std::size_t o = 0; o < plan.outputs; ++o) to.push_back(padded.data() + (plan.inputs + o) * lanes);
  Block<T>(plan, from.data(), to.data(), lanes).run(0, lanes);
  for (std::size_t o = 0; o < plan.outputs; ++o) std::copy_n(to[o], left, outputs[o] + whole);
}

void run_double(const BatchPlan& plan, const double* const* inputs, double* const* outputs, std::size_t count) {
  run_all(plan, inputs, outputs, count);
}
void run_float(const BatchPlan& plan, const float* const* inputs, float* const* outputs, std::size_t count) {
  run_all(plan, inputs, outputs, count);
}

}  // namespace HWY_NAMESPACE
}  // namespace etamax
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace etamax {
namespace {

template <typename F>
struct Code {
  const char* name;  ///< of the instruction set
  F* run;            ///< null where it was not compiled
};

/// Of the code for AVX3, AVX2, SSE4 and the baseline, what this processor can run.
template <typename F>
std::vector<Code<F>> runnable(F* avx3, F* avx2, F* sse4, F* baseline) {
  const InstructionSet best = best_instruction_set();
  std::vector<Code<F>> code;
  if (best >= InstructionSet::avx3) code.push_back({"AVX3", avx3});
  if (best >= InstructionSet::avx2) code.push_back({"AVX2", avx2});
  if (best >= InstructionSet::sse4) code.push_back({"SSE4", sse4});
  code.push_back({"baseline", baseline});
  std::erase_if(code, [](const Code<F>& c) { return c.run == nullptr; });
  return code;
}

// Each function has a list of its own, so that a linker leaves out what nothing calls: single precision, in browsers.
#if HWY_ARCH_X86
#define ETAMAX_CODE(F)                                                                                   \
  runnable<decltype(HWY_STATIC_DISPATCH(F))>(HWY_CHOOSE_AVX3(F), HWY_CHOOSE_AVX2(F), HWY_CHOOSE_SSE4(F), \
                                             &HWY_STATIC_DISPATCH(F))
#else
#define ETAMAX_CODE(F) runnable<decltype(HWY_STATIC_DISPATCH(F))>(nullptr, nullptr, nullptr, &HWY_STATIC_DISPATCH(F))
#endif

std::atomic<std::size_t> used_target{0};
template <typename F>
F* in_use(const std::vector<Code<F>>& code) {
  return code[used_target.load(std::memory_order_relaxed)].run;
}

}  // namespace

std::vector<const char*> batch_targets() {
  std::vector<const char*> names;
  for (const auto& code : ETAMAX_CODE(run_double)) names.push_back(code.name);
  return names;
}
void use_batch_target(std::size_t index) { used_target = index; }

void run_batch(const BatchPlan& plan, const double* const* inputs, double* const* outputs, std::size_t count) {
  static const auto code = ETAMAX_CODE(run_double);
  in_use(code)(plan, inputs, outputs, count);
}
void run_batch(const BatchPlan& plan, const float* const* inputs, float* const* outputs, std::size_t count) {
  static const auto code = ETAMAX_CODE(run_float);
  in_use(code)(plan, inputs, outputs, count);
}
void run_batch_steps(const StepPlan& plan, const StepRun& run) {
  static const auto code = ETAMAX_CODE(run_steps);
  in_use(code)(plan, run);
}
#undef ETAMAX_CODE

}  // namespace etamax
#endif
