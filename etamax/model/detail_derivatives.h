#pragma once

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/forward_grad.h>
#include <torch/types.h>

#include <mutex>
#include <vector>

#include "etamax/model/interruptible.h"

namespace etamax::detail {

/// A level of dual numbers, for as long as it lives. The process has room for one: other threads wait.
class DualLevel {
 public:
  DualLevel() : alone_(mutex()), index_(torch::autograd::ForwardADLevel::get_next_idx()) {}
  ~DualLevel() { torch::autograd::ForwardADLevel::release_idx(index_); }
  DualLevel(const DualLevel&) = delete;
  DualLevel& operator=(const DualLevel&) = delete;
  void set(const torch::Tensor& x, const torch::Tensor& tangent) const { x._set_fw_grad(tangent, index_, false); }
  torch::Tensor tangent(const torch::Tensor& x) const { return x._fw_grad(index_); }

 private:
  static std::mutex& mutex() {
    static std::mutex all;
    return all;
  }
  std::lock_guard<std::mutex> alone_;
  uint64_t index_;
};

inline std::vector<torch::Tensor> grad(const std::vector<torch::Tensor>& outputs,
                                       const std::vector<torch::Tensor>& inputs,
                                       const std::vector<torch::Tensor>& weights = {},
                                       c10::optional<bool> retain_graph = c10::nullopt, bool create_graph = false,
                                       bool allow_unused = false) {
  return interruptible(
      [&] { return torch::autograd::grad(outputs, inputs, weights, retain_graph, create_graph, allow_unused); });
}

}  // namespace etamax::detail
