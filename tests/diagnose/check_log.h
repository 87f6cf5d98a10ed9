#pragma once

#include <string>
#include <string_view>

namespace etamax::testing {

/// What must hold of any bytes, read by the format of that name: the answer is a diagnosis that can be shown,
/// or an InputError of one line. Event files are tried as they are and with their checksums put right, which
/// changed bytes would else never pass. "" if that holds, else what does not.
std::string log_fault(const std::string& format, std::string_view bytes);

}  // namespace etamax::testing
