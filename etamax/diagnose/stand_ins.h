#pragma once

#include <string>
#include <vector>

#include "etamax/diagnose/findings.h"
#include "etamax/diagnose/log_table.h"

namespace etamax {

/// What programs print in the place of the losses of single records, put right in `columns.loss`, the records of the
/// column `name`: the negative of an objective that training raises, a zero for NaN or before the first step, a sum
/// over the whole run. Returns what was done, a sentence each.
std::vector<std::string> put_losses_right(const LogTable& table, const std::string& name, LogColumns& columns);

/// Whether two networks play against each other, of which one has a higher loss as the other's falls: a generator and a
/// discriminator, by the names of their losses.
bool has_two_players(const LogTable& table);

}  // namespace etamax
