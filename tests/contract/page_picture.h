#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

/// Pictures of the documentation that are drawn anew by a test.
namespace etamax::testing {

inline std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// That the file holds this picture, byte for byte. With ETAMAX_UPDATE=1 it does from now on: look at it then.
inline void expect_picture(const std::string& path, const std::string& drawn) {
  if (std::getenv("ETAMAX_UPDATE")) std::ofstream(path, std::ios::binary) << drawn;
  EXPECT_TRUE(drawn == text_of(path)) << path << " is not what is drawn today";
}

}  // namespace etamax::testing
