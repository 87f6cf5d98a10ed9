#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "etamax/report/explanation.h"
#include "samples.h"

namespace etamax {
namespace {

/// Compares with a file of tests/golden; with ETAMAX_UPDATE_GOLDEN set (tests/golden/update does) it writes
/// the file.
void expect_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(ETAMAX_SOURCE_DIR) + "/tests/golden/" + name;
  if (std::getenv("ETAMAX_UPDATE_GOLDEN")) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(text, golden.str()) << "differs from " << name
                                << "; if that is right, run tests/golden/update and look at it";
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::stringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST(Text, ArticleAsItWasReviewed) {
  expect_golden("article_unicode.txt", to_text(testing::article(), {false, true, 80}));
  expect_golden("article_ascii.txt", to_text(testing::article(), {false, false, 80}));
  expect_golden("article_color_120.txt", to_text(testing::article(), {true, true, 120}));
  expect_golden("two_variables_60.txt", to_text(testing::two_variables(), {false, true, 60}));
}

TEST(Text, AsciiIsAscii) {
  for (const Explanation& e : {testing::article(), testing::two_variables()})
    for (const char c : to_text(e, {true, false, 80})) EXPECT_GE(c, 0);
}

TEST(Text, ColorsAddNothingButEscapes) {
  TerminalStyle style{true, true, 90};
  for (const std::string& line : lines_of(to_text(testing::article(), style))) {
    const std::size_t last = line.rfind("\x1b[");
    if (last == std::string::npos) continue;
    EXPECT_EQ(line.substr(last, 4), "\x1b[0m") << "a color runs on into the next line";
  }
}

TEST(Text, TheOrderIsFixed) {
  Explanation e = testing::article();
  e.observed.emplace();
  e.observed->sentence = "These are the numbers of lr 1.1.";
  const std::string text = to_text(e, {false, true, 100});
  std::size_t at = 0;
  for (const char* part : {"lr 0.8 converges", "lr 1 cycles", "lr 1.2 diverges", "lr 1.1", "new x = x*(1 - 2*lr)",
                           "-1.4", "step", "2.744", "stability edge", "learning-rate ruler"}) {
    at = text.find(part, at);
    ASSERT_NE(at, std::string::npos) << part << " is missing or stands too early";
  }
}

TEST(Text, ManyRunsAndManyVariablesKeepToTheWidth) {
  Explanation many = testing::article();
  while (many.runs.size() < 30) many.runs.push_back(many.runs[many.runs.size() % 3]);
  Explanation wide = testing::two_variables();
  wide.variables.assign(64, "x");
  wide.update.clear(), wide.gradient.clear(), wide.grid.reset();
  for (etamax::FunctionRun& run : wide.runs)
    for (auto& x : run.iterates) x.assign(64, -0.123456);
  Explanation longer = testing::article();
  for (etamax::FunctionRun& run : longer.runs) run.iterates.resize(5001, {1}), run.losses.resize(5001, 1);
  for (const Explanation& e : {many, wide, longer})
    for (const int width : {40, 60, 80, 200, 400}) {
      const std::string text = to_text(e, {false, true, width});
      for (const std::string& line : lines_of(text)) EXPECT_LE(visible_columns(line), width) << line;
      EXPECT_LT(lines_of(text).size(), 1500u);
    }
  EXPECT_NE(to_text(wide, {false, true, 80}).find("too wide"), std::string::npos) << "what is left out is said";
  EXPECT_NE(to_text(longer, {false, true, 80}).find("The JSON has all"), std::string::npos);
}

RC_GTEST_PROP(Text, AnyAnswerIsText, ()) {
  const Explanation e = *testing::any_explanation();
  for (const int width : {-5, 40, 100, 1000})
    for (const auto tell : {to_text, to_plain_words})
      RC_ASSERT(!tell(e, {*rc::gen::arbitrary<bool>(), true, width}).empty());
}

}  // namespace etamax
