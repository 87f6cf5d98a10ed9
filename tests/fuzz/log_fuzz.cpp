// Any bytes as a training log, by the reader that the target is named after. tests/diagnose/check_log.h says
// what must hold.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "../diagnose/check_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const std::string fault = etamax::testing::log_fault(ETAMAX_READER, bytes); !fault.empty()) {
    std::fprintf(stderr, "%s\n", fault.c_str());
    std::abort();
  }
  return 0;
}
