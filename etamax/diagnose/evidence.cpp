#include "etamax/diagnose/evidence.h"

namespace etamax {

const std::vector<EvidenceSpec>& evidence_table() {
  static const std::vector<EvidenceSpec> all = [] {
    std::vector<EvidenceSpec> rows;
    for (const auto& part : {course_evidence(), rise_evidence(), other_columns_evidence()})
      rows.insert(rows.end(), part.begin(), part.end());
    return rows;
  }();
  return all;
}

}  // namespace etamax
