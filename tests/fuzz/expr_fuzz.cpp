// Any text: parse, simplify, differentiate, print, read back, evaluate. tests/expr/check_expression.h says
// what must hold.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "../expr/check_expression.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (const std::string fault = etamax::testing::text_fault(text); !fault.empty()) {
    std::fprintf(stderr, "%s\n", fault.c_str());
    std::abort();
  }
  return 0;
}
