#include "etamax/draw/escape.h"
#include "etamax/report/bifurcation.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/detail_lab.h"
#include "etamax/report/detail_page.h"
#include "etamax/report/detail_table.h"

namespace etamax {
std::string to_html(const BifurcationDiagram& d, std::string_view lab) {
  std::string body = html_setting(setting_sentence(d)) + html_interrupted(d.partial) + html_answer(d.answer) +
                     html_pictures(bifurcation_pictures(), d);
  if (!d.doublings.empty()) body += html_table("Where the period doubles", doubling_rows(d));
  body += html_lab("Move the learning rate", lab, lab_address(d));
  return html_page("Bifurcation diagram of " + d.expression,
                   "Where do the runs of <code>" + escaped(d.expression) + "</code> stay?",
                   body + html_details(to_json(d), cost_sentence(d.cost)));
}

}  // namespace etamax
