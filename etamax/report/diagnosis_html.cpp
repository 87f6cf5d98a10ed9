#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/report/diagnosis.h"
#include "etamax/report/escape.h"
#include "etamax/report/page.h"
#include "etamax/report/poster.h"

namespace etamax {
namespace {

constexpr std::size_t kMostEvidence = 8, kMostCauses = 5;

std::string sentence(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return !text.empty() && text.back() != '.' ? text + "." : text;
}

const char* caption(const Diagnosis& d) {
  if (d.iterates) return "The values, step by step.";
  return d.learning_rate ? "The loss, with the onset as a diamond and the fitted growth as a broken line; "
                           "the learning rate beneath."
                         : "The loss, with the onset as a diamond and the fitted growth as a broken line.";
}

std::string facts(const Diagnosis& d) {
  std::string html = "<dl>\n";
  for (const Fact& fact : diagnosis_facts(d))
    html += "<dt>" + escaped(fact.name) + "</dt><dd>" +
            (fact.value ? "<strong>" + format_number(*fact.value, fact.name == "onset" ? 12 : 4) +
                              "</strong> <span class=\"why\">" + escaped(fact.basis) + "</span>"
                        : "<span class=\"why\">none: " + escaped(fact.basis) + "</span>") +
            "</dd>\n";
  return html_section("What the log says in numbers", html + "</dl>\n");
}

std::string explanations(const Diagnosis& d) {
  if (d.causes.empty()) return "";
  std::string html = "<dl>\n";
  for (std::size_t i = 0; i < std::min(d.causes.size(), kMostCauses); ++i) {
    const WeighedCause& cause = d.causes[i];
    const std::string share = cause.score < 0.005 ? "under 1%" : fmt::format("{:.0f}%", 100 * cause.score);
    html += "<dt>" + share + "</dt><dd>" + escaped(sentence(cause.heading));
    if (!cause.evidence.empty()) html += " <span class=\"why\">For it: " + escaped(cause.evidence.front()) + ".</span>";
    if (!cause.against.empty())
      html += " <span class=\"why\">Against it: " + escaped(cause.against.front()) + ".</span>";
    html += "</dd>\n";
  }
  return html_section("Explanations weighed", html + "</dl>\n");
}

}  // namespace

std::string to_html(const Diagnosis& d) {
  const Look sign = look(d.verdict);
  std::string html;
  html += "<p class=\"setting\">" + escaped(log_sentence(d.log)) + "</p>\n";
  html += html_interrupted(d.partial);
  html += "<ul class=\"verdicts\">\n" + html_verdict(sign, "", d.reason) + "</ul>\n";
  html += html_section("What to do", "<p>" + escaped(d.next) + "</p>\n");
  if (!d.evidence.empty()) {
    std::string list = "<ul>\n";
    for (std::size_t i = 0; i < std::min(d.evidence.size(), kMostEvidence); ++i)
      list += "<li>" + escaped(sentence(d.evidence[i])) + "</li>\n";
    html += html_section("Why", list + "</ul>\n");
  }
  const auto wide = draw(d, kPageWide), narrow = draw(d, kPageNarrow);
  if (wide && narrow) html += html_section("The course", html_figure("course", *wide, *narrow, caption(d)));
  html += facts(d) + explanations(d);
  for (const std::string& remark : d.log.remarks) html += "<p class=\"why\">Note: " + escaped(remark) + ".</p>\n";
  html += html_details(to_json(d), fmt::format("This answer took {} seconds and {} MiB of memory at most.",
                                               format_number(d.cost.seconds, 2), d.cost.peak_rss_bytes >> 20));
  return html_page(d.log.name + ": was it the learning rate?", escaped(heading(d.verdict)), html);
}

Drawing poster(const Diagnosis& d, double width) {
  PosterWriter poster(width);
  poster.text(heading(d.verdict), 22, true, Color::ink);
  poster.text(log_sentence(d.log), 13, false, Color::muted);
  poster.space(10);
  poster.verdict(look(d.verdict), d.reason, d.next);
  for (std::size_t i = 0; i < std::min<std::size_t>(d.evidence.size(), 4); ++i)
    poster.text("\u2022 " + sentence(d.evidence[i]), 13, false, Color::ink, 22);
  if (const auto picture = draw(d, poster.room())) {
    poster.picture("The course", *picture);
  }
  return poster.take(heading(d.verdict));
}

}  // namespace etamax
