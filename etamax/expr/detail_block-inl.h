// A plan at work on a block of points, for one instruction set.
#if defined(ETAMAX_EXPR_DETAIL_BLOCK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ETAMAX_EXPR_DETAIL_BLOCK_INL_H_
#undef ETAMAX_EXPR_DETAIL_BLOCK_INL_H_
#else
#define ETAMAX_EXPR_DETAIL_BLOCK_INL_H_
#endif

#include <algorithm>

#include "etamax/expr/detail_math-inl.h"
#include "etamax/expr/detail_plan.h"

HWY_BEFORE_NAMESPACE();
namespace etamax {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Place = BatchPlan::Place;
using Shape = Tape::Shape;

/// An operand of a block: numbers one after the other, or one number for all points.
template <typename T>
struct Stream {
  const T* from;
  template <class D>
  HWY_INLINE hn::Vec<D> load(D d, std::size_t i) const {
    return hn::LoadU(d, from + i);
  }
};
template <typename T>
struct Uniform {
  T value;
  template <class D>
  HWY_INLINE hn::Vec<D> load(D d, std::size_t) const {
    return hn::Set(d, value);
  }
};

/// out = f(operands...), four vectors at a time. `count` is a multiple of the lanes.
template <class D, typename T, class F, class... Operands>
HWY_INLINE void each_vector(D d, T* out, std::size_t count, F f, Operands... u) {
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    const auto v0 = f(u.load(d, i)...);
    const auto v1 = f(u.load(d, i + lanes)...);
    const auto v2 = f(u.load(d, i + 2 * lanes)...);
    const auto v3 = f(u.load(d, i + 3 * lanes)...);
    hn::StoreU(v0, d, out + i);
    hn::StoreU(v1, d, out + i + lanes);
    hn::StoreU(v2, d, out + i + 2 * lanes);
    hn::StoreU(v3, d, out + i + 3 * lanes);
  }
  for (; i < count; i += lanes) hn::StoreU(f(u.load(d, i)...), d, out + i);
}

/// One vector at a time: for functions whose own code is long.
template <class D, typename T, class F>
HWY_NOINLINE void each_function(D d, T* out, std::size_t count, F f, const T* x) {
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) f(d, x + i, out + i);
}

/// A plan with its operands where they lie for the block at hand.
template <typename T>
class Block {
 public:
  Block(const BatchPlan& plan, const T* const* inputs, T* const* outputs, std::size_t stride)
      : plan_(plan),
        numbers_(plan.numbers<T>()),
        constants_(numbers_.constants.data()),
        inputs_(inputs),
        outputs_(outputs),
        stride_(stride) {
    if (plan.temporaries > 0) temporaries_ = AlignedArray<T>(plan.temporaries * stride);
  }

  /// The constants of another moment, in place of the plan's: they stay where they are.
  void take_constants(const T* constants) { constants_ = constants; }

  /// Points begin, ..., begin + count - 1. `count` is a multiple of the lanes and at most the stride.
  void run(std::size_t begin, std::size_t count) {
    begin_ = begin, count_ = count;
    for (const BatchPlan::Instruction& instruction : plan_.code) {
      T* const out = target(instruction.result);
      switch (instruction.shape) {
        case Shape::plain:
          plain(instruction, out);
          break;
        case Shape::multiply_add:
          ternary(instruction, out, [](auto a, auto b, auto c) HWY_ATTR { return hn::MulAdd(a, b, c); });
          break;
        case Shape::negative_multiply_add:
          ternary(instruction, out, [](auto a, auto b, auto c) HWY_ATTR { return hn::NegMulAdd(a, b, c); });
          break;
        case Shape::polynomial:
          polynomial(plan_.polynomials[instruction.polynomial], stream(instruction.a), out);
          break;
      }
    }
  }

 private:
  using D = hn::ScalableTag<T>;
  using V = hn::Vec<D>;

