// Any bytes as options: a configuration file, or a command line. tests/cli/check_options.h says what must hold.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "../cli/check_options.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const std::string fault = etamax::testing::ETAMAX_FAULT(bytes); !fault.empty()) {
    std::fprintf(stderr, "%s\n", fault.c_str());
    std::abort();
  }
  return 0;
}
