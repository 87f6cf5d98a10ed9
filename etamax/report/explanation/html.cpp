#include <fmt/format.h>

#include <algorithm>

#include "etamax/core/format.h"
#include "etamax/draw/escape.h"
#include "etamax/report/appearance.h"
#include "etamax/report/detail_lab.h"
#include "etamax/report/detail_page.h"
#include "etamax/report/explanation.h"
#include "etamax/report/explanation/detail_words.h"

namespace etamax {
namespace {

constexpr std::size_t kMostRows = 200, kMostCoordinates = 6;

std::string mathml_or_text(const Formula& formula) {
  return formula.mathml.empty() ? "<code>" + escaped(formula.text) + "</code>" : formula.mathml;
}

class Page {
 public:
  Page(const Explanation& e, std::string_view lab) : e_(e), lab_(lab) {}

  std::string write() {
    opening();
    verdicts();
    out_ += html_lab("Move the learning rate", lab_, lab_address(e_));
    formulas();
    steps();
    out_ += html_section("What would be stable", facts_html(stability_facts(e_.stability))) +
            html_pictures(explanation_pictures(), e_) + html_details(to_json(e_), cost_sentence(e_.cost));
    const std::string name = e_.expression.empty() ? "etamax" : e_.expression;
    const std::string formula =
        e_.objective.mathml.empty() ? "<code>" + escaped(name) + "</code>" : e_.objective.mathml;
    return html_page(name + ": which learning rates converge?", "Which learning rates converge on " + formula + "?",
                     out_);
  }

 private:
  void opening() {
    out_ += html_setting(setting_sentence(e_)) + html_interrupted(e_.partial);
    if (const std::string remark = observed_remark(e_); !remark.empty())
      out_ += "<p class=\"remark\"><strong>About the numbers you may have seen.</strong> " + escaped(remark) + "</p>\n";
  }

  void verdicts() {
    if (e_.runs.empty()) return;
    out_ += "<ul class=\"verdicts\">\n";
    for (const FunctionRun& run : e_.runs)
      out_ += html_verdict(appearance(run.verdict),
                           fmt::format("lr {} {}.", format_rate(run.lr), to_string(run.verdict)), run.reason);
    out_ += "</ul>\n";
  }

  void formulas() {
    if (e_.update.empty()) return;
    out_ += "<section>\n<h2>One step</h2>\n<div class=\"box\" tabindex=\"0\">\n";
    for (const Formula& update : e_.update) out_ += "<div class=\"formula\">" + mathml_or_text(update) + "</div>\n";
    if (e_.rule.size() > 1) {
      out_ += "<div class=\"why\">These are the numbers of</div>\n";
      for (const Formula& line : e_.rule) out_ += "<div>" + mathml_or_text(line) + "</div>\n";
    }
    out_ += "<div class=\"why\">A prime (&#x2032;) marks what is new after the step.</div>\n";
    if (e_.update_names_gradient)
      for (std::size_t i = 0; i < std::min(e_.gradient.size(), e_.variables.size()); ++i)
        out_ += "<div>with <i>g</i> = " + mathml_or_text(e_.gradient[i]) +
                (e_.variables.size() > 1 ? " for <i>" + escaped(e_.variables[i]) + "</i>" : "") + "</div>\n";
    out_ += "</div>\n";
    if (const std::string line = first_step_sentence(e_); !line.empty()) out_ += "<p>" + escaped(line) + "</p>\n";
    for (const std::string& line : multiplier_sentences(e_)) out_ += "<p>" + escaped(line) + "</p>\n";
    out_ += "</section>\n";
  }

  void steps() {
    std::size_t rows = 0;
    for (const FunctionRun& run : e_.runs) rows = std::max(rows, run.iterates.size());
    if (rows == 0) return;
    const std::size_t coordinates = std::min(e_.variables.size(), kMostCoordinates);
    out_ +=
        "<section>\n<h2>The steps</h2>\n<div class=\"box\" tabindex=\"0\">\n<table>\n<thead>\n<tr><th "
        "rowspan=\"2\" scope=\"col\">step</th>";
    for (const FunctionRun& run : e_.runs)
      out_ += fmt::format("<th class=\"run\" scope=\"colgroup\" colspan=\"{}\">lr {}</th>", coordinates + 1,
                          format_rate(run.lr));
    out_ += "</tr>\n<tr>";
    for (std::size_t r = 0; r < e_.runs.size(); ++r) {
      for (std::size_t i = 0; i < coordinates; ++i)
        out_ += fmt::format("<th scope=\"col\"{}>{}</th>", i == 0 ? " class=\"first\"" : "", escaped(e_.variables[i]));
      out_ += fmt::format("<th scope=\"col\"{}>loss</th>", coordinates == 0 ? " class=\"first\"" : "");
    }
    out_ += "</tr>\n</thead>\n<tbody>\n";
    for (std::size_t k = 0; k < std::min(rows, kMostRows); ++k) {
      out_ += fmt::format("<tr><th scope=\"row\">{}</th>", k);
      for (const FunctionRun& run : e_.runs) {
        const bool there = k < run.iterates.size();
        for (std::size_t i = 0; i < coordinates; ++i)
          out_ += fmt::format("<td{}>{}</td>", i == 0 ? " class=\"first\"" : "",
                              there && i < run.iterates[k].size() ? format_number(run.iterates[k][i]) : "");
        out_ += "<td>" + (k < run.losses.size() ? format_number(run.losses[k]) : "") + "</td>";
      }
      out_ += "</tr>\n";
    }
    out_ += "</tbody>\n</table>\n</div>\n";
    if (rows > kMostRows || coordinates < e_.variables.size()) {
      out_ += "<p class=\"why\">";
      if (rows > kMostRows) out_ += fmt::format("The first {} of {} steps. ", kMostRows - 1, rows - 1);
      if (coordinates < e_.variables.size())
        out_ += fmt::format("The first {} of {} variables. ", coordinates, e_.variables.size());
      out_ += "The answer as JSON, below, has all.</p>\n";
    }
    out_ += "</section>\n";
  }

  const Explanation& e_;
  std::string_view lab_;
  std::string out_;
};

}  // namespace

std::string to_html(const Explanation& explanation, std::string_view lab) { return Page(explanation, lab).write(); }

}  // namespace etamax