  static bool is_constant(const BatchPlan::Operand& u) { return u.place == Place::constant; }
  Uniform<T> uniform(const BatchPlan::Operand& u) const { return {constants_[u.index]}; }
  Stream<T> stream(const BatchPlan::Operand& u) const {
    switch (u.place) {
      case Place::input:
        return {inputs_[u.index] + begin_};
      case Place::output:
        return {outputs_[u.index] + begin_};
      default:
        return {temporaries_.get() + u.index * stride_};
    }
  }
  T* target(const BatchPlan::Operand& u) { return const_cast<T*>(stream(u).from); }

  template <class F>
  void binary(const BatchPlan::Instruction& s, T* out, F f) {
    const D d;
    if (is_constant(s.b))
      each_vector(d, out, count_, f, stream(s.a), uniform(s.b));
    else if (is_constant(s.a))
      each_vector(d, out, count_, f, uniform(s.a), stream(s.b));
    else
      each_vector(d, out, count_, f, stream(s.a), stream(s.b));
  }

  template <class F>
  void ternary(const BatchPlan::Instruction& s, T* out, F f) {
    const D d;
    if (is_constant(s.b) && is_constant(s.c))
      each_vector(d, out, count_, f, stream(s.a), uniform(s.b), uniform(s.c));
    else if (is_constant(s.b))
      each_vector(d, out, count_, f, stream(s.a), uniform(s.b), stream(s.c));
    else if (is_constant(s.c))
      each_vector(d, out, count_, f, stream(s.a), stream(s.b), uniform(s.c));
    else
      each_vector(d, out, count_, f, stream(s.a), stream(s.b), stream(s.c));
  }

  template <class F>
  void unary(const BatchPlan::Instruction& s, T* out, F f) {
    each_vector(D(), out, count_, f, stream(s.a));
  }

  void plain(const BatchPlan::Instruction& s, T* out) {
    const D d;
    const V zero = hn::Zero(d), one = hn::Set(d, T(1));
    switch (s.op) {
      case Op::variable:
        if (is_constant(s.a))
          std::fill_n(out, count_, constants_[s.a.index]);
        else
          std::copy_n(stream(s.a).from, count_, out);
        return;
      case Op::add:
        return binary(s, out, [](auto a, auto b) HWY_ATTR { return hn::Add(a, b); });
      case Op::multiply:
        return binary(s, out, [](auto a, auto b) HWY_ATTR { return hn::Mul(a, b); });
      case Op::divide:
        return binary(s, out, [](auto a, auto b) HWY_ATTR { return hn::Div(a, b); });
      // A NaN on either side comes through.
      case Op::max:
        return binary(s, out,
                      [](auto a, auto b) HWY_ATTR { return hn::IfThenElse(hn::Or(hn::Lt(a, b), hn::IsNaN(b)), b, a); });
      case Op::min:
        return binary(s, out,
                      [](auto a, auto b) HWY_ATTR { return hn::IfThenElse(hn::Or(hn::Lt(b, a), hn::IsNaN(b)), b, a); });
      case Op::sqrt:
        return unary(s, out, [](auto x) HWY_ATTR { return hn::Sqrt(x); });
      case Op::abs:
        return unary(s, out, [](auto x) HWY_ATTR { return hn::Abs(x); });
      case Op::relu:
        return unary(s, out, [=](auto x) HWY_ATTR { return hn::IfThenElse(hn::Lt(x, zero), zero, x); });
      case Op::step:
        return unary(s, out, [=](auto x) HWY_ATTR {
          return hn::IfThenElse(hn::Gt(x, zero), one, hn::IfThenElse(hn::Le(x, zero), zero, x));
        });
      case Op::sign:
        return unary(s, out, [=](auto x) HWY_ATTR {
          const auto below = hn::IfThenElse(hn::Lt(x, zero), hn::Neg(one), hn::IfThenElse(hn::Eq(x, zero), zero, x));
          return hn::IfThenElse(hn::Gt(x, zero), one, below);
        });
      case Op::power:
        for (std::size_t i = 0; i < count_; ++i) out[i] = detail::evaluate(s.op, at(s.a, i), at(s.b, i));
        return;
      default:
        return function(s.op, stream(s.a).from, out);
    }
  }

  T at(const BatchPlan::Operand& u, std::size_t i) const {
    return is_constant(u) ? constants_[u.index] : stream(u).from[i];
  }

