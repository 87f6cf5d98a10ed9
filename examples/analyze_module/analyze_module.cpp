// How high may the learning rate go for a module and a loss of your own?
#include <etamax/analyze/analyze.h>
#include <etamax/model/model_problem.h>
#include <torch/nn.h>

#include <iostream>

int main() {
  torch::manual_seed(0);
  torch::nn::Sequential module(torch::nn::Linear(3, 16), torch::nn::Tanh(), torch::nn::Linear(16, 1));
  etamax::Dataset data;
  data.name = "a noisy plane";
  data.inputs = torch::randn({200, 3}, torch::kDouble);
  data.targets = data.inputs.sum(1) + 0.1 * torch::randn({200}, torch::kDouble);

  etamax::LossSpec loss = etamax::find_loss("mse");
  loss.name = "absolute error, rounded off";
  loss.each = [](const torch::Tensor& outputs, const torch::Tensor& targets) {
    return ((outputs - targets).square() + 0.01).sqrt().mean(1);
  };

  const etamax::Network network =
      etamax::network_of("my module", module.ptr(), [&](const torch::Tensor& x) { return module->forward(x); });
  etamax::ModelProblem problem(network, data, loss, {.optimizer = "sgd", .settings = {{"momentum", 0.9}}});
  const etamax::Analysis answer = etamax::analyze(problem, {});
  for (const std::string& sentence : answer.answer) std::cout << sentence << "\n";
  std::cout << "stable below " << answer.edge.lr.lower.value() << "\n";
}
