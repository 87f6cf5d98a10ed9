// Text from outside, which need not be UTF-8.
#include "etamax/core/utf8.h"

#include <gtest/gtest.h>

#include "etamax/core/format.h"

namespace etamax {
namespace {

TEST(Utf8, LengthOfACharacter) {
  const auto length = [](std::string_view text) { return utf8_length(text, 0); };
  EXPECT_EQ(length("a"), 1u);
  EXPECT_EQ(length("\xc2\xb2"), 2u);
  EXPECT_EQ(length("\xe2\x88\x92"), 3u);
  EXPECT_EQ(length("\xf0\x9f\x98\x80"), 4u);
  EXPECT_EQ(length(""), 0u);
  EXPECT_EQ(length("\xff"), 0u);
  EXPECT_EQ(length("\x80"), 0u);
  EXPECT_EQ(length("\xe2\x88"), 0u);          // cut short
  EXPECT_EQ(length("\xc3 "), 0u);             // the same, and more text
  EXPECT_EQ(length("\xc0\xaf"), 0u);          // an overlong /
  EXPECT_EQ(length("\xed\xa0\x80"), 0u);      // half a surrogate pair
  EXPECT_EQ(length("\xf4\x90\x80\x80"), 0u);  // beyond U+10FFFF
}

TEST(Utf8, PrefixesEndWithWholeCharacters) {
  EXPECT_EQ(utf8_prefix("ab\xc2\xb2", 4), "ab\xc2\xb2");
  EXPECT_EQ(utf8_prefix("ab\xc2\xb2", 3), "ab");
  EXPECT_EQ(utf8_prefix("ab\xff\xff", 3), "ab\xff");
  EXPECT_EQ(utf8_prefix("\xf0\x9f\x98\x80", 3), "");
}

TEST(Utf8, WhatTurnsTheDirectionOfWritingIsShownAsBytes) {
  EXPECT_EQ(one_line("\xe2\x80\xaex"), "\\xe2\\x80\\xaex");
  EXPECT_EQ(one_line("\xe2\x81\xa6x\xe2\x81\xa9"), "\\xe2\\x81\\xa6x\\xe2\\x81\\xa9");
  EXPECT_EQ(one_line("\xe2\x80\x93 \xe2\x80\xa6"), "\xe2\x80\x93 \xe2\x80\xa6");  // a dash, an ellipsis
}

/// Every byte, alone and behind each lead byte of two: what is shown is UTF-8 without control characters.
TEST(Utf8, OneLineHasNoControlCharacters) {
  for (int first = 0; first < 256; ++first)
    for (int second = 0; second < 256; ++second) {
      const std::string shown = one_line(std::string{static_cast<char>(first), static_cast<char>(second)});
      for (std::size_t at = 0; at < shown.size();) {
        const std::size_t length = utf8_length(shown, at);
        ASSERT_GT(length, 0u) << first << " " << second;
        const auto byte = static_cast<unsigned char>(shown[at]);
        ASSERT_TRUE(byte >= 0x20 && byte != 0x7f) << first << " " << second;
        ASSERT_FALSE(byte == 0xc2 && static_cast<unsigned char>(shown[at + 1]) < 0xa0) << first << " " << second;
        at += length;
      }
    }
}

}  // namespace
}  // namespace etamax
