#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/core/analysis.h"
#include "etamax/report/drawing.h"
#include "etamax/report/terminal.h"

/// An analysis for people: text, pictures, a page.
namespace etamax {

/// "mlp:64-256-256-10:tanh (84,874 parameters) on digits (1,797 examples), cross_entropy, with sgd (...)."
std::string setting_sentence(const Analysis& analysis);

/// A name and what is known under it, with how it is known.
struct Evidence {
  std::string name, value, basis;
};
/// The curvature, the three learning rates, the layers, inputs and examples; in this order.
std::vector<Evidence> evidence(const Analysis& analysis);

/// Layers by their share of the sharpest direction; none where there are none.
std::optional<Drawing> draw_layers(const Analysis& analysis, double width);
/// The losses of the short runs.
std::optional<Drawing> draw_runs(const Analysis& analysis, double width);

/// The loss, and below it the edge, along the run that fails below the edge; none where there is no such run.
std::optional<Drawing> draw_failing_run(const Analysis& analysis, double width);

/// One paragraph, the ruler, the runs, the evidence, the cost.
std::string to_text(const Analysis& analysis, const TerminalStyle& style);
/// One HTML file that needs nothing else.
std::string to_html(const Analysis& analysis);
/// The answer and its pictures: what `--output x.svg` and `x.png` show.
Drawing poster(const Analysis& analysis, double width = 1200);

}  // namespace etamax
