#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "etamax/model/network.h"

namespace torch::autograd {
struct Node;
}

namespace etamax {

/// A network that is borrowed for as long as this lives: its tensors stand for copies in the type and on the device
/// that are wanted, it is in the mode of an analysis, and attention is written out where it is fused (fused kernels
/// have a first derivative only). Afterwards all of it is as it was, to the bit: nothing was written to the lender's
/// tensors, and autograd's graphs of theirs are whole. Loans of one network may be nested, and end in the opposite
/// order.
class BorrowedNetwork {
 public:
  BorrowedNetwork(Network network, torch::ScalarType type, torch::Device device);
  ~BorrowedNetwork();
  BorrowedNetwork(const BorrowedNetwork&) = delete;
  BorrowedNetwork& operator=(const BorrowedNetwork&) = delete;

  /// Without repetitions: a tensor that it has under several names is there under the first.
  const Network& network() const { return network_; }
  torch::ScalarType type() const { return type_; }
  torch::Device device() const { return device_; }

 private:
  struct Lent {
    torch::Tensor tensor;  ///< the lender's variable
    torch::Tensor data;    ///< what it stood for
    /// What the lender's graphs know it by: how often it was written to, and where its gradient goes.
    c10::VariableVersion version;
    std::shared_ptr<torch::autograd::Node> accumulator;
  };
  void lend(const NamedTensor& named);
  void give_back();

  Network network_;
  torch::ScalarType type_;
  torch::Device device_;
  std::vector<Lent> lent_;
  std::vector<std::function<void()>> put_back_;  ///< the mode, the flags
};

}  // namespace etamax
