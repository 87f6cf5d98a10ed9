#include "etamax/model/layers.h"

#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <limits>
#include <numbers>

namespace etamax::layers {
namespace {

using at::GradMode;
using torch::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

constexpr double kEpsilon = 1e-5;  // as in PyTorch's norms

bool is_dual(const Tensor& x) { return x._fw_grad(0).defined(); }

// In what follows the function f has a node, its slope J(x) g has a node of its own, and the slope's
// derivatives are written out. Where no further derivative is wanted (GradMode is off) they are computed in
// few passes, from what was kept when the graph was built; else from operations that can be differentiated
// again.

// ---- Convolution: y = C(x, w) is bilinear, and so are the gradients X(g, w) of x and W(g, x) of w. The
// derivatives of each are the other two, so second derivatives cost convolutions of the same shapes and
// nothing else.

Tensor convolve(const Tensor& x, const Tensor& w, const Tensor& bias, int64_t stride) {
  const int64_t pad = w.size(2) / 2;
  return at::convolution(x, w, bias, {stride, stride}, {pad, pad}, {1, 1}, false, {0, 0}, 1);
}

std::tuple<Tensor, Tensor, Tensor> convolution_gradients(const Tensor& g, const Tensor& x, const Tensor& w,
                                                         int64_t stride, std::array<bool, 3> wanted) {
  const int64_t pad = w.size(2) / 2, outputs = w.size(0);
  return at::convolution_backward(g, x, w, at::IntArrayRef(&outputs, 1), {stride, stride}, {pad, pad}, {1, 1}, false,
                                  {0, 0}, 1, wanted);
}

struct Convolve : Function<Convolve> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, const Tensor& w, const Tensor& bias, int64_t stride) {
    ctx->save_for_backward({x, w});
    ctx->saved_data["stride"] = stride;
    return convolve(x, w, bias, stride);
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& g);
};

/// `like`: a tensor of the input's shape.
struct InputGradient : Function<InputGradient> {
  static Tensor forward(AutogradContext* ctx, const Tensor& g, const Tensor& w, const Tensor& like, int64_t stride) {
    ctx->save_for_backward({g, w});
    ctx->saved_data["stride"] = stride;
    return std::get<0>(convolution_gradients(g, like, w, stride, {true, false, false}));
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& t);
};

/// Of kernel and bias. `like`: a tensor of the kernel's shape.
struct KernelGradient : Function<KernelGradient> {
  static variable_list forward(AutogradContext* ctx, const Tensor& g, const Tensor& x, const Tensor& like,
                               int64_t stride) {
    ctx->save_for_backward({g, x});
    ctx->saved_data["stride"] = stride;
    const auto gradients = convolution_gradients(g, x, like, stride, {false, true, true});
    return {std::get<1>(gradients), std::get<2>(gradients)};
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& t);
};

variable_list Convolve::backward(AutogradContext* ctx, const variable_list& g) {
  const variable_list saved = ctx->get_saved_variables();
  const int64_t stride = ctx->saved_data["stride"].toInt();
  const Tensor &x = saved[0], &w = saved[1];
  const bool input = ctx->needs_input_grad(0), kernel = ctx->needs_input_grad(1) || ctx->needs_input_grad(2);
  if (!GradMode::is_enabled()) {  // one call shares what both need
    auto [gx, gw, gb] = convolution_gradients(g[0], x, w, stride, {input, kernel, kernel});
    return {gx, gw, gb, Tensor()};
  }
  Tensor gx;
  variable_list gw(2);
  if (input) gx = InputGradient::apply(g[0], w, x.detach(), stride);
  if (kernel) gw = KernelGradient::apply(g[0], x, w.detach(), stride);
  return {gx, gw[0], gw[1], Tensor()};
}

variable_list InputGradient::backward(AutogradContext* ctx, const variable_list& t) {
  const variable_list saved = ctx->get_saved_variables();
  const int64_t stride = ctx->saved_data["stride"].toInt();
  Tensor dg, dw;
  if (ctx->needs_input_grad(0))
    dg = Convolve::apply(t[0], saved[1], torch::zeros({saved[1].size(0)}, saved[1].options()), stride);
  if (ctx->needs_input_grad(1)) dw = KernelGradient::apply(saved[0], t[0], saved[1].detach(), stride)[0];
  return {dg, dw, Tensor(), Tensor()};
}

variable_list KernelGradient::backward(AutogradContext* ctx, const variable_list& t) {
  const variable_list saved = ctx->get_saved_variables();
  const int64_t stride = ctx->saved_data["stride"].toInt();
  Tensor dg, dx;
  if (ctx->needs_input_grad(0)) dg = Convolve::apply(saved[1], t[0], t[1], stride);
  if (ctx->needs_input_grad(1)) dx = InputGradient::apply(saved[0], t[0], saved[1].detach(), stride);
  return {dg, dx, Tensor(), Tensor()};
}

