#include "etamax/report/pictures.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "etamax/draw/svg.h"
#include "etamax/report/explanation.h"
#include "etamax/report/map.h"
#include "samples.h"

namespace etamax {
namespace {

void expect_sound(const Drawing& drawing) {
  for (const Theme theme : {Theme::light, Theme::dark, Theme::page}) {
    const std::string svg = to_svg(drawing, theme);  // throws where a coordinate is not finite
    ASSERT_EQ(testing::xml_fault(svg), "");
    ASSERT_NE(svg.find("role=\"img\""), std::string::npos);
    ASSERT_NE(svg.find("<title"), std::string::npos);
  }
  ASSERT_EQ(testing::text_faults(drawing), "");
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST(Pictures, EachOfTheTableIsSound) {
  for (const PictureSpec<Explanation>& picture : explanation_pictures()) {
    SCOPED_TRACE(picture.name);
    int drawn = 0;
    for (const Explanation& e : {testing::article(), testing::two_variables()})
      for (const double width : {358.0, 1000.0, 1144.0})
        if (const auto drawing = picture.draw(e, width)) {
          ++drawn;
          expect_sound(*drawing);
          EXPECT_EQ(drawing->width, width);
          EXPECT_FALSE(picture.caption(e).empty());
          EXPECT_FALSE(picture.lines(e, {false, true, 80}).empty());
        }
    EXPECT_GE(drawn, 3);
    EXPECT_FALSE(picture.draw(Explanation{}, 1000)) << "an empty answer has no picture";
    EXPECT_TRUE(picture.lines(Explanation{}, {}).empty());
  }
}

RC_GTEST_PROP(Pictures, AnyAnswerDrawsSoundly, ()) {
  const Explanation e = *testing::any_explanation();
  for (const PictureSpec<Explanation>& picture : explanation_pictures())
    for (const double width : {358.0, 1000.0}) {
      const auto drawing = picture.draw(e, width);
      if (!drawing) continue;
      RC_ASSERT(testing::xml_fault(to_svg(*drawing, Theme::light)) == "");
      if (const std::string faults = testing::text_faults(*drawing); !faults.empty())
        RC_FAIL(picture.name + ": " + faults);
    }
  for (const PictureSpec<Explanation>& picture : explanation_pictures())
    for (const int width : {40, 80, 400})
      for (const std::string& line : picture.lines(e, {true, true, width})) RC_ASSERT(visible_columns(line) <= width);
}

RC_GTEST_PROP(Pictures, AnyAnswerMakesAWellFormedPageAndPoster, ()) {
  const Explanation e = *testing::any_explanation();
  const std::string html = to_html(e);
  if (const std::string fault = testing::xml_fault(html); !fault.empty()) RC_FAIL(fault);
  RC_ASSERT(testing::xml_fault(to_svg(poster(e), Theme::light)) == "");
}

TEST(Pictures, ARunThatLeavesSaysWhen) {
  Explanation e = testing::article();
  etamax::FunctionRun& run = e.runs[2];
  double x = 2.744;
  for (int k = 0; k < 4; ++k) x *= -1.4, run.iterates.push_back({x}), run.losses.push_back(x * x);
  for (const PictureSpec<Explanation>& picture : explanation_pictures())
    if (picture.name == "curve") {
      EXPECT_NE(to_svg(*picture.draw(e, 1000), Theme::light).find("leaves the picture at step 4"), std::string::npos);
      run.losses[4] = NAN;
      EXPECT_NE(to_svg(*picture.draw(e, 1000), Theme::light).find("no value at step 4"), std::string::npos);
    }
}

TEST(Pictures, TheWholePathIsDrawnAndCounted) {
  Explanation e = testing::two_variables();
  const auto contour = [&] {
    for (const PictureSpec<Explanation>& picture : explanation_pictures())
      if (picture.name == "contour") return to_svg(*picture.draw(e, 1000), Theme::light);
    return std::string();
  };
  const std::string whole = contour();
  EXPECT_NE(whole.find("; 60 steps"), std::string::npos);
  EXPECT_NE(whole.find("the first 3 of 60 steps"), std::string::npos);
  e.runs[1].skipped_ahead = true;  // it was not followed step by step
  EXPECT_NE(contour().find("the first 3 steps"), std::string::npos);
  for (etamax::FunctionRun& run : e.runs) run.path.clear();
  const std::string without = contour();
  EXPECT_EQ(without.find("; 60 steps"), std::string::npos);
  EXPECT_LT(without.size(), whole.size());
  while (e.runs.size() < 12) e.runs.push_back(e.runs.front());
  for (etamax::FunctionRun& run : e.runs)
    for (int k = 0; k < 740; ++k) run.path.push_back({std::cos(k), std::sin(k)});
  EXPECT_LT(to_svg(poster(e), Theme::light).size(), 300'000u);
}

TEST(Pictures, AFactorIsSaidOfTheStepsThatItIsOf) {
  Explanation e = testing::article();
  const auto curve = [&] {
    for (const PictureSpec<Explanation>& picture : explanation_pictures())
      if (picture.name == "curve") return to_svg(*picture.draw(e, 1000), Theme::light);
    return std::string();
  };
  EXPECT_NE(curve().find("each step \u00d7 -0.6"), std::string::npos);
  e.runs[0].rate_scope = RateScope::near_limit;
  e.runs[0].kind = PointKind::minimum;
  EXPECT_NE(curve().find("\u00d7 -0.6 a step near the minimum"), std::string::npos);
}

TEST(Pictures, LossesOfZeroBelowZeroAndInfiniteAreSaid) {
  const auto label = [](std::vector<double> losses, Verdict verdict) {
    Explanation e = testing::article();
    e.runs.resize(1);
    e.runs[0].long_losses = std::move(losses);
    e.runs[0].verdict = verdict;
    for (const PictureSpec<Explanation>& picture : explanation_pictures())
      if (picture.name == "loss") return to_svg(*picture.draw(e, 1000), Theme::light);
    return std::string();
  };
  EXPECT_NE(label({1, 0, 0}, Verdict::converges).find("0 lies below it"), std::string::npos);
  EXPECT_NE(label({1, -0.5, -0.75, -0.8}, Verdict::converges).find("loss above the lowest seen, -0.8"),
            std::string::npos);
  EXPECT_EQ(label({1, 0.5, 0.25}, Verdict::converges).find("lowest seen"), std::string::npos);
  EXPECT_NE(label({1, 1e10, INFINITY}, Verdict::diverges).find("lr 0.8 diverges"), std::string::npos);
}

TEST(Pictures, TenThousandStepsAndSixtyFourVariablesStaySmall) {
  Explanation e = testing::article();
  for (etamax::FunctionRun& run : e.runs) {
    run.iterates.assign(10001, {0.5});
    run.losses.assign(10001, 0.25);
    run.long_losses.assign(2001, 0.25);
  }
  EXPECT_LT(to_html(e).size(), 6'000'000u);  // most of it the numbers as JSON
  EXPECT_LT(to_svg(poster(e), Theme::light).size(), 300'000u);
  e.variables.assign(64, "x");
  for (etamax::FunctionRun& run : e.runs) run.iterates.assign(4, std::vector<double>(64, 1.5)), run.losses.assign(4, 1);
  EXPECT_EQ(testing::xml_fault(to_html(e)), "");
}

TEST(Html, EverythingOfTheAnswerStandsThereInOrderAndEscaped) {
  Explanation e = testing::article();
  e.runs[0].reason = "because 1 < 2 & \"so\" <script>alert(1)</script>";
  e.observed.emplace();
  e.observed->sentence = "These numbers are those of lr 1.1.";
  const std::string html = to_html(e);
  EXPECT_EQ(testing::xml_fault(html), "");
  EXPECT_EQ(html.find("<script"), std::string::npos);
  std::size_t at = 0;
  for (const char* part :
       {"<!DOCTYPE html>", "those of lr 1.1", "lr 0.8 converges", "because 1 &lt; 2 &amp;", "One step", "<math>",
        "The steps", "2.744", "What would be stable", "stability edge", "learning-rate ruler", "on the curve",
        "step by step", "The answer as JSON", "lr_edge_formula", "gradients"}) {
    at = html.find(part, at);
    ASSERT_NE(at, std::string::npos) << part << " is missing or stands too early";
  }
  for (const char* outside : {"http:", "https:", "src=", "@import", "url("})
    EXPECT_EQ(count(html, outside), count(html, std::string(outside) + "//www.w3.org/2000/svg")) << outside;
}

TEST(Html, HoldsTheLabAtItsRunsWhereItIsGiven) {
  Explanation e = testing::article();
  const std::string lab = "<p title=\"a \\ b\">1 < 2 && 3</p>\n\t</script><!-- -->é";
  const std::string html = to_html(e, lab);
  EXPECT_EQ(testing::xml_fault(html), "");
  const std::string opens = "id=\"lab-page\">", closes = "</script>";
  const std::size_t from = html.find(opens) + opens.size(), to = html.find(closes, from);
  ASSERT_NE(to, std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(html.substr(from, to - from)).get<std::string>(), lab);
  EXPECT_NE(html.find("data-address=\"#f=x%5E2&amp;from=-1&amp;lr=0.8,1,1.2&amp;steps=3&amp;optimizer=gd"),
            std::string::npos);
  EXPECT_EQ(count(html, "<script"), 2u);
  EXPECT_EQ(count(to_html(e), "<script"), 0u);
  // What is in the expression stays in it.
  e.expression = "x&pick=7\"><b>";
  EXPECT_EQ(testing::xml_fault(to_html(e, lab)), "");
  EXPECT_NE(to_html(e, lab).find("#f=x%26pick%3D7%22%3E%3Cb%3E&amp;from"), std::string::npos);
}

TEST(Html, AMapOfTrainingsHoldsNoLab) {
  FateMap map;
  map.expression = "network:tanh:8";
  map.network.emplace();
  map.x = {"lr0", 1, 10, true, 2}, map.y = {"lr1", 1, 10, true, 2};
  map.pixels.resize(4);
  EXPECT_EQ(count(to_html(map, "<p>lab</p>"), "<script"), 0u);
}

}  // namespace etamax
