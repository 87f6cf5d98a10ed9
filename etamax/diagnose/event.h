#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace etamax {

/// What a record of a TensorBoard event file says of scalars.
struct Event {
  struct Scalar {
    std::string_view tag;  ///< into the record
    double value = 0;
  };
  std::int64_t step = 0;
  std::vector<Scalar> scalars = {};
};

/// Reads a record into `event`, whatever that held. False where it is no whole message.
bool parse_event(std::string_view record, Event& event);

}  // namespace etamax
