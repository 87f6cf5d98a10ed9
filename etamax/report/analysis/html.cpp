#include "etamax/draw/escape.h"
#include "etamax/report/analysis.h"
#include "etamax/report/analysis/detail_words.h"
#include "etamax/report/detail_page.h"

namespace etamax {

std::string to_html(const Analysis& a) {
  const std::string body = html_setting(setting_sentence(a)) + html_interrupted(a.partial) + html_answer(a.answer) +
                           html_pictures(analysis_pictures(), a) +
                           html_section("The evidence", facts_html(evidence(a))) +
                           html_details(to_json(a), cost_sentence(a.cost));
  return html_page("Learning rates for " + a.model + " on " + a.data,
                   "How high may the learning rate go for <code>" + escaped(a.model) + "</code> on <code>" +
                       escaped(a.data) + "</code>?",
                   body);
}

}  // namespace etamax
