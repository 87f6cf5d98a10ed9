#include "etamax/draw/drawing.h"

#include <gtest/gtest.h>

namespace etamax {

TEST(Drawing, AFormulaIsNotBroken) {
  const auto parts = unbreakable_parts("by 1 - 1.2 x 2 = -1.4: so");
  EXPECT_EQ(parts, (std::vector<std::string>{"by", "1 - 1.2 x 2 = -1.4:", "so"}));
}

}  // namespace etamax
