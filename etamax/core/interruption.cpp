#include "etamax/core/interruption.h"

#include <atomic>

#include "etamax/core/error.h"

namespace etamax {
namespace {

std::atomic<bool (*)()> check = nullptr;

}  // namespace

void set_interruption_check(bool (*asked)()) { check = asked; }

bool interruption_asked() {
  bool (*const asked)() = check.load(std::memory_order_relaxed);
  return asked != nullptr && asked();
}

void check_interruption() {
  if (interruption_asked()) throw Interrupted();
}

}  // namespace etamax
