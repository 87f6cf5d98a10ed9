#pragma once

#include <string>
#include <string_view>
#include <vector>

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

/// What a reader can have the lab begin with: its name on a button, and the address.
struct LabPlace {
  std::string name;
  std::string address;
};
/// A section with the lab at the first of the places; where there are several, a button leads to each. `lab` is the
/// lab's own file, docs/lab.html. "" where that is "", where there is no place, and where the first has no address.
std::string html_lab(const std::string& heading, std::string_view lab, const std::vector<LabPlace>& places);
inline std::string html_lab(const std::string& heading, std::string_view lab, const std::string& address) {
  return html_lab(heading, lab, std::vector<LabPlace>{{"", address}});
}

}  // namespace etamax
