// Any bytes as a state file of tune. tests/tune/check_state.h says what must hold.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "../tune/check_state.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const std::string fault = etamax::testing::state_fault(bytes); !fault.empty()) {
    std::fprintf(stderr, "%s\n", fault.c_str());
    std::abort();
  }
  return 0;
}
