#include "etamax/draw/escape.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/detail_page.h"
#include "etamax/report/detail_table.h"
#include "etamax/report/following.h"
#include "etamax/report/following/detail_words.h"

namespace etamax {

std::string to_html(const Following& f) {
  const std::string body = html_setting(setting_sentence(f)) + html_interrupted(f.partial) + html_answer(f.answer) +
                           html_pictures(following_pictures(), f) + html_table("Certified looks", look_rows(f)) +
                           html_details(to_json(f), looking_sentence(f) + " " + cost_sentence(f.cost));
  return html_page("The sharpness of " + f.model + " on " + f.data + " along its training",
                   "The sharpness of <code>" + escaped(f.model) + "</code> on <code>" + escaped(f.data) +
                       "</code> along its training",
                   body);
}

}  // namespace etamax
