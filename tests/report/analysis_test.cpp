// An analysis in words and pictures: sound whatever the numbers and names are, and with the answer first.
#include "etamax/report/analysis.h"

#include <gtest/gtest.h>

#include <cmath>

#include "etamax/draw/svg.h"
#include "samples.h"

namespace etamax {
namespace {

Analysis analyzed() {
  Analysis a;
  a.model = "<mlp> & \"more\"";
  a.data = "digits";
  a.loss = "cross_entropy";
  a.optimizer = "sgd";
  a.hyperparameters = {{"momentum", 0.9, false}};
  a.parameters = 85002;
  a.examples = a.of_examples = a.batch_size = 1797;
  a.curvature.emplace().lambda_max = {1.4, 1.5};
  a.curvature->confidence = 0.999;
  a.edge = {{2.5, 2.7}, "2 (1 + momentum) / lambda_max", ""};
  a.trainable.lr = {0.6, 0.9};
  a.trainable.steps = 200;
  a.recommended = Recommended{0.3, {1, 1}, 0.1};
  RunRecord trains, fails;
  trains.lr = 0.6;
  trains.verdict = Verdict::trains;
  trains.losses = {2.3, 1, 0.5, 0.2};
  trains.steps = 3;
  fails.lr = 0.9;
  fails.verdict = Verdict::collapses;
  fails.losses = {2.3, 1.8, 0.9, 0.5, 4, 90, 300, 310, 305};
  fails.steps = 8;
  a.runs = {trains, fails};
  a.failing.emplace();
  a.failing->lr = 0.9;
  a.failing->run = fails;
  a.failing->losses = fails.losses;
  a.failing->onset = 3;
  a.failing->looks = {
      {1, 1.8, 0.9, {{}, 1.9}, 0, -0.8, 0.1}, {2, 0.9, 0.5, {{}, 1.1}, 0, -0.3, 0.1}, {3, 0.5, 4, {0.6, 0.7}, 2, 3, 1}};
  a.failing->explained = 3;
  a.failing->layer = LayerShare{"2.weight", 65536, 0.8, {}};
  a.failing->held = Intervention{2, 3, 5, 0.3, trains};
  a.failing->cause = FailureCause::curvature;
  a.culprits.layers = {{"2.weight", 65536, 0.4, 0.58}};
  a.answer = {"Stability edge: 2.5 to 2.7.", "Training raises the curvature & fails."};
  a.ruler.marks.push_back({"stability edge", 2.6, {{2.5, 2.7}}, "theory"});
  a.ruler.bands = {{"oscillating", 0, 2.5, "theory"}, {"collapse", 0.9, {}, "measured"}};
  a.ruler.dots = {{0.6, Verdict::trains}, {0.9, Verdict::collapses}};
  return a;
}

std::optional<Drawing> draw_failing_run(const Analysis& a) {
  return testing::picture(analysis_pictures(), "failing").draw(a, 1000);
}

void expect_sound(const Analysis& a) {
  EXPECT_EQ(testing::xml_fault(to_svg(poster(a), Theme::light)), "");
  EXPECT_EQ(testing::xml_fault(to_html(a)), "");
  for (const PictureSpec<Analysis>& picture : analysis_pictures())
    for (const double width : {358.0, 1000.0})
      if (const auto drawn = picture.draw(a, width)) {
        EXPECT_EQ(testing::text_faults(*drawn), "") << picture.name;
        EXPECT_FALSE(picture.caption(a).empty());
      }
}

TEST(AnalysisReport, HasTheAnswerFirstThenWhyItFails) {
  const Analysis a = analyzed();
  expect_sound(a);
  const std::string text = to_text(a, {});
  EXPECT_LT(text.find("Stability edge: 2.5 to 2.7."), text.find("The short runs:"));
  EXPECT_NE(text.find("edge along the run   0.6 to 0.7"), std::string::npos) << text;
  const std::string page = to_html(a);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("<mlp>"), std::string::npos);
  EXPECT_NE(page.find("id=\"failing"), std::string::npos);
  EXPECT_LT(page.find("The short runs"), page.find("The run that fails below the edge"));
  EXPECT_NE(page.find("rate held below the edge"), std::string::npos);
  const auto drawn = draw_failing_run(a);
  ASSERT_TRUE(drawn.has_value());
  EXPECT_EQ(drawn->description, "The run at 0.9 fails. With its rate held below the edge: trains.");
}

TEST(AnalysisReport, BoundsAreRoundedOutwardsAndReadTheSameEverywhere) {
  Analysis a = analyzed();
  a.edge.lr = {2.5179, 2.7241};
  a.ruler.marks = {{"stability edge", 2.6, {{2.5179, 2.7241}}, "theory"}};
  a.ruler.bands = {{"oscillating", 0, 2.5179, "theory"}};
  a.failing->looks[2].edge = {0.6019, 0.6991};
  a.culprits.layers[0].lambda_max = 32228.1;
  a.curvature->confidence = 0.99999;
  const std::string text = to_text(a, {false, false, 400}), page = to_html(a);
  for (const char* bound :
       {"stability edge       2.51 to 2.73", "at least 32200", "0.601 to 0.7 ", "99.999% confidence"})
    EXPECT_NE(text.find(bound), std::string::npos) << bound << " is not in " << text;
  for (const char* bound : {"stability edge: 2.51 to 2.73 (theory)", "oscillating but stable up to 2.51 (theory)",
                            "step 3: the edge is 0.601 to 0.7", "<strong>2.51 to 2.73</strong>"})
    EXPECT_NE(page.find(bound), std::string::npos) << bound;
}

TEST(AnalysisReport, HasNoPictureOfARunThatWasNotFollowed) {
  Analysis a = analyzed();
  a.failing.reset();
  EXPECT_FALSE(draw_failing_run(a).has_value());
  EXPECT_EQ(to_html(a).find("below the edge</h"), std::string::npos);
  a.failing.emplace();  // interrupted
  EXPECT_FALSE(draw_failing_run(a).has_value());
  a = analyzed();
  a.failing->looks.resize(1);
  expect_sound(a);
  a.failing->held.reset();
  expect_sound(a);
}

TEST(AnalysisReport, IsSoundWhereNothingIsKnownAndWhereNumbersAreWild) {
  Analysis a;
  a.partial = true;
  expect_sound(a);
  EXPECT_NE(to_text(a, {}).find("Interrupted"), std::string::npos);
  for (const double wild : {0.0, -1.0, 1e-300, 1e300, double{INFINITY}, double{NAN}}) {
    a = analyzed();
    a.runs[1].losses[3] = wild;
    a.failing->looks[1].loss = a.failing->run.losses[2] = wild;
    a.failing->looks[1].edge.upper = wild;
    a.failing->explained.reset();
    expect_sound(a);
    a.runs[1].losses = {wild};
    a.runs[1].steps = 0;
    expect_sound(a);
  }
}

}  // namespace
}  // namespace etamax
