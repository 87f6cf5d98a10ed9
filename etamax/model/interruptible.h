#pragma once

#include <exception>

#include "etamax/core/interruption.h"

namespace etamax {

/// While one lives, each new tensor of this thread asks whether the user wants to stop, and is Interrupted thrown
/// instead of made. So it ends soon whatever LibTorch does: almost every operation makes a tensor. Asks nobody unless
/// ask_for_each_tensor() was called, and nothing while an exception is under way.
class Interruptible {
 public:
  Interruptible();
  ~Interruptible();
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;

 private:
  bool before_;
};

/// Whether this thread's work, within the life of an Interruptible, is one that the user has stopped: nobody will look
/// at what it computes from now on, so that it need not.
bool is_given_up();

/// Does that work of LibTorch, and throws Interrupted where it was broken off, whatever LibTorch made of that: its
/// interpreter gives exceptions another type, and a product of matrices that was given up looks like any other.
template <typename Work>
auto interruptible(const Work& work) {
  check_interruption();
  const Interruptible meanwhile;
  try {
    auto result = work();
    check_interruption();
    return result;
  } catch (const std::exception&) {
    check_interruption();
    throw;
  }
}

/// Makes LibTorch's memory of the CPU ask, for the whole process: call it once, at the start of a program.
void ask_for_each_tensor();

}  // namespace etamax
