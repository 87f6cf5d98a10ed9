#include "etamax/report/facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "etamax/core/format.h"
#include "etamax/report/scale.h"

namespace etamax {

std::string setting_sentence(const Explanation& e) {
  constexpr std::size_t kMost = 8;
  std::string text = e.start.empty() ? "With" : "From ";
  for (std::size_t i = 0; i < std::min({e.start.size(), e.variables.size(), kMost}); ++i)
    text += (i ? ", " : "") + e.variables[i] + " = " + format_number(e.start[i]);
  if (e.start.size() > kMost) text += fmt::format(", ... ({} variables)", e.start.size());
  text += std::string(e.start.empty() ? "" : ", with") + " the optimizer ";
  return text + optimizer_words(e.optimizer, e.hyperparameters) + ".";
}

std::string optimizer_words(const std::string& name, const std::vector<Setting>& hyperparameters) {
  std::string settings;
  for (const Setting& setting : hyperparameters)
    settings += (settings.empty() ? "" : ", ") + setting.name +
                (setting.is_flag ? (setting.value != 0 ? " on" : " off") : " = " + format_number(setting.value));
  return name + (settings.empty() ? "" : " (" + settings + ")");
}

std::string observed_remark(const Explanation& e) { return e.observed ? e.observed->sentence : ""; }

std::vector<std::string> multiplier_sentences(const Explanation& e) {
  std::string list;
  int count = 0;
  for (const Run& run : e.runs)
    if (run.rate && ++count <= 12)
      list += (list.empty() ? "" : "; ") + std::string("at lr ") + format_number(run.lr) + " by " +
              format_number(*run.rate);
  if (list.empty()) return {};
  const char* what =
      e.variables.size() == 1
          ? "Near the minimum, one step multiplies the distance to it: "
          : "Near the minimum, one step multiplies the distance to it, in the direction that matters most: ";
  return {what + list + "."};
}

std::vector<Fact> stability_facts(const Stability& s) {
  const auto& bracket = s.lr_max_from_start_bracket;
  return {{"stability edge", s.lr_edge, s.lr_edge ? "(theory: " + s.lr_edge_formula + ")" : s.lr_edge_reason},
          {"largest from this start", s.lr_max_from_start,
           bracket ? fmt::format("(measured: {} converges, {} does not)", format_number((*bracket)[0], 9),
                                 format_number((*bracket)[1], 9))
                   : s.lr_max_from_start_reason},
          {"fastest near the minimum", s.lr_fastest, s.lr_fastest ? "(theory)" : s.lr_fastest_reason}};
}

std::string cost_sentence(const Cost& cost) {
  return fmt::format("This answer took {}, {}, {}, {} seconds and {} MiB of memory at most.",
                     counted(cost.gradients, "gradient"), counted(cost.hvps, "Hessian-vector product"),
                     counted(cost.forwards, "function value"), format_number(cost.seconds, 2),
                     cost.peak_rss_bytes >> 20);
}

}  // namespace etamax
