#include "etamax/files/pickle.h"

#include <gtest/gtest.h>

#include <string>

#include "../refusal.h"

namespace etamax {
namespace {

using namespace std::string_literals;

std::string refusal_of(const std::string& pickle) {
  return testing::refusal([&] { check_pickle("a.pkl", pickle); });
}

TEST(Pickle, PassesWhatPythonWrites) {
  // pickle.dumps(({"ab": [1, 2.5, None, True, 10**20], b"xyz": (3, 4, 70000)}, "longer"), protocol) with 0, 2 and 4.
  for (
      const std::string& pickle :
      {"((dp0\nVab\np1\n(lp2\nI1\naF2.5\naNaI01\naL100000000000000000000L\nas(I3\nI4\nI70000\ntp3\nVlonger\np4\ntp5\n."s,
       "\x80\x02}q\x00(X\x02\x00\x00\x00"
       "abq\x01]q\x02(K\x01G@\x04\x00\x00\x00\x00\x00\x00N\x88\x8a\x09\x00\x00\x10\x63\x2d\x5e\xc7\x6b\x05"
       "eu."s,
       "\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x02"
       "ab\x94]\x94(K\x01K\x02"
       "eC\x03xyz\x94K\x03K\x04J\x70\x11\x01\x00\x87\x94u."s})
    EXPECT_NO_THROW(check_pickle("a.pkl", pickle));
}

TEST(Pickle, RefusesWhatWouldTakeMoreThanItHas) {
  EXPECT_EQ(refusal_of("\x80\x02X\xff\xff\xff\xff"
                       "ab."s),
            "a.pkl: is cut off or has a wrong length at byte 7");
  EXPECT_EQ(refusal_of("\x8d\xff\xff\xff\xff\xff\xff\xff\xff."s), "a.pkl: is cut off or has a wrong length at byte 9");
  EXPECT_EQ(refusal_of("]r\xff\xff\xff\x7f."s), "a.pkl: is damaged at byte 6");  // a memo of 2^31 places
}

TEST(Pickle, RefusesWhatIsNone) {
  EXPECT_EQ(refusal_of(""), "a.pkl: is cut off or has a wrong length at byte 0");
  EXPECT_EQ(refusal_of("]"), "a.pkl: is cut off or has a wrong length at byte 1");
  EXPECT_EQ(refusal_of("\x0f"), "a.pkl: is damaged at byte 1");
  EXPECT_EQ(refusal_of("cmodule\nname"), "a.pkl: is cut off or has a wrong length at byte 8");
}

}  // namespace
}  // namespace etamax
