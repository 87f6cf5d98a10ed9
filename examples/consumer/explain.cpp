#include <etamax/dynamics/explain.h>

#include <iostream>

int main() {
  const etamax::Explanation answer =
      etamax::explain({.objective = "x^2", .start = {{"x", -1}}, .learning_rates = {0.8, 1.0, 1.2}});
  for (const etamax::Run& run : answer.runs) std::cout << "lr " << run.lr << ": " << run.reason << "\n";
  std::cout << "stable below " << answer.stability.lr_edge.value() << "\n";
}
