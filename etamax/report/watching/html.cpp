#include "etamax/draw/escape.h"
#include "etamax/report/detail_page.h"
#include "etamax/report/watching.h"
#include "etamax/report/watching/detail_words.h"

namespace etamax {
namespace {

std::string events_list(const Watching& w) {
  std::string list = "<ul>\n";
  for (const WatchEvent& event : w.events) list += "<li>" + escaped(event.text) + "</li>\n";
  return list + "</ul>\n";
}

}  // namespace

std::string to_html(const Watching& w) {
  std::string body = html_setting(setting_sentence(w)) + html_interrupted(w.partial) + html_answer(w.answer) +
                     html_pictures(watching_pictures(), w);
  if (!w.events.empty()) body += html_section("What was said", events_list(w));
  body += html_details(to_json(w), cost_sentence(w));
  return html_page("The training of " + w.model + ", watched",
                   "The training of <code>" + escaped(w.model) + "</code>, watched", body);
}

}  // namespace etamax
