#pragma once

#include <string_view>

namespace etamax::apps {

/// The lab, docs/lab.html as it was when the program was built: for reports that hold it.
std::string_view lab_page();

}  // namespace etamax::apps
