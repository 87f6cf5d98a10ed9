#include <etamax/explain/explain.h>

#include <iostream>

int main() {
  const etamax::Explanation answer =
      etamax::explain({.expression = "x^2", .start = {{"x", -1}}, .lr = {0.8, 1.0, 1.2}});
  for (const etamax::FunctionRun& run : answer.runs) std::cout << "lr " << run.lr << ": " << run.reason << "\n";
  std::cout << "stable below " << answer.stability.lr_edge.value() << "\n";
}
