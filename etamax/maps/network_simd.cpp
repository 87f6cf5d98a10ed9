// One step of gradient descent of as many networks as a vector has lanes, compiled once for each instruction set; the
// best one is chosen when the program runs.
//
// Both halves of the step are products of small matrices, whose limit is the traffic through the first-level cache. So
// both work on tiles of kExampleBlock examples x some hidden units that stay in registers: a weight, its gradient and
// an input are each loaded once for a whole tile, and what a tile reads lies together. What is between them is tanh:
// the examples of a block share one division.
#include <atomic>
#include <utility>

#include "etamax/core/instruction_set.h"
#include "etamax/maps/detail_network.h"

// Instruction sets that differ from their neighbors in nothing that is used here are left out (bit 4 is HWY_AVX3_SPR
// and bit 6 HWY_AVX3_ZEN4 from Highway 1.1 on), and those whose vectors have no size and cannot stand in arrays.
#ifndef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_RVV | (1LL << 4) | (1LL << 6))
#endif
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "etamax/maps/network_simd.cpp"
#include "hwy/foreach_target.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace etamax::detail {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<double, kMostLanes>;
using V = hn::Vec<D>;
using Integers = hn::RebindToSigned<D>;

#if HWY_TARGET == HWY_AVX3
constexpr std::size_t kTileUnits = 4;  // 16 sums, 4 inputs and 4 weights, of 32 registers
#else
constexpr std::size_t kTileUnits = 2;   // 8 sums, 4 inputs and 2 weights, of 16
#endif
constexpr std::size_t B = kExampleBlock;
static_assert(kUnitBlock % kTileUnits == 0);

/// f(0), ..., f(n - 1) without a loop, so that every index of an array of vectors is a constant and the array is
/// registers.
template <class F, std::size_t... k>
HWY_INLINE void unrolled(F f, std::index_sequence<k...>) {
  (f(std::integral_constant<std::size_t, k>()), ...);
}
template <std::size_t n, class F>
HWY_INLINE void unrolled(F f) {
  unrolled(f, std::make_index_sequence<n>());
}

/// Not above `high`; a NaN comes through.
HWY_INLINE V at_most(D d, V x, double high) {
#if HWY_TARGET == HWY_EMU128 || HWY_TARGET == HWY_SCALAR
  return hn::IfThenElse(hn::Gt(x, hn::Set(d, high)), hn::Set(d, high), x);
#else
  return hn::Min(hn::Set(d, high), x);  // in this order: x86 gives the second where either is NaN
#endif
}

/// 2^y for 0 <= y <= 64, to 4e-16 of itself.
HWY_INLINE V power_of_two(D d, V y) {
  const Integers integers;
  // Adding 1.5 * 2^52 rounds y to an integer and leaves it in the lowest bits.
  const V shifted = hn::Add(y, hn::Set(d, 6755399441055744.0));
  const V r = hn::Sub(y, hn::Sub(shifted, hn::Set(d, 6755399441055744.0)));
  // Interpolation of 2^r at the Chebyshev points of [-1/2, 1/2].
  V p = hn::Set(d, 7.072585949269223e-09);
  p = hn::MulAdd(p, r, hn::Set(d, 1.0208690299958306e-07));
  p = hn::MulAdd(p, r, hn::Set(d, 1.321544258792169e-06));
  p = hn::MulAdd(p, r, hn::Set(d, 1.5252657260200837e-05));
  p = hn::MulAdd(p, r, hn::Set(d, 0.0001540353044173605));
  p = hn::MulAdd(p, r, hn::Set(d, 0.0013333558230164974));
  p = hn::MulAdd(p, r, hn::Set(d, 0.009618129107606888));
  p = hn::MulAdd(p, r, hn::Set(d, 0.05550410866444772));
  p = hn::MulAdd(p, r, hn::Set(d, 0.24022650695910097));
  p = hn::MulAdd(p, r, hn::Set(d, 0.69314718055995));
  p = hn::MulAdd(p, r, hn::Set(d, 1.0));
  const auto exponent = hn::ShiftLeft<52>(hn::BitCast(integers, shifted));
  return hn::BitCast(d, hn::Add(hn::BitCast(integers, p), exponent));
}

