// Prints docs/optimizers.md from the table of optimizers; with --check FILE, says whether FILE is that page.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <sstream>

#include "etamax/core/format.h"
#include "etamax/explain/rule_formulas.h"
#include "etamax/optim/optimizer.h"

namespace {

using namespace etamax;

const char* const kIntroduction = R"(# Optimizers

<!-- Generated from etamax/optim/rules/ by `reference_page`. Do not edit: build it and run
     `build/tests/optim/reference_page > docs/optimizers.md`. -->

The *edge* is the largest stable learning rate in a direction of curvature `lambda`: below it the distance to the
minimum shrinks from step to step, above it grows. The direction of the largest curvature, `lambda_max`, sets the edge of
the whole. The conventions are PyTorch's.

## What to take from it

* Momentum raises the edge: at momentum 0.9, gradient descent allows @heavy_ball@ / lambda_max instead of 2 / lambda_max.
* `nesterov=True` takes that back, and more: at momentum 0.9 the edge falls from @heavy_ball@ to @nesterov@ / lambda_max,
  @cut@ times lower. A run that was stable can diverge by this switch alone.
* L2 decay (`weight_decay` of sgd, adam, rmsprop, adagrad) adds to the curvature. Decoupled decay (adamw) lowers the edge
  by itself, beside the curvature.
* Adaptive rules divide each direction by a running size `P` of its gradients, so what counts is the curvature of
  `P^-1 H`; for Adam with its defaults it may reach @adam@ / lr. `P` moves during training (crossing the edge shows as spikes
  in the loss, not at once as divergence), and there is none before the first step.
* Sign methods (signsgd, lion) have no edge: they end in a cycle about as long as the learning rate.

Why: [optimizers are linear recurrences](theory.md#4-optimizers-are-linear-recurrences). For every rule here the
conditions for stability are linear in `lr`, so the stable learning rates are one interval that begins at 0.

)";

void replace(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at; (at = text.find(from)) != std::string::npos;) text.replace(at, from.size(), to);
}

/// At H = 1 and P = 1.
double edge_at_curvature_1(const OptimizerSpec& spec, const HyperparameterValues& values) {
  return stability_edge(spec, values, 1 + (spec.gradient_decay ? spec.gradient_decay(values) : 0)).value();
}

double edge_at_curvature_1(const char* name, const Settings& settings) {
  const OptimizerSpec& spec = find_optimizer(name);
  return edge_at_curvature_1(spec, hyperparameter_values(spec, settings));
}

std::string introduction() {
  std::string text = kIntroduction;
  const double heavy_ball = edge_at_curvature_1("sgd", {{"momentum", 0.9}});
  const double nesterov = edge_at_curvature_1("sgd", {{"momentum", 0.9}, {"nesterov", 1}});
  replace(text, "@heavy_ball@", format_number(heavy_ball, 4));
  replace(text, "@nesterov@", format_number(nesterov, 4));
  replace(text, "@cut@", format_number(heavy_ball / nesterov, 4));
  replace(text, "@adam@", format_number(edge_at_curvature_1("adam", {}), 4));
  return text;
}

std::string text_of(const Settings& settings) {
  std::string text;
  for (const auto& [name, value] : settings) text += (text.empty() ? "" : ", ") + name + " = " + format_number(value);
  return text.empty() ? "defaults" : text;
}

std::string update_text(const OptimizerSpec& spec, const Settings& settings) {
  std::string text;
  for (const Formula& line : rule_formulas(spec, hyperparameter_values(spec, settings)))
    text += "    " + line.text + "\n";
  return text;
}

std::string section(const OptimizerSpec& spec) {
  std::string text = fmt::format("## {}\n\nIn short: {}.\n\n{}", spec.name, spec.summary, update_text(spec, {}));
  if (!spec.examples.empty())
    text += fmt::format("\nWith {}:\n\n{}", text_of(spec.examples.back()), update_text(spec, spec.examples.back()));
  if (!spec.hyperparameters.empty()) {
    text += "\n| hyperparameter | default | range | |\n|---|---|---|---|\n";
    for (const Hyperparameter& h : spec.hyperparameters)
      text +=
          fmt::format("| `{}` | {} | {} | {} |\n", h.name, format_number(h.default_value), range_text(h), h.summary);
  }
  if (spec.recurrence) {
    const bool adaptive = spec.preconditioner != nullptr;
    text += fmt::format("\n| settings | edge | at curvature 1{} |\n|---|---|---|\n", adaptive ? ", P = I" : "");
    std::vector<Settings> rows = {{}};
    rows.insert(rows.end(), spec.examples.begin(), spec.examples.end());
    for (const Settings& settings : rows) {
      const HyperparameterValues values = hyperparameter_values(spec, settings);
      text += fmt::format("| {} | `{}` | {} |\n", text_of(settings), spec.edge_formula(values),
                          format_number(edge_at_curvature_1(spec, values), 4));
    }
  } else {
    text += "\nNo edge: " + spec.no_recurrence_reason + ".\n";
  }
  return text + "\nSource: " + spec.citation + ".\n";
}

std::string page() {
  std::string text = introduction();
  for (std::size_t i = 0; i < optimizers().size(); ++i) text += (i == 0 ? "" : "\n") + section(optimizers()[i]);
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1) {
    std::cout << page();
    return 0;
  }
  if (argc != 3 || std::string(argv[1]) != "--check") {
    std::cerr << "usage: reference_page [--check FILE]\n";
    return 2;
  }
  std::ifstream file(argv[2]);
  std::stringstream found;
  found << file.rdbuf();
  if (file && found.str() == page()) return 0;
  std::cerr << argv[2] << " is not what the table of optimizers says: reference_page > " << argv[2] << "\n";
  return 1;
}
