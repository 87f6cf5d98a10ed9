#pragma once

#include <optional>
#include <string>

#include "etamax/core/tuning.h"
#include "etamax/report/chart.h"
#include "etamax/report/drawing.h"
#include "etamax/report/terminal.h"

/// A tuning for people: text, pictures, a page.
namespace etamax {

/// The trials' losses against their rates, a line for each number of steps, with the fitted valley; none where no trial
/// trained.
std::optional<Chart> valley_chart(const Tuning& tuning);

/// The recommendation, the lines to paste, the valley and the ruler, the table, the cost.
std::string to_text(const Tuning& tuning, const TerminalStyle& style);
/// One HTML file that needs nothing else.
std::string to_html(const Tuning& tuning);
/// The answer and its pictures: what `--output x.svg` and `x.png` show.
Drawing poster(const Tuning& tuning, double width = 1200);

}  // namespace etamax
