#include <fmt/format.h>

#include <algorithm>

#include "etamax/core/format.h"
#include "etamax/draw/escape.h"
#include "etamax/report/detail_facts.h"

namespace etamax {

std::string facts_text(const std::vector<Fact>& facts, int column, const TerminalStyle& style) {
  std::string text;
  for (const Fact& fact : facts) {
    const std::string basis = fact.value.empty() || fact.basis.empty() ? fact.basis : "  " + fact.basis;
    text += definition(fact.name, (fact.value.empty() ? "none: " : fact.value) + basis, column, style);
  }
  return text;
}

std::string facts_html(const std::vector<Fact>& facts) {
  std::string html = "<dl>\n";
  for (const Fact& fact : facts)
    html += "<dt>" + escaped(fact.name) + "</dt><dd>" +
            (fact.value.empty() ? "<span class=\"why\">none: "
                                : "<strong>" + escaped(fact.value) + "</strong> <span class=\"why\">") +
            escaped(fact.basis) + "</span></dd>\n";
  return html + "</dl>\n";
}

std::string optimizer_words(const std::string& name, const std::vector<Setting>& hyperparameters) {
  std::vector<std::string> settings;
  for (const Setting& setting : hyperparameters)
    settings.push_back(setting.name + (setting.is_flag ? (setting.value != 0 ? " on" : " off")
                                                       : " = " + format_number(setting.value)));
  return name + (settings.empty() ? "" : " (" + joined(settings) + ")");
}

std::string guess_words(const std::string& basis) {
  return basis.empty() ? "" : fmt::format(" (guessed: {}; naming a loss changes it)", basis);
}

std::string cost_sentence(const Cost& cost) {
  return fmt::format("This answer took {}, {}, {}{} {}.", counted(cost.gradients, "gradient"),
                     counted(cost.hvps, "Hessian-vector product"), counted(cost.forwards, "function value"),
                     cost.peak_rss_bytes ? "," : " and", seconds_and_memory(cost));
}

std::string seconds_and_memory(const Cost& cost) {
  const std::string seconds = format_number(cost.seconds, 2) + " seconds";
  if (!cost.peak_rss_bytes) return seconds;
  constexpr long kMebibyte = 1L << 20;
  return fmt::format("{} and {} MiB of memory at most", seconds, (*cost.peak_rss_bytes + kMebibyte - 1) / kMebibyte);
}

TerminalStyle readable(TerminalStyle style) {
  style.width = std::clamp(style.width, 40, 400);
  return style;
}

}  // namespace etamax
