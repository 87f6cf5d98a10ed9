#include "etamax/core/format.h"
#include "etamax/report/detail_facts.h"
#include "etamax/report/detail_table.h"
#include "etamax/report/spectra.h"
#include "etamax/report/spectra/detail_words.h"

namespace etamax {

std::string to_text(const Spectra& s, const TerminalStyle& wanted) {
  const TerminalStyle style = readable(wanted);
  std::string text = paragraph(joined(s.answer, " "), style) + "\n";
  if (s.partial) text += std::string(kInterrupted) + "\n";
  text += paragraph(setting_sentence(s), style) + "\n";
  if (const auto rows = eigenvalue_rows(s); !rows.empty()) text += "Eigenvalues:\n" + table_text(rows) + "\n";
  for (const PictureSpec<Spectra>& picture : by_rank(spectra_pictures()))
    if (const std::string block = picture_text(picture, s, style); !block.empty()) text += block + "\n";
  if (const auto rows = trace_rows(s); !rows.empty()) text += "Traces of the layers (95%):\n" + table_text(rows) + "\n";
  if (const auto rows = diagonal_rows(s); !rows.empty())
    text +=
        "The diagonal, by layer" +
        (s.diagonal->file.empty() ? ""
                                  : "; of each entry the estimate and its standard error are in " + s.diagonal->file) +
        ":\n" + table_text(rows) + "\n";
  if (!s.vectors.empty()) text += "The eigenvectors are in " + s.vectors + ".\n\n";
  return text + paragraph(cost_sentence(s.cost), style);
}

}  // namespace etamax
