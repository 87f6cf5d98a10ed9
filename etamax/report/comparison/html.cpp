#include <fmt/format.h>

#include <algorithm>

#include "etamax/draw/escape.h"
#include "etamax/report/appearance.h"
#include "etamax/report/comparison.h"
#include "etamax/report/comparison/detail_words.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/detail_lab.h"
#include "etamax/report/detail_page.h"

namespace etamax {
namespace {

std::string mathml_or_text(const Formula& formula) {
  return formula.mathml.empty() ? "<code>" + escaped(formula.text) + "</code>" : formula.mathml;
}

std::string verdicts(const Comparison& c) {
  std::string list;
  for (const Explanation& e : c.explanations)
    for (const FunctionRun& run : e.runs)
      list += html_verdict(appearance(run.verdict), run_title(e, run) + ".", reason_in_short(run));
  return list.empty() ? "" : "<ul class=\"verdicts\">\n" + list + "</ul>\n";
}

std::string steps(const Comparison& c) {
  std::string html;
  bool names_gradient = false;
  for (const Explanation& e : c.explanations) {
    if (e.update.empty()) continue;
    html += "<div><strong>" + escaped(e.optimizer) + "</strong></div>\n";
    for (const Formula& update : e.update) html += "<div class=\"formula\">" + mathml_or_text(update) + "</div>\n";
    names_gradient = names_gradient || e.update_names_gradient;
  }
  if (html.empty()) return "";
  html += "<div class=\"why\">A prime (&#x2032;) marks what is new after the step.</div>\n";
  if (names_gradient) {
    const Explanation& e = c.explanations.front();
    for (std::size_t i = 0; i < std::min(e.gradient.size(), e.variables.size()); ++i)
      html += "<div>with <i>g</i> = " + mathml_or_text(e.gradient[i]) +
              (e.variables.size() > 1 ? " for <i>" + escaped(e.variables[i]) + "</i>" : "") + "</div>\n";
  }
  return html_section("One step", "<div class=\"box\">\n" + html + "</div>\n");
}

std::string stability(const Comparison& c) {
  const StabilityTable table = stability_table(c);
  std::string html = "<div class=\"box\" tabindex=\"0\">\n<table>\n<thead>\n<tr>";
  for (const std::string& name : table.header) html += "<th scope=\"col\">" + escaped(name) + "</th>";
  html += "</tr>\n</thead>\n<tbody>\n";
  for (const auto& row : table.rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      html += (i == 0 ? "<tr><th scope=\"row\">" + escaped(row[i]) + "</th>" : "<td>" + escaped(row[i]) + "</td>") +
              (i + 1 == row.size() ? "</tr>\n" : "");
  html += "</tbody>\n</table>\n</div>\n";
  for (const std::string& note : table.notes) html += "<p class=\"why\">" + escaped(note) + "</p>\n";
  return html_section("What would be stable", html);
}

}  // namespace

std::string to_html(const Comparison& c, std::string_view lab) {
  const std::string name = name_of(c), standings = standings_sentence(c);
  std::string body = html_setting(setting_sentence(c)) + html_interrupted(c.partial);
  for (const std::string& remark : observed_remarks(c)) body += "<p class=\"remark\">" + escaped(remark) + "</p>\n";
  body += verdicts(c);
  if (!standings.empty()) body += html_answer({standings});
  std::vector<LabPlace> places;
  for (const Explanation& e : c.explanations) places.push_back({e.optimizer, lab_address(e)});
  body += html_lab("Move the learning rate", lab, places) + steps(c) + stability(c) +
          html_pictures(comparison_pictures(), c) + html_details(to_json(c), cost_sentence(c.cost));
  const bool typeset = !c.explanations.empty() && !c.explanations.front().objective.mathml.empty();
  const std::string formula = typeset ? c.explanations.front().objective.mathml : "<code>" + escaped(name) + "</code>";
  return html_page(name + ": which optimizers converge?", "Which optimizers converge on " + formula + "?", body);
}

}  // namespace etamax
