#include "etamax/model/interruptible.h"

#include <c10/core/CPUAllocator.h>

#include <cstring>
#include <utility>

namespace etamax {
namespace {

thread_local bool asking = false;

/// LibTorch's memory, which may be refused as where there is none: code that LibTorch has for that case works here.
class AskingAllocator final : public c10::Allocator {
 public:
  explicit AskingAllocator(c10::Allocator& memory) : memory_(memory) {}
  // LibTorch 1.13 has the first of the two, 2.6 the second, and the third beside it.
  c10::DataPtr allocate(std::size_t bytes) const { return asked(bytes); }
  c10::DataPtr allocate(std::size_t bytes) { return asked(bytes); }
  void copy_data(void* to, const void* from, std::size_t bytes) const { std::memcpy(to, from, bytes); }
  c10::DeleterFnPtr raw_deleter() const override { return memory_.raw_deleter(); }

 private:
  c10::DataPtr asked(std::size_t bytes) const {
    if (asking && std::uncaught_exceptions() == 0) check_interruption();
    return memory_.allocate(bytes);
  }

  c10::Allocator& memory_;
};

}  // namespace

Interruptible::Interruptible() : before_(std::exchange(asking, true)) {}
Interruptible::~Interruptible() { asking = before_; }

bool is_given_up() { return asking && interruption_asked(); }

void ask_for_each_tensor() {
  static AskingAllocator asks(*c10::GetCPUAllocator());
  c10::SetCPUAllocator(&asks, /*priority=*/1);
}

}  // namespace etamax
