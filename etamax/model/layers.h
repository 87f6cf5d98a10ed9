#pragma once

#include <torch/types.h>

/// Layers whose curvature products are fast: the same functions as LibTorch's, with derivatives of every
/// order, whose second derivatives are written out where LibTorch's own are slow (docs/theory.md, section 9).
/// Where a tensor carries a dual number they are made of LibTorch's operations, so that products by forward
/// over reverse work as well.
namespace etamax::layers {

/// The convolution of x (examples x channels x height x width) with an odd square kernel (outputs x channels
/// x k x k), padded by (k - 1)/2, plus the bias (one number for each output). Fastest where x is in
/// channels-last order.
torch::Tensor convolution(const torch::Tensor& x, const torch::Tensor& kernel, const torch::Tensor& bias,
                          int64_t stride);

/// Each channel less its mean over the batch, over its standard deviation; times `scale`, plus `shift`.
torch::Tensor batch_norm(const torch::Tensor& x, const torch::Tensor& scale, const torch::Tensor& shift);

/// Each row (the last dimension) less its mean, over its standard deviation; times `scale`, plus `shift`.
torch::Tensor layer_norm(const torch::Tensor& x, const torch::Tensor& scale, const torch::Tensor& shift);

/// x Phi(x), Phi the normal distribution function.
torch::Tensor gelu(const torch::Tensor& x);
torch::Tensor tanh(const torch::Tensor& x);

/// softmax over the last dimension.
torch::Tensor softmax(const torch::Tensor& x);

/// softmax(q k' / sqrt(width)) v, where a position sees itself and those before it. All: batch x positions x
/// width.
torch::Tensor causal_attention(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v);

}  // namespace etamax::layers
