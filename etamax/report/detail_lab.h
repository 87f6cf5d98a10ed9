#pragma once

#include <string>
#include <string_view>

#include "etamax/answers/bifurcation.h"
#include "etamax/answers/explanation.h"
#include "etamax/answers/map.h"

/// The lab inside a report: one page in another, which begins with what was answered. A reader whose browser runs no
/// scripts, or who prints the report, sees nothing of it.
namespace etamax {

/// Where the lab shows the same: "#f=x%5E2&from=-1&lr=1.2&embed=1". "" where it cannot: a map whose axes it does not
/// have.
std::string lab_address(const Explanation& explanation);
std::string lab_address(const FateMap& map);
std::string lab_address(const BifurcationDiagram& diagram);

/// A section with the lab at that address. `lab` is the lab's own file, docs/lab.html; "" where either is "".
std::string html_lab(const std::string& heading, std::string_view lab, const std::string& address);

}  // namespace etamax
