#include "etamax/report/diagnosis.h"
namespace etamax {
std::optional<Drawing> draw(const Diagnosis&, double) { return {}; }
std::vector<std::string> lines(const Diagnosis&, const TerminalStyle&) { return {}; }
std::string to_html(const Diagnosis& d) { return d.reason; }
Drawing poster(const Diagnosis&, double) { return {}; }
}  // namespace etamax
