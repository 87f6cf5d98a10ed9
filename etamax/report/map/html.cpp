#include <fmt/format.h>

#include "etamax/draw/escape.h"
#include "etamax/report/appearance.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/detail_lab.h"
#include "etamax/report/detail_page.h"
#include "etamax/report/map.h"
#include "etamax/report/map/detail_words.h"

namespace etamax {
namespace {

std::string areas_table(const FateMap& m) {
  std::string table = "<ul class=\"verdicts\">\n";
  for (const MapArea& area : m.areas)
    table += html_verdict(appearance(area.fate), to_string(area.fate),
                          share_text(area.share) + " of the runs: " + fate_meaning(area.fate, m) + ".");
  return table + "</ul>\n";
}

}  // namespace

std::string to_html(const FateMap& m, std::string_view lab) {
  return html_page("A map of " + m.expression, "What becomes of <code>" + escaped(m.expression) + "</code>?",
                   html_setting(setting_sentence(m)) + html_interrupted(m.partial) + html_answer(m.answer) +
                       html_pictures(map_pictures(), m) + html_section("The areas", areas_table(m)) +
                       html_lab("Look closer, and run what you see", lab, lab_address(m)) +
                       html_details(to_json(m), cost_sentence(m.cost)));
}

}  // namespace etamax
