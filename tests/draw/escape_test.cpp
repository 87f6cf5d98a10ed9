#include "etamax/draw/escape.h"

#include <gtest/gtest.h>

#include "faults.h"

namespace etamax {

TEST(Escape, MarkupAndWhatIsNoText) {
  EXPECT_EQ(escaped("a<b & \"c\" > 'd'"), "a&lt;b &amp; &quot;c&quot; &gt; &#39;d&#39;");
  EXPECT_EQ(escaped("x² λ"), "x² λ");
  const std::string replacement = "\xEF\xBF\xBD";
  EXPECT_EQ(escaped(std::string("a\0b", 3)), "a" + replacement + "b");
  EXPECT_EQ(escaped("\x1b[31m"), replacement + "[31m");
  EXPECT_EQ(escaped("\xff"), replacement);
  EXPECT_EQ(escaped("\xef\xbf\xbe"), replacement + replacement + replacement);  // U+FFFE
  EXPECT_EQ(escaped("\xc3"), replacement);                                      // cut short
  EXPECT_EQ(escaped("\xc0\xaf"), replacement + replacement);                    // an overlong /
  EXPECT_EQ(escaped("\xed\xa0\x80"), replacement + replacement + replacement);  // half a surrogate pair
}

TEST(Escape, TheCheckerOfTheseTestsFindsFaults) {
  using testing::xml_fault;
  EXPECT_EQ(xml_fault("<a b=\"1\"><c/>text &amp; &#39;</a>\n"), "");
  for (const char* bad : {"<a>", "<a></b>", "<a b=1/>", "<a b=\"1\" b=\"2\"/>", "<a>&</a>", "<a>&nbsp;</a>", "<a/><b/>",
                          "text", "<a b=\"<\"/>", "<a>\x01</a>", "< a/>", "<a", ""})
    EXPECT_NE(xml_fault(bad), "") << bad;
}

}  // namespace etamax
