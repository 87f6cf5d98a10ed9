#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "etamax/model/objective.h"

/// Every kind of network on a few examples, with every loss that fits it.
namespace etamax::testing {

struct Case {
  std::string model;
  std::vector<int64_t> shape;  ///< of one example
  int64_t positions = 0;       ///< of the targets, where they are for each of several positions
};

inline const std::vector<Case>& all_cases() {
  static const std::vector<Case> all = {
      {"linear", {5}},
      {"mlp:5-4-3:tanh", {5}},
      {"mlp:5-4-3:gelu", {5}},
      {"mlp:5-4-3:silu", {5}},
      {"cnn:2-3:tanh", {16}},
      {"cnn:2-3:gelu:batch_norm", {3, 5, 4}},
      {"resnet:2-3", {16}},
      {"transformer:width=4,layers=1,heads=2", {3}, 3},
      {"transformer:width=4,layers=2,heads=1,vocabulary=5", {3}, 3},
  };
  return all;
}

inline Dataset data_for(const Case& c, const std::string& loss) {
  torch::manual_seed(2);
  constexpr int64_t kExamples = 6;
  std::vector<int64_t> shape = {kExamples}, targets = {kExamples};
  shape.insert(shape.end(), c.shape.begin(), c.shape.end());
  if (c.positions > 0) targets.push_back(c.positions);
  Dataset data;
  data.inputs = c.positions > 0 ? torch::randint(3, shape).to(torch::kDouble) : torch::randn(shape, torch::kDouble);
  if (loss == "cross_entropy") {
    data.targets = torch::randint(3, targets).to(torch::kDouble);
    data.targets.view({-1})[0] = 2;
  } else {
    data.targets =
        loss == "bce" ? torch::randint(2, targets).to(torch::kDouble) : torch::randn(targets, torch::kDouble);
  }
  return data;
}

inline std::unique_ptr<ModelObjective> objective(const Case& c, const std::string& loss_name, const Dataset& data,
                                                 std::optional<ProductMethod> method, int64_t chunk = 100) {
  const LossSpec& loss = find_loss(loss_name);
  std::string model = c.model;
  if (model.starts_with("mlp:5-4-3") && loss_name != "cross_entropy") model[8] = '1';
  return std::make_unique<ModelObjective>(make_network(model, c.shape, loss.outputs(data.targets), 3), data, loss,
                                          ModelObjectiveOptions{chunk, torch::kDouble, torch::kCPU, method});
}

inline const std::vector<std::string> kLosses = {"cross_entropy", "mse", "bce", "huber", "l1"};

/// A transformer's outputs are for labels.
inline bool fits(const Case& c, const std::string& loss) { return c.positions == 0 || loss == "cross_entropy"; }

}  // namespace etamax::testing