// ---- Functions of one number: slope(k, x) is the k-th derivative.

struct GeluOf {
  static Tensor value(const Tensor& x) { return at::gelu(x); }
  static Tensor slope(const Tensor& x) {
    return 0.5 * (1 + torch::erf(x * (1 / std::numbers::sqrt2))) + x * density(x);
  }
  static Tensor second(const Tensor& x) { return density(x) * (2 - x.square()); }
  static Tensor density(const Tensor& x) {
    return torch::exp(x.square() * -0.5) * (std::numbers::inv_sqrtpi / std::numbers::sqrt2);
  }
  static Tensor times_slope(const Tensor& g, const Tensor& x, const Tensor&) { return at::gelu_backward(g, x); }
};

struct TanhOf {
  static Tensor value(const Tensor& x) { return at::tanh(x); }
  static Tensor slope(const Tensor& x) { return 1 - torch::tanh(x).square(); }
  static Tensor second(const Tensor& x) {
    const Tensor y = torch::tanh(x);
    return -2 * y * (1 - y.square());
  }
  static Tensor times_slope(const Tensor& g, const Tensor&, const Tensor& y) { return at::tanh_backward(g, y); }
};

/// g f'(x), with f' kept and g f'' kept for products.
template <typename F>
struct PointwiseSlope : Function<PointwiseSlope<F>> {
  static Tensor forward(AutogradContext* ctx, const Tensor& g, const Tensor& x, const Tensor& slope) {
    ctx->save_for_backward({g, x});
    ctx->saved_data["slope"] = slope;
    ctx->saved_data["bend"] = g * F::second(x);
    return g * slope;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& t) {
    if (!GradMode::is_enabled()) {
      return {t[0] * ctx->saved_data["slope"].toTensor(), t[0] * ctx->saved_data["bend"].toTensor(), Tensor()};
    }
    const variable_list saved = ctx->get_saved_variables();
    return {t[0] * F::slope(saved[1]), t[0] * saved[0] * F::second(saved[1]), Tensor()};
  }
};

template <typename F>
struct Pointwise : Function<Pointwise<F>> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x) {
    const Tensor y = F::value(x);
    ctx->save_for_backward({x});
    ctx->saved_data["y"] = y.detach();
    return y;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& g) {
    const Tensor x = ctx->get_saved_variables()[0];
    auto& kept = ctx->saved_data;
    if (GradMode::is_enabled()) {
      if (kept.count("slope") == 0) kept["slope"] = F::slope(x.detach());
      return {PointwiseSlope<F>::apply(g[0], x, kept["slope"].toTensor())};
    }
    if (kept.count("slope") > 0) return {g[0] * kept["slope"].toTensor()};
    return {F::times_slope(g[0], x, kept["y"].toTensor())};
  }
};

// ---- Normalisation along a dimension: n = (x - mean) r, r = 1 / sqrt(variance + epsilon). Its slope is
// symmetric, J g = r (g - mean(g) - n mean(n g)), and the derivative of t' J g by x is -r (n mean(t J g) +
// mean(n g) J t + mean(n t) J g).

Tensor mean_of(const Tensor& x, int64_t dim) { return x.mean(at::IntArrayRef(&dim, 1), true); }
Tensor inverse_deviation(const Tensor& centred, int64_t dim) {
  return torch::rsqrt(mean_of(centred.square(), dim) + kEpsilon);
}
Tensor normal_slope(const Tensor& g, const Tensor& n, const Tensor& r, int64_t dim) {
  return r * (torch::addcmul(g - mean_of(g, dim), n, mean_of(n * g, dim), -1));
}

struct NormalizeSlope : Function<NormalizeSlope> {
  static Tensor forward(AutogradContext* ctx, const Tensor& g, const Tensor& x, const Tensor& n, const Tensor& r,
                        int64_t dim) {
    const Tensor u = normal_slope(g, n, r, dim);
    ctx->save_for_backward({g, x});
    auto& kept = ctx->saved_data;
    kept["dim"] = dim;
    kept["n"] = n;
    kept["r"] = r;
    kept["u"] = u.detach();
    kept["a"] = mean_of(n * g, dim);
    return u;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& t) {
    const int64_t dim = ctx->saved_data["dim"].toInt();
    Tensor n, r, u, a;
    if (GradMode::is_enabled()) {
      const variable_list saved = ctx->get_saved_variables();
      const Tensor centred = saved[1] - mean_of(saved[1], dim);
      r = inverse_deviation(centred, dim);
      n = centred * r;
      u = normal_slope(saved[0], n, r, dim);
      a = mean_of(n * saved[0], dim);
    } else {
      n = ctx->saved_data["n"].toTensor();
      r = ctx->saved_data["r"].toTensor();
      u = ctx->saved_data["u"].toTensor();
      a = ctx->saved_data["a"].toTensor();
    }
    const Tensor b = mean_of(n * t[0], dim);
    const Tensor along = r * torch::addcmul(t[0] - mean_of(t[0], dim), n, b, -1);
    const Tensor dx = -(n * (r * mean_of(t[0] * u, dim)) + along * (r * a) + u * (r * b));
    return {along, dx, Tensor(), Tensor(), Tensor()};
  }
};

