#pragma once

#include <string>
#include <vector>

#include "etamax/answers/diagnosis.h"
#include "etamax/report/detail_facts.h"

/// What the text, the page and the poster of a diagnosis have in common.
namespace etamax {

/// "the learning rate was too high", for a heading.
std::string heading(LogVerdict verdict);
/// The numbers that the log gives, each with its interval and what it rests on, or why there is none.
std::vector<Fact> diagnosis_facts(const Diagnosis& diagnosis);
/// Of which explanations the score of the verdict is the sum; "" where it is that of one.
std::string sum_sentence(const Diagnosis& diagnosis);
/// "train.log, csv: 1,200 records of 'loss' by 'step'."
std::string log_sentence(const LogSummary& log);
/// With a capital and a full stop.
std::string as_sentence(std::string text);

}  // namespace etamax