  void function(Op op, const T* x, T* out) {
    const D d;
    switch (op) {
      case Op::sin:
        return each_function(d, out, count_, Sin(), x);
      case Op::cos:
        return each_function(d, out, count_, Cos(), x);
      case Op::asin:
        return each_function(d, out, count_, Asin(), x);
      case Op::acos:
        return each_function(d, out, count_, Acos(), x);
      case Op::atan:
        return each_function(d, out, count_, Atan(), x);
      case Op::sinh:
        return each_function(d, out, count_, Sinh(), x);
      case Op::cosh:
        return each_function(d, out, count_, Cosh(), x);
      case Op::tanh:
        return each_function(d, out, count_, Tanh(), x);
      case Op::exp:
        return each_function(d, out, count_, Exp(), x);
      case Op::expm1:
        return each_function(d, out, count_, Expm1(), x);
      case Op::log:
        return each_function(d, out, count_, Log(), x);
      case Op::log2:
        return each_function(d, out, count_, Log2(), x);
      case Op::log10:
        return each_function(d, out, count_, Log10(), x);
      case Op::log1p:
        return each_function(d, out, count_, Log1p(), x);
      case Op::sigmoid:
        return each_function(d, out, count_, Sigmoid(), x);
      case Op::softplus:
        return each_function(d, out, count_, Softplus(), x);
      default:
        for (std::size_t i = 0; i < count_; ++i) out[i] = detail::evaluate(op, x[i], x[i]);
    }
  }

  /// Horner's rule on four vectors at a time, then the power that all terms share.
  void polynomial(const Tape::Polynomial& p, Stream<T> x, T* out) const {
    const D d;
    const std::size_t lanes = hn::Lanes(d);
    const T* const c = numbers_.coefficients.data() + p.first;
    std::size_t i = 0;
    for (; i + 4 * lanes <= count_; i += 4 * lanes) {
      V x0 = x.load(d, i), x1 = x.load(d, i + lanes), x2 = x.load(d, i + 2 * lanes), x3 = x.load(d, i + 3 * lanes);
      V r0 = hn::Set(d, c[0]), r1 = r0, r2 = r0, r3 = r0;
      for (std::uint32_t k = 1; k < p.count; ++k) {
        const V next = hn::Set(d, c[k]);
        r0 = hn::MulAdd(r0, x0, next), r1 = hn::MulAdd(r1, x1, next);
        r2 = hn::MulAdd(r2, x2, next), r3 = hn::MulAdd(r3, x3, next);
      }
      for (std::uint32_t k = p.shift; k != 0; k >>= 1) {
        if (k & 1) r0 = hn::Mul(r0, x0), r1 = hn::Mul(r1, x1), r2 = hn::Mul(r2, x2), r3 = hn::Mul(r3, x3);
        x0 = hn::Mul(x0, x0), x1 = hn::Mul(x1, x1), x2 = hn::Mul(x2, x2), x3 = hn::Mul(x3, x3);
      }
      hn::StoreU(r0, d, out + i);
      hn::StoreU(r1, d, out + i + lanes);
      hn::StoreU(r2, d, out + i + 2 * lanes);
      hn::StoreU(r3, d, out + i + 3 * lanes);
    }
    for (; i < count_; i += lanes) {
      V power = x.load(d, i), r = hn::Set(d, c[0]);
      for (std::uint32_t k = 1; k < p.count; ++k) r = hn::MulAdd(r, power, hn::Set(d, c[k]));
      for (std::uint32_t k = p.shift; k != 0; k >>= 1) {
        if (k & 1) r = hn::Mul(r, power);
        power = hn::Mul(power, power);
      }
      hn::StoreU(r, d, out + i);
    }
  }

  const BatchPlan& plan_;
  const BatchPlan::Numbers<T>& numbers_;
  const T* constants_;
  const T* const* inputs_;
  T* const* outputs_;
  std::size_t stride_, begin_ = 0, count_ = 0;
  AlignedArray<T> temporaries_;
};

}  // namespace HWY_NAMESPACE
}  // namespace etamax
HWY_AFTER_NAMESPACE();

#endif  // toggle
