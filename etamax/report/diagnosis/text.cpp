#include <fmt/format.h>

#include <algorithm>

#include "etamax/report/appearance.h"
#include "etamax/report/diagnosis.h"
#include "etamax/report/diagnosis/detail_words.h"

namespace etamax {
namespace {

constexpr std::size_t kMostEvidence = 6, kMostCauses = 4;

}  // namespace

std::string to_text(const Diagnosis& d, const TerminalStyle& wanted) {
  const TerminalStyle style = readable(wanted);
  std::string text = signed_paragraph(appearance(d.verdict), d.reason, style);
  if (!d.evidence.empty()) text += "\nWhy:\n";
  for (std::size_t i = 0; i < std::min(d.evidence.size(), kMostEvidence); ++i)
    text += paragraph(as_sentence(d.evidence[i]), style, "  - ", "    ");
  if (d.causes.size() > 1) {
    text += "\nExplanations weighed:\n";
    for (std::size_t i = 0; i < std::min(d.causes.size(), kMostCauses); ++i) {
      const WeighedCause& cause = d.causes[i];
      if (i > 0 && cause.score < 0.01) break;
      const std::string against = i > 0 && !cause.against.empty() ? "; against it: " + cause.against.front() : "";
      text +=
          paragraph(cause.heading + against, style, fmt::format("  {:>4}  ", percent_text(cause.score)), "        ");
    }
    if (const std::string sum = sum_sentence(d); !sum.empty()) text += paragraph(sum, style, "        ", "        ");
  }
  for (const PictureSpec<Diagnosis>& picture : by_rank(diagnosis_pictures()))
    if (const std::string block = picture_text(picture, d, style); !block.empty()) text += "\n" + block;
  if (const std::vector<Fact> facts = diagnosis_facts(d); !facts.empty() || !d.loss.samples.empty())
    text += "\nWhat the log says in numbers:\n" + facts_text(facts, 26, style);
  text += "\nWhat to do:\n" + paragraph(d.next, style, "  ", "  ");
  text += "\n" + paragraph(log_sentence(d.log), style);
  for (const std::string& remark : d.log.remarks) text += paragraph("Note: " + remark + ".", style);
  if (d.partial) text += std::string("\n") + kInterrupted;
  return text;
}

}  // namespace etamax
