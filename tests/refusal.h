#pragma once

#include <gtest/gtest.h>

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

inline void expect_in(const std::string& part, const std::string& whole) {
  EXPECT_NE(whole.find(part), std::string::npos) << whole;
}

}  // namespace etamax::testing
