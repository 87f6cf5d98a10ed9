#pragma once

#include <string>

#include "etamax/diagnose/findings.h"

/// Parts of sentences about a log. Every number in them is a record's own, so that no sentence can contradict the plot.
namespace etamax {

/// "step 40"; "record 40" where the log does not count steps.
std::string step_text(const Findings& findings, std::size_t record);
std::string value_text(double value);
/// The record's loss: "0.31".
std::string loss_text(const Findings& findings, std::size_t record);
/// "0.31 at step 40".
std::string loss_at(const Findings& findings, std::size_t record);
/// "from 0.31 at step 40 to 1e5 at step 52".
std::string from_to(const Findings& findings, std::size_t first, std::size_t last);
/// The record with the lowest or the highest finite loss of the first `last` ones.
std::size_t lowest_record(const Findings& findings, std::size_t last);
std::size_t highest_record(const Findings& findings, std::size_t last);
/// `what`, and from where to where the finite losses go; in general terms where the last is not below the first (not
/// above it).
std::string course_down(const Findings& findings, const std::string& what);
std::string course_up(const Findings& findings, const std::string& what);
/// What is to be seen, before what it means.
std::string course_of(const Findings& findings);

}  // namespace etamax