/// y[b] becomes tanh(y[b] ln 2 / 2), to 4e-16 (of 1, not of itself), and exactly 1 or -1 far out. A NaN in one makes
/// all four NaN.
HWY_INLINE void four_tanh(D d, V (&y)[B]) {
  static_assert(B == 4);
  const V one = hn::Set(d, 1.0), minus_two = hn::Set(d, -2.0);
  V t[B];  // 2^|y| + 1; tanh is 1 - 2 / t with the sign of y
  unrolled<B>([&](auto b) HWY_ATTR { t[b] = hn::Add(power_of_two(d, at_most(d, hn::Abs(y[b]), 64)), one); });
  // One division for all four; the products stay below 2^257.
  const V front = hn::Mul(t[0], t[1]), back = hn::Mul(t[2], t[3]);
  const V inverse = hn::Div(minus_two, hn::Mul(front, back));
  const V over_front = hn::Mul(inverse, back), over_back = hn::Mul(inverse, front);
  y[0] = hn::CopySign(hn::MulAdd(over_front, t[1], one), y[0]);
  y[1] = hn::CopySign(hn::MulAdd(over_front, t[0], one), y[1]);
  y[2] = hn::CopySign(hn::MulAdd(over_back, t[3], one), y[2]);
  y[3] = hn::CopySign(hn::MulAdd(over_back, t[2], one), y[3]);
}

/// The hidden units of one block of examples: kTileUnits of them from `first` on, before tanh.
HWY_INLINE void forward_tile(D d, const NetworkData& data, const NetworkLanes& at, const double* x, std::size_t first) {
  const std::size_t lanes = hn::Lanes(d), n = data.width;
  V sum[kTileUnits * B];
  unrolled<kTileUnits * B>([&](auto k) HWY_ATTR { sum[k] = hn::Zero(d); });
  const double* weights = at.input_weights.get() + data.place(0, first) * lanes;
  for (std::size_t i = 0; i < n; ++i, weights += kUnitBlock * lanes) {
    V input[B];
    unrolled<B>([&](auto b) HWY_ATTR { input[b] = hn::Set(d, x[i * B + b]); });
    unrolled<kTileUnits>([&](auto u) HWY_ATTR {
      const V weight = hn::Load(d, weights + u * lanes);
      unrolled<B>([&](auto b) HWY_ATTR { sum[u * B + b] = hn::MulAdd(input[b], weight, sum[u * B + b]); });
    });
  }
  double* const out = at.hidden.get() + first * B * lanes;
  unrolled<kTileUnits * B>([&](auto k) HWY_ATTR { hn::Store(sum[k], d, out + k * lanes); });
}

/// What the block's residuals add to the gradient of the same units' weights.
HWY_INLINE void backward_tile(D d, const NetworkData& data, const NetworkLanes& at, const double* x, std::size_t first,
                              const V (&residual)[B]) {
  const std::size_t lanes = hn::Lanes(d), n = data.width;
  const V one = hn::Set(d, 1.0);
  V slope[kTileUnits * B];  // of the loss along z
  unrolled<kTileUnits>([&](auto u) HWY_ATTR {
    const std::size_t unit = first + u;
    const V weight = hn::Load(d, at.output_weights.get() + unit * lanes);
    V gradient = hn::Load(d, at.output_gradient.get() + unit * lanes);
    unrolled<B>([&](auto b) HWY_ATTR {
      const V h = hn::Load(d, at.hidden.get() + (unit * B + b) * lanes);
      gradient = hn::MulAdd(residual[b], h, gradient);
      slope[u * B + b] = hn::Mul(hn::Mul(residual[b], weight), hn::NegMulAdd(h, h, one));
    });
    hn::Store(gradient, d, at.output_gradient.get() + unit * lanes);
  });
  double* sums = at.input_gradient.get() + data.place(0, first) * lanes;
  for (std::size_t i = 0; i < n; ++i, sums += kUnitBlock * lanes) {
    V input[B];
    unrolled<B>([&](auto b) HWY_ATTR { input[b] = hn::Set(d, x[i * B + b]); });
    unrolled<kTileUnits>([&](auto u) HWY_ATTR {
      V gradient = hn::Load(d, sums + u * lanes);
      unrolled<B>([&](auto b) HWY_ATTR { gradient = hn::MulAdd(input[b], slope[u * B + b], gradient); });
      hn::Store(gradient, d, sums + u * lanes);
    });
  }
}

