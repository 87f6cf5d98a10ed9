#include "etamax/draw/escape.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/detail_page.h"
#include "etamax/report/detail_table.h"
#include "etamax/report/tuning.h"
#include "etamax/report/tuning/detail_words.h"

namespace etamax {
std::string to_html(const Tuning& t) {
  std::string body = html_setting(setting_sentence(t)) + html_interrupted(t.partial) + html_answer(t.answer);
  if (!t.code.empty()) body += "<pre>" + escaped(t.code) + "</pre>\n";
  body += html_pictures(tuning_pictures(), t) + html_table("The trials", trial_rows(t)) +
          html_details(to_json(t), cost_sentence(t.cost));
  return html_page(
      "A learning rate for " + t.model + " on " + t.data,
      "Which learning rate for <code>" + escaped(t.model) + "</code> on <code>" + escaped(t.data) + "</code>?", body);
}

}  // namespace etamax
