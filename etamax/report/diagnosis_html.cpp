#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/report/detail_page.h"
#include "etamax/report/detail_poster.h"
#include "etamax/report/diagnosis.h"
#include "etamax/report/escape.h"

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
  std::string html = "<section>\n<h2>What the log says in numbers</h2>\n<dl>\n";
  for (const Fact& fact : diagnosis_facts(d))
    html += "<dt>" + escaped(fact.name) + "</dt><dd>" +
            (fact.value ? "<strong>" + format_number(*fact.value, fact.name == "onset" ? 12 : 4) +
                              "</strong> <span class=\"why\">" + escaped(fact.basis) + "</span>"
                        : "<span class=\"why\">none: " + escaped(fact.basis) + "</span>") +
            "</dd>\n";
  return html + "</dl>\n</section>\n";
}

std::string explanations(const Diagnosis& d) {
  if (d.causes.empty()) return "";
  std::string html = "<section>\n<h2>Explanations weighed</h2>\n<dl>\n";
  for (std::size_t i = 0; i < std::min(d.causes.size(), kMostCauses); ++i) {
    const WeighedCause& cause = d.causes[i];
    html += fmt::format("<dt>{:.0f}%</dt><dd>{}", 100 * cause.score, escaped(sentence(cause.heading)));
    if (!cause.evidence.empty())
      html += " <span class=\"why\">For it: " + escaped(cause.evidence.front()) + ".</span>";
    if (!cause.against.empty())
      html += " <span class=\"why\">Against it: " + escaped(cause.against.front()) + ".</span>";
    html += "</dd>\n";
  }
  return html + "</dl>\n</section>\n";
}

}  // namespace

std::string to_html(const Diagnosis& d) {
  const Look sign = look(d.verdict);
  std::string html = page_head(d.log.name + ": was it the learning rate?") + "<h1>" +
                     escaped(heading(d.verdict)) + "</h1>\n";
  html += "<p class=\"setting\">" + escaped(log_sentence(d.log)) + "</p>\n";
  if (d.partial)
    html += "<p class=\"remark\"><strong>Interrupted.</strong> This is what was known by then.</p>\n";
  html += fmt::format("<ul class=\"verdicts\">\n<li style=\"--look:var(--{})\">{}{}</li>\n</ul>\n",
                      name(sign.color), page_sign(sign), escaped(d.reason));
  html += "<section>\n<h2>What to do</h2>\n<p>" + escaped(d.next) + "</p>\n</section>\n";
  if (!d.evidence.empty()) {
    html += "<section>\n<h2>Why</h2>\n<ul>\n";
    for (std::size_t i = 0; i < std::min(d.evidence.size(), kMostEvidence); ++i)
      html += "<li>" + escaped(sentence(d.evidence[i])) + "</li>\n";
    html += "</ul>\n</section>\n";
  }
  const auto wide = draw(d, kWide), narrow = draw(d, kNarrow);
  if (wide && narrow)
    html += "<section>\n<h2>The course</h2>\n" + page_figure(*wide, *narrow, "course", caption(d)) +
            "</section>\n";
  html += facts(d) + explanations(d);
  for (const std::string& remark : d.log.remarks)
    html += "<p class=\"why\">Note: " + escaped(remark) + ".</p>\n";
  html += "<details>\n<summary>The answer as JSON</summary>\n<pre>" + escaped(to_json(d)) +
          "</pre>\n</details>\n";
  html += "<footer>" +
          fmt::format("This answer took {} seconds and {} MiB of memory at most.",
                      format_number(d.cost.seconds, 2), d.cost.peak_rss_bytes >> 20) +
          "</footer>\n";
  return html + "</main>\n</body>\n</html>\n";
}

Drawing poster(const Diagnosis& d, double width) {
  Poster poster(width);
  poster.text(heading(d.verdict), 22, true, Color::ink);
  poster.text(log_sentence(d.log), 13, false, Color::muted);
  poster.space(10);
  poster.verdict(look(d.verdict), d.reason, d.next);
  for (std::size_t i = 0; i < std::min<std::size_t>(d.evidence.size(), 4); ++i)
    poster.text("\u2022 " + sentence(d.evidence[i]), 13, false, Color::ink, 22);
  if (const auto picture = draw(d, poster.room())) {
    poster.space(20);
    poster.picture(*picture);
  }
  return poster.take(heading(d.verdict), d.reason);
}

}  // namespace etamax
