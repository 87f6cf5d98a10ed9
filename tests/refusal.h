#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "etamax/core/error.h"

/// For tests of what is refused.
namespace etamax::testing {

/// What a call is refused with, or "(accepted)".
template <typename Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const InputError& e) {
    return e.what();
  }
  return "(accepted)";
}

/// A call is refused for that field, and the rest of the message has that part.
template <typename Call>
void expect_refused(const std::string& field, const std::string& part, Call call) {
  try {
    call();
    ADD_FAILURE() << "accepted, instead of " << field << ": " << part;
  } catch (const InputError& e) {
    const std::string said = e.what();
    EXPECT_EQ(e.field(), field) << said;
    EXPECT_EQ(said.rfind(field + ": ", 0), 0u) << said;
    EXPECT_NE(said.find(part, std::min(field.size() + 2, said.size())), std::string::npos) << said;
  }
}

inline void expect_in(const std::string& part, const std::string& whole) {
  EXPECT_NE(whole.find(part), std::string::npos) << whole;
}

}  // namespace etamax::testing
