#pragma once

#include <string>
#include <string_view>

namespace etamax::testing {

/// What must hold of any bytes as a state file of tune, as they are and with their checksum put right: a ledger, that
/// is the same when it has been written and read again, or an InputError of one line that names the file. "" if that
/// holds, else what does not.
std::string state_fault(std::string_view bytes);

}  // namespace etamax::testing
