// Any bytes as a file of numbers, by the reader that the target is named after. tests/files/check_file.h says
// what must hold.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "../files/check_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const std::string fault = etamax::testing::file_fault(ETAMAX_READER, bytes); !fault.empty()) {
    std::fprintf(stderr, "%s\n", fault.c_str());
    std::abort();
  }
  return 0;
}
