#include "etamax/model/guest.h"

#include <ATen/Context.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/version.h>

#include <algorithm>
#include <mutex>
#include <set>

namespace etamax {
namespace {

#if TORCH_VERSION_MAJOR >= 2
/// The process's flags of fused attention: off from the first loan on, put back after the last. Loans in several
/// threads overlap as they like.
class FusedAttention {
 public:
  void off() {
    const std::lock_guard lock(mutex_);
    if (loans_++ > 0) return;
    at::Context& context = at::globalContext();
    flash_ = context.userEnabledFlashSDP();
    efficient_ = context.userEnabledMemEfficientSDP();
    context.setSDPUseFlash(false);
    context.setSDPUseMemEfficient(false);
  }
  void put_back() {
    const std::lock_guard lock(mutex_);
    if (--loans_ > 0) return;
    at::globalContext().setSDPUseFlash(flash_);
    at::globalContext().setSDPUseMemEfficient(efficient_);
  }

 private:
  std::mutex mutex_;
  int loans_ = 0;
  bool flash_ = false, efficient_ = false;
};
#else
struct FusedAttention {
  void off() {}
  void put_back() {}
};
#endif
FusedAttention fused_attention;

void set_accumulator(const torch::Tensor& x, const std::shared_ptr<torch::autograd::Node>& accumulator) {
  namespace variable = torch::autograd::impl;
  if (variable::get_autograd_meta(x)) variable::set_grad_accumulator(x, accumulator);
}

void remove_repetitions(std::vector<NamedTensor>& tensors) {
  std::set<const void*> seen;
  const auto known = [&](const NamedTensor& x) { return !seen.insert(x.tensor.unsafeGetTensorImpl()).second; };
  tensors.erase(std::remove_if(tensors.begin(), tensors.end(), known), tensors.end());
}

}  // namespace

BorrowedNetwork::BorrowedNetwork(Network network, torch::ScalarType type, torch::Device device)
    : network_(std::move(network)), type_(type), device_(device) {
  remove_repetitions(network_.parameters);
  remove_repetitions(network_.buffers);
  fused_attention.off();
  put_back_.push_back([] { fused_attention.put_back(); });
  try {
    if (network_.enter) put_back_.push_back(network_.enter());
    for (const NamedTensor& p : network_.parameters) lend(p);
    for (const NamedTensor& b : network_.buffers) lend(b);
  } catch (...) {  // memory may not suffice for the copies
    give_back();
    throw;
  }
}

BorrowedNetwork::~BorrowedNetwork() { give_back(); }

void BorrowedNetwork::give_back() {
  for (auto lent = lent_.rbegin(); lent != lent_.rend(); ++lent) {
    lent->tensor.set_data(lent->data);
    lent->tensor.unsafeGetTensorImpl()->set_version_counter(lent->version);
    set_accumulator(lent->tensor, lent->accumulator);
  }
  for (auto undo = put_back_.rbegin(); undo != put_back_.rend(); ++undo) (*undo)();
}

void BorrowedNetwork::lend(const NamedTensor& named) {
  torch::Tensor tensor = named.tensor;
  const torch::Tensor data = tensor.data();
  const auto wanted = tensor.is_floating_point() ? type_ : tensor.scalar_type();
  const torch::Tensor copy = data.to(device_, wanted, /*non_blocking=*/false, /*copy=*/true);
  c10::TensorImpl& variable = *tensor.unsafeGetTensorImpl();
  const c10::VariableVersion version = variable.version_counter();
  lent_.push_back({tensor, data, version, torch::autograd::impl::try_get_grad_accumulator(tensor)});
  tensor.set_data(copy);
  if (version.enabled()) variable.set_version_counter(c10::VariableVersion(version.current_version()));
  set_accumulator(tensor, nullptr);  // the loan has one of its own, of its type
}

}  // namespace etamax
