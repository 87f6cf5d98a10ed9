#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/core/diagnosis.h"
#include "etamax/report/drawing.h"
#include "etamax/report/facts.h"
#include "etamax/report/terminal.h"

/// A diagnosis for people: text, pictures, a page.
namespace etamax {

Look look(LogVerdict verdict);
/// "the learning rate was too high", for a heading.
std::string heading(LogVerdict verdict);

/// The numbers that the log gives, each with its interval and what it rests on, or why there is none.
std::vector<Fact> diagnosis_facts(const Diagnosis& diagnosis);
/// "train.log, csv: 1,200 records of 'loss' by 'step'."
std::string log_sentence(const LogSummary& log);

/// The losses on a logarithmic axis with the onset, the fit and the verdict marked, and the learning rate
/// beneath, where the log has it. None where there is nothing to show.
std::optional<Drawing> draw(const Diagnosis& diagnosis, double width);
std::vector<std::string> lines(const Diagnosis& diagnosis, const TerminalStyle& style);

/// The verdict first, then the evidence, the picture, the numbers, and what to do.
std::string to_text(const Diagnosis& diagnosis, const TerminalStyle& style);
/// One HTML file that needs nothing else.
std::string to_html(const Diagnosis& diagnosis);
/// The verdict, the evidence and the picture: what `--output x.svg` and `x.png` show.
Drawing poster(const Diagnosis& diagnosis, double width = 1200);

}  // namespace etamax
