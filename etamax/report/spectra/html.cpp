#include "etamax/draw/escape.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/detail_page.h"
#include "etamax/report/detail_table.h"
#include "etamax/report/spectra.h"
#include "etamax/report/spectra/detail_words.h"

namespace etamax {

std::string to_html(const Spectra& s) {
  const std::string body = html_setting(setting_sentence(s)) + html_interrupted(s.partial) + html_answer(s.answer) +
                           html_table("Eigenvalues", eigenvalue_rows(s)) + html_pictures(spectra_pictures(), s) +
                           html_table("Traces of the layers", trace_rows(s)) +
                           html_table("The diagonal, by layer", diagonal_rows(s)) +
                           html_details(to_json(s), cost_sentence(s.cost));
  return html_page("The spectrum of " + s.model + " on " + s.data,
                   "The spectrum of <code>" + escaped(s.model) + "</code> on <code>" + escaped(s.data) + "</code>",
                   body);
}

}  // namespace etamax