/// weights -= rate * gradient; gradient = 0.
HWY_INLINE void descend(D d, double* weights, double* gradient, V rate, std::size_t count) {
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t k = 0; k < count * lanes; k += lanes) {
    hn::Store(hn::NegMulAdd(rate, hn::Load(d, gradient + k), hn::Load(d, weights + k)), d, weights + k);
    hn::Store(hn::Zero(d), d, gradient + k);
  }
}

void network_step(const NetworkData& data, const NetworkLanes& at) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  V loss = hn::Zero(d);
  for (std::size_t row = 0; row < data.rows; row += B) {
    const double* const x = data.inputs.data() + row * data.width;
    for (std::size_t unit = 0; unit < data.units; unit += kTileUnits) forward_tile(d, data, at, x, unit);

    V residual[B];
    unrolled<B>([&](auto b) HWY_ATTR { residual[b] = hn::Set(d, -data.targets[row + b]); });
    for (std::size_t unit = 0; unit < data.units; ++unit) {
      double* const hidden = at.hidden.get() + unit * B * lanes;
      const V weight = hn::Load(d, at.output_weights.get() + unit * lanes);
      V h[B];
      unrolled<B>([&](auto b) HWY_ATTR { h[b] = hn::Load(d, hidden + b * lanes); });
      four_tanh(d, h);
      unrolled<B>([&](auto b) HWY_ATTR {
        hn::Store(h[b], d, hidden + b * lanes);
        residual[b] = hn::MulAdd(h[b], weight, residual[b]);
      });
    }
    unrolled<B>([&](auto b) HWY_ATTR { loss = hn::MulAdd(residual[b], residual[b], loss); });

    for (std::size_t unit = 0; unit < data.units; unit += kTileUnits) backward_tile(d, data, at, x, unit, residual);
  }
  hn::Store(loss, d, at.loss.get());
  descend(d, at.input_weights.get(), at.input_gradient.get(), hn::Load(d, at.input_rate.get()),
          data.width * data.units);
  descend(d, at.output_weights.get(), at.output_gradient.get(), hn::Load(d, at.output_rate.get()), data.units);
}

void network_tanh(const double* y, double* result) {
  const D d;
  V four[B];
  unrolled<B>([&](auto b) HWY_ATTR { four[b] = hn::LoadU(d, y); });
  four_tanh(d, four);
  hn::StoreU(four[3], d, result);
}

std::size_t network_lanes() { return hn::Lanes(D()); }

}  // namespace HWY_NAMESPACE
}  // namespace etamax::detail
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace etamax::detail {

const std::vector<NetworkTarget>& network_targets() {
  static const std::vector<NetworkTarget> targets = [] {
    std::vector<NetworkTarget> found;
    const auto add = [&](const char* name, std::size_t (*lanes)(), auto step, auto tanh) {
      if (lanes != nullptr) found.push_back({name, lanes(), step, tanh});  // it is null where it was not compiled
    };
#if HWY_ARCH_X86
    const InstructionSet best = best_instruction_set();
    if (best >= InstructionSet::avx3)
      add("AVX3", HWY_CHOOSE_AVX3(network_lanes), HWY_CHOOSE_AVX3(network_step), HWY_CHOOSE_AVX3(network_tanh));
    if (best >= InstructionSet::avx2)
      add("AVX2", HWY_CHOOSE_AVX2(network_lanes), HWY_CHOOSE_AVX2(network_step), HWY_CHOOSE_AVX2(network_tanh));
    if (best >= InstructionSet::sse4)
      add("SSE4", HWY_CHOOSE_SSE4(network_lanes), HWY_CHOOSE_SSE4(network_step), HWY_CHOOSE_SSE4(network_tanh));
#endif
    add("baseline", &HWY_STATIC_DISPATCH(network_lanes), &HWY_STATIC_DISPATCH(network_step),
        &HWY_STATIC_DISPATCH(network_tanh));
    return found;
  }();
  return targets;
}

namespace {
std::atomic<std::size_t> used_target{0};
}  // namespace
void use_network_target(std::size_t index) { used_target = index; }
const NetworkTarget& network_target_in_use() { return network_targets()[used_target.load(std::memory_order_relaxed)]; }

}  // namespace etamax::detail
#endif
