#include "etamax/draw/drawing.h"

#include <gtest/gtest.h>

#include "etamax/draw/chart.h"

namespace etamax {

TEST(Drawing, AFormulaIsNotBroken) {
  const auto parts = unbreakable_parts("by 1 - 1.2 x 2 = -1.4: so");
  EXPECT_EQ(parts, (std::vector<std::string>{"by", "1 - 1.2 x 2 = -1.4:", "so"}));
}

TEST(Chart, ASubtitleWithoutRoomLosesWholeWords) {
  Chart chart;
  chart.subtitle = "shrinks by a tenth; 4887 steps";
  chart.lines.push_back({});
  chart.lines.back().points = {{0, 1}, {1, 2}};
  for (int columns = 12; columns < 40; ++columns) {
    const std::string shown = lines(chart, columns, 8, {}).front();
    EXPECT_TRUE(shown == "shrinks by" || shown == "shrinks by a" || shown == "shrinks by a tenth" ||
                shown == "shrinks by a tenth; 4887" || shown == chart.subtitle)
        << columns << ": " << shown;
  }
}

}  // namespace etamax
