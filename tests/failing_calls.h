#pragma once

#include <functional>

/// For tests of what becomes of files where the machine fails: an executable that has failing_calls.cpp makes its
/// system calls on files through it.
namespace etamax::testing {

enum class Fault {
  error,         ///< the call fails with an error that stays
  interruption,  ///< it fails with EINTR, once
  short_write,   ///< a write takes half of what it is given
  death,         ///< the process ends there, in the middle of a write: only in a process of its own
};

/// Makes `work` with the fault in its k-th system call (from 1) that can have it. Returns false where there were fewer.
bool with_fault(Fault fault, int error, int k, const std::function<void()>& work);

}  // namespace etamax::testing
