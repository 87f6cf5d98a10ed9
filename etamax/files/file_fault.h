#pragma once

#include <exception>
#include <functional>
#include <stdexcept>

namespace etamax {

/// Told of a file besides the answer that cannot be written, with what is thrown where nobody is told; and with null
/// where it is written after all. The work goes on.
using FileFault = std::function<void(const std::exception_ptr& fault)>;

/// Calls `write`, and tells what it throws. Returns whether it was done.
template <typename Write>
bool write_or_tell(const FileFault& told, Write write) {
  try {
    write();
    return true;
  } catch (const std::runtime_error&) {
    if (!told) throw;
    told(std::current_exception());
  }
  return false;
}

}  // namespace etamax
