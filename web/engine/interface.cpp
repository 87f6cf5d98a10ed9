// What JavaScript calls.
#include <emscripten.h>

#include "web/engine/answer.h"

extern "C" {

/// The answer to a question, both JSON in UTF-8. It is valid until the next call.
EMSCRIPTEN_KEEPALIVE const char* etamax_ask(const char* question) {
  static std::string answer;
  answer = etamax::web::answer(question);
  return answer.c_str();
}

/// Draws pixels of the map that was asked for last: see fill_map.
EMSCRIPTEN_KEEPALIVE void etamax_fill(const std::uint32_t* numbers, std::size_t count, std::uint8_t* out) {
  etamax::web::fill_map(numbers, count, out);
}
}