struct Normalize : Function<Normalize> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x, int64_t dim) {
    const Tensor centred = x - mean_of(x, dim), r = inverse_deviation(centred, dim), n = centred * r;
    ctx->save_for_backward({x});
    ctx->saved_data["dim"] = dim;
    ctx->saved_data["n"] = n.detach();
    ctx->saved_data["r"] = r;
    return n;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& g) {
    const int64_t dim = ctx->saved_data["dim"].toInt();
    const Tensor n = ctx->saved_data["n"].toTensor(), r = ctx->saved_data["r"].toTensor();
    if (!GradMode::is_enabled()) return {normal_slope(g[0], n, r, dim), Tensor()};
    return {NormalizeSlope::apply(g[0], ctx->get_saved_variables()[0], n, r, dim), Tensor()};
  }
};

Tensor normalize(const Tensor& x, int64_t dim) {
  if (!is_dual(x)) return Normalize::apply(x, dim);
  const Tensor centred = x - mean_of(x, dim);
  return centred * inverse_deviation(centred, dim);
}

// ---- Softmax p: its slope is symmetric, J g = p (g - p'g), and the derivative of t' J g by p is t (g - p'g)
// - g (p't).

struct SoftmaxSlope : Function<SoftmaxSlope> {
  static Tensor forward(AutogradContext* ctx, const Tensor& g, const Tensor& p) {
    const Tensor off = g - (p * g).sum(-1, true);
    ctx->save_for_backward({g, p});
    ctx->saved_data["off"] = off;
    return p * off;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& t) {
    const variable_list saved = ctx->get_saved_variables();
    const Tensor &g = saved[0], &p = saved[1];
    const Tensor off = GradMode::is_enabled() ? g - (p * g).sum(-1, true) : ctx->saved_data["off"].toTensor();
    const Tensor pt = p * t[0], sum = pt.sum(-1, true);
    return {torch::addcmul(pt, p, sum, -1), torch::addcmul(t[0] * off, g, sum, -1)};
  }
};

struct Softmax : Function<Softmax> {
  static Tensor forward(AutogradContext* ctx, const Tensor& x) {
    const Tensor p = at::_softmax(x, -1, false);
    ctx->save_for_backward({p});
    return p;
  }
  static variable_list backward(AutogradContext* ctx, const variable_list& g) {
    const Tensor p = ctx->get_saved_variables()[0];
    if (GradMode::is_enabled()) return {SoftmaxSlope::apply(g[0], p)};
    return {at::_softmax_backward_data(g[0], p, -1, p.scalar_type())};
  }
};

}  // namespace

Tensor convolution(const Tensor& x, const Tensor& kernel, const Tensor& bias, int64_t stride) {
  if (is_dual(x) || is_dual(kernel) || is_dual(bias)) return convolve(x, kernel, bias, stride);
  return Convolve::apply(x, kernel, bias, stride);
}

Tensor batch_norm(const Tensor& x, const Tensor& scale, const Tensor& shift) {
  // In channels-last order this is a matrix with one column for each channel, and no copy.
  const Tensor last = x.permute({0, 2, 3, 1});
  const Tensor rows = normalize(last.reshape({-1, x.size(1)}), 0);
  return torch::addcmul(shift, rows, scale).view(last.sizes()).permute({0, 3, 1, 2});
}

Tensor layer_norm(const Tensor& x, const Tensor& scale, const Tensor& shift) {
  return torch::addcmul(shift, normalize(x, -1), scale);
}

Tensor gelu(const Tensor& x) { return is_dual(x) ? torch::gelu(x) : Pointwise<GeluOf>::apply(x); }
Tensor tanh(const Tensor& x) { return is_dual(x) ? torch::tanh(x) : Pointwise<TanhOf>::apply(x); }
Tensor softmax(const Tensor& x) {
  if (!is_dual(x)) return Softmax::apply(x);
  // LibTorch 1.13 has no forward-mode derivative of its softmax's backward. Any shift gives the same result.
  const Tensor e = torch::exp(x - x.detach().amax(-1, true));
  return e / e.sum(-1, true);
}

Tensor causal_attention(const Tensor& q, const Tensor& k, const Tensor& v) {
  const int64_t positions = q.size(1);
  const Tensor later =
      torch::full({positions, positions}, -std::numeric_limits<double>::infinity(), q.options()).triu(1);
  const double scale = 1 / std::sqrt(static_cast<double>(q.size(2)));
  return softmax(torch::baddbmm(later, q, k.transpose(1, 2), 1, scale)).bmm(v);
}

}  // namespace etamax::layers
