#include "etamax/report/ruler.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "etamax/draw/svg.h"
#include "samples.h"

namespace etamax {
namespace {

std::string all_text(const Drawing& drawing) {
  std::string words;
  for (const auto& item : drawing.items)
    if (const auto* text = std::get_if<Drawing::Text>(&item)) words += text->text + "|";
  return words;
}

}  // namespace

RC_GTEST_PROP(Ruler, FlagsKeepApartAndPolesMissTheLabelsOfOthers, ()) {
  std::vector<Flag> flags(static_cast<std::size_t>(*rc::gen::inRange(0, 30)));
  for (Flag& flag : flags)
    flag = {static_cast<double>(*rc::gen::inRange(0, 400)), 0, static_cast<double>(*rc::gen::inRange(5, 150)), 0};
  place_flags(flags, 4);
  for (std::size_t i = 0; i < flags.size(); ++i)
    for (std::size_t j = 0; j < flags.size(); ++j) {
      if (i == j) continue;
      const Flag &a = flags[i], &b = flags[j];
      if (a.level == b.level) RC_ASSERT(a.at + a.after + 4 <= b.at || b.at + b.after + 4 <= a.at);
      if (a.level > b.level) RC_ASSERT(a.at <= b.at || a.at >= b.at + b.after);
    }
}

RC_GTEST_PROP(Ruler, DotsTouchNoneWhileThereAreRows, ()) {
  std::vector<Flag> dots(static_cast<std::size_t>(*rc::gen::inRange(0, 40)));
  for (Flag& dot : dots) dot = {static_cast<double>(*rc::gen::inRange(0, 400)), 6, 6, 0};
  const int rows = place_dots(dots, 1, 6);
  RC_ASSERT(rows <= 6);
  if (rows == 6) return;
  for (std::size_t i = 0; i < dots.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (dots[i].level == dots[j].level) RC_ASSERT(std::abs(dots[i].at - dots[j].at) >= 13);
}

TEST(Ruler, ManyRunsCloseTogetherStayLow) {
  Ruler ruler;
  for (int i = 0; i < 30; ++i) {
    ruler.dots.push_back({0.9 + 0.01 * i, Verdict::converges});
    ruler.marks.push_back({"yours", 0.9 + 0.01 * i, {}, "yours"});
  }
  for (const double width : {358.0, 1000.0}) EXPECT_LT(draw(ruler, width)->height, 220) << width;
  EXPECT_LT(lines(ruler, {false, true, 80}).size(), 12u);
}

RC_GTEST_PROP(Ruler, TextNeverOverlapsNorSticksOut, ()) {
  const Ruler ruler = *testing::any_ruler();
  for (const double width : {358.0, 700.0, 1000.0}) {
    const auto drawing = draw(ruler, width);
    if (!drawing) continue;
    const std::string faults = testing::text_faults(*drawing);
    if (!faults.empty()) RC_FAIL(faults);
    RC_ASSERT(testing::xml_fault(to_svg(*drawing, Theme::light)) == "");
  }
}

RC_GTEST_PROP(Ruler, TerminalLinesKeepToTheirWidth, ()) {
  const Ruler ruler = *testing::any_ruler();
  for (const int width : {40, 80, 173, 400})
    for (const bool color : {false, true})
      for (const std::string& line : lines(ruler, {color, true, width})) RC_ASSERT(visible_columns(line) <= width);
}

TEST(Ruler, EveryRunIsADotAndEveryMarkIsNamed) {
  const Ruler ruler = testing::article().ruler;
  const auto drawing = draw(ruler, 1000);
  ASSERT_TRUE(drawing);
  std::size_t markers = 0;
  for (const auto& item : drawing->items) markers += std::holds_alternative<Drawing::Marker>(item);
  EXPECT_EQ(markers, ruler.dots.size());
  const std::string words = all_text(*drawing);
  for (const char* word : {"stability edge", "largest from this start", "fastest", "monotone", "oscillating but stable",
                           "diverge", "theory", "measured", "0.8", "1.2", "converges", "cycles", "diverges"})
    EXPECT_NE(words.find(word), std::string::npos) << word << " in " << words;
}

TEST(Ruler, PositionsFollowTheLogarithm) {
  Ruler ruler;
  ruler.dots = {{0.01, Verdict::converges}, {0.1, Verdict::converges}, {1, Verdict::diverges}};
  const auto drawing = draw(ruler, 1000);
  ASSERT_TRUE(drawing);
  std::vector<double> x;
  for (const auto& item : drawing->items)
    if (const auto* marker = std::get_if<Drawing::Marker>(&item); marker && marker->radius == 6)
      x.push_back(marker->at.x);
  ASSERT_EQ(x.size(), 3u);
  EXPECT_NEAR(x[1] - x[0], x[2] - x[1], 1e-6);
  EXPECT_GT(x[1] - x[0], 50);
}

TEST(Ruler, EveryBandIsNamedEvenWhereItIsTooNarrowForWords) {
  Ruler ruler;
  ruler.bands = {{"slow", 0, 1e-3, "theory"},
                 {"monotone", 1e-3, 1, "theory"},
                 {"catapult", 1, 1.001, "measured"},
                 {"diverge", 1.001, {}, "measured"}};
  for (const double width : {358.0, 1000.0}) {
    const std::string words = all_text(*draw(ruler, width));
    for (const char* word : {"slow", "monotone", "catapult", "diverge"})
      EXPECT_NE(words.find(word), std::string::npos) << word;
  }
  std::string text;
  for (const std::string& line : lines(ruler, {false, true, 60})) text += line + "\n";
  EXPECT_NE(text.find("from the left: slow, monotone, catapult, diverge"), std::string::npos) << text;
}

TEST(Ruler, WorksWithoutAnEdgeWithOneMarkAndWithNothing) {
  EXPECT_FALSE(draw(Ruler{}, 1000));
  EXPECT_TRUE(lines(Ruler{}, {}).empty());
  Ruler none_usable;
  none_usable.marks = {{"odd", -1, {}, "theory"}, {"odd", NAN, {}, "theory"}};
  EXPECT_FALSE(draw(none_usable, 1000));
  Ruler one;
  one.marks = {{"yours", 5e-324, {}, "yours"}};
  EXPECT_TRUE(draw(one, 358));
  EXPECT_FALSE(lines(one, {false, false, 40}).empty());
  Ruler wide;
  wide.dots = {{1e-300, Verdict::converges}, {1e300, Verdict::diverges}};
  EXPECT_TRUE(draw(wide, 358));
}

}  // namespace etamax
