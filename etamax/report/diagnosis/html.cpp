#include <fmt/format.h>

#include <algorithm>

#include "etamax/draw/escape.h"
#include "etamax/report/appearance.h"
#include "etamax/report/detail_page.h"
#include "etamax/report/diagnosis.h"
#include "etamax/report/diagnosis/detail_words.h"

namespace etamax {
namespace {

constexpr std::size_t kMostEvidence = 8, kMostCauses = 5;

std::string explanations(const Diagnosis& d) {
  if (d.causes.empty()) return "";
  std::string html = "<dl>\n";
  for (std::size_t i = 0; i < std::min(d.causes.size(), kMostCauses); ++i) {
    const WeighedCause& cause = d.causes[i];
    const std::string share = cause.score < 0.01 ? "under 1%" : percent_text(cause.score);
    html += "<dt>" + share + "</dt><dd>" + escaped(as_sentence(cause.heading));
    if (!cause.evidence.empty()) html += " <span class=\"why\">For it: " + escaped(cause.evidence.front()) + ".</span>";
    if (!cause.against.empty())
      html += " <span class=\"why\">Against it: " + escaped(cause.against.front()) + ".</span>";
    html += "</dd>\n";
  }
  html += "</dl>\n";
  if (const std::string sum = sum_sentence(d); !sum.empty()) html += "<p class=\"why\">" + escaped(sum) + "</p>\n";
  return html_section("Explanations weighed", html);
}

}  // namespace

std::string to_html(const Diagnosis& d) {
  std::string html;
  html += html_setting(log_sentence(d.log)) + html_interrupted(d.partial);
  html += "<ul class=\"verdicts\">\n" + html_verdict(appearance(d.verdict), "", d.reason) + "</ul>\n";
  html += html_section("What to do", "<p>" + escaped(d.next) + "</p>\n");
  if (!d.evidence.empty()) {
    std::string list = "<ul>\n";
    for (std::size_t i = 0; i < std::min(d.evidence.size(), kMostEvidence); ++i)
      list += "<li>" + escaped(as_sentence(d.evidence[i])) + "</li>\n";
    html += html_section("Why", list + "</ul>\n");
  }
  html += html_pictures(diagnosis_pictures(), d) +
          html_section("What the log says in numbers", facts_html(diagnosis_facts(d))) + explanations(d);
  for (const std::string& remark : d.log.remarks) html += "<p class=\"why\">Note: " + escaped(remark) + ".</p>\n";
  html += html_details(to_json(d), "This answer took " + seconds_and_memory(d.cost) + ".");
  return html_page(d.log.name + ": was it the learning rate?", escaped(heading(d.verdict)), html);
}

}  // namespace etamax
