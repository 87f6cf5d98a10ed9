#include "etamax/report/comparison.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "etamax/draw/svg.h"
#include "etamax/report/explanation.h"
#include "samples.h"

namespace etamax {
namespace {

/// The same explanation under several optimizers' names.
Comparison of(const Explanation& e, const std::vector<std::string>& optimizers) {
  Comparison c;
  for (const std::string& name : optimizers) {
    c.explanations.push_back(e);
    c.explanations.back().optimizer = name;
  }
  c.grid = e.grid;
  c.standings = {{optimizers.front(), 0.8, 3, 0.046656}, {optimizers.back(), 0.8, 3, 0.5}};
  return c;
}

std::string loss_svg(const Comparison& c) {
  return to_svg(*testing::picture(comparison_pictures(), "loss").draw(c, 1000), Theme::light);
}

TEST(ComparisonPictures, EachOfTheTableIsSound) {
  for (const PictureSpec<Comparison>& picture : comparison_pictures()) {
    SCOPED_TRACE(picture.name);
    int drawn = 0;
    for (const Explanation& e : {testing::article(), testing::two_variables()})
      for (const std::vector<std::string>& names :
           {std::vector<std::string>{"gd", "adam"},
            {"adagrad", "adam", "adamw", "gd", "lion", "rmsprop", "sgd", "signsgd"}})
        for (const double width : {358.0, 600.0, 1000.0, 1144.0}) {
          const Comparison c = of(e, names);
          const auto drawing = picture.draw(c, width);
          if (!drawing) continue;
          ++drawn;
          for (const Theme theme : {Theme::light, Theme::dark, Theme::page})
            EXPECT_EQ(testing::xml_fault(to_svg(*drawing, theme)), "");
          EXPECT_EQ(testing::text_faults(*drawing), "") << width << ", " << names.size();
          EXPECT_EQ(drawing->width, width);
          EXPECT_FALSE(picture.caption(c).empty());
          for (const int columns : {40, 60, 80, 120})
            for (const std::string& line : picture.lines(c, {true, true, columns}))
              EXPECT_LE(visible_columns(line), columns);
        }
    EXPECT_GE(drawn, 8);
    EXPECT_FALSE(picture.draw(Comparison{}, 1000)) << "an empty answer has no picture";
    EXPECT_TRUE(picture.lines(Comparison{}, {}).empty());
    EXPECT_NO_THROW(testing::picture(explanation_pictures(), picture.name)) << "one name for both answers";
  }
}

RC_GTEST_PROP(ComparisonPictures, AnyAnswerDrawsSoundly, ()) {
  const Comparison c = of(*testing::any_explanation(), {"gd", "<b>", "adam"});
  for (const PictureSpec<Comparison>& picture : comparison_pictures())
    for (const double width : {358.0, 1000.0}) {
      const auto drawing = picture.draw(c, width);
      if (!drawing) continue;
      RC_ASSERT(testing::xml_fault(to_svg(*drawing, Theme::light)) == "");
      if (const std::string faults = testing::text_faults(*drawing); !faults.empty())
        RC_FAIL(picture.name + ": " + faults);
    }
  if (const std::string fault = testing::xml_fault(to_html(c)); !fault.empty()) RC_FAIL(fault);
  RC_ASSERT(testing::xml_fault(to_svg(poster(c), Theme::light)) == "");
  RC_ASSERT(!to_text(c, {true, true, 40}).empty());
}

TEST(ComparisonPictures, TheLossNamesEveryRunAndSaysWhichAreLeftOut) {
  const std::string three = loss_svg(of(testing::article(), {"gd", "sgd", "adam"}));
  for (const char* label : {"gd, lr 0.8 converges", "sgd, lr 1 cycles", "adam, lr 1.2 diverges"})
    EXPECT_NE(three.find(label), std::string::npos) << label;
  const Comparison five = of(testing::article(), {"gd", "sgd", "adam", "lion", "adamw"});
  EXPECT_NE(testing::picture(comparison_pictures(), "loss").caption(five).find("The first 2 of 3 learning rates."),
            std::string::npos);
  EXPECT_EQ(loss_svg(five).find("lr 1.2"), std::string::npos);
}

TEST(ComparisonPictures, EachPathIsNamedBesideASignOfItsColor) {
  const std::vector<std::string> names = {"gd", "sgd", "adam"};
  const Drawing drawing =
      *testing::picture(comparison_pictures(), "contour").draw(of(testing::two_variables(), names), 1000);
  std::set<Color> colors;
  for (const std::string& name : names) {
    bool found = false;
    for (std::size_t i = 1; i < drawing.items.size(); ++i) {
      const auto* text = std::get_if<Drawing::Text>(&drawing.items[i]);
      const auto* sign = std::get_if<Drawing::Marker>(&drawing.items[i - 1]);
      if (!text || text->text != name || !sign) continue;
      found = true;
      EXPECT_NEAR(sign->at.x, text->at.x, 15) << name;
      EXPECT_NEAR(sign->at.y, text->at.y, 15) << name;
      colors.insert(sign->paint.color);
    }
    EXPECT_TRUE(found) << name;
  }
  EXPECT_EQ(colors.size(), names.size());
}

TEST(ComparisonText, VerdictsThenWhoIsLowestThenTheTableThenThePicture) {
  Comparison c = of(testing::article(), {"gd", "adam"});
  c.explanations[1].stability = {};
  c.explanations[1].stability.lr_edge_reason = c.explanations[1].stability.lr_fastest_reason = "it moves with the run";
  c.explanations[1].runs[0].reason = "It moves by 0.5. And this is too long for a line.";
  const std::string text = to_text(c, {false, true, 100});
  std::size_t at = 0;
  for (const char* part :
       {"gd at lr 0.8 converges. Each step", "gd at lr 1 cycles", "adam at lr 0.8 converges. It moves by 0.5.\n",
        "After 3 steps the loss of gd at lr 0.8 is lowest, 0.046656, before adam at lr 0.8 (0.5).",
        "One step:", "What would be stable:", "optimizer", "gd ", "adam",
        "adam has none under stability edge and fastest near the minimum: it", "The loss, step by step:"}) {
    at = text.find(part, at);
    ASSERT_NE(at, std::string::npos) << part << " is missing or stands too early in\n" << text;
  }
  EXPECT_EQ(text.find("too long for a line"), std::string::npos);
  c.standings.back().loss = 0.046656 * (1 + 1e-9);  // which prints the same
  EXPECT_NE(to_text(c, {false, true, 100}).find("gd at lr 0.8 and adam at lr 0.8 have the same loss, 0.046656."),
            std::string::npos);
}

TEST(ComparisonHtml, IsOneFileThatNeedsNothingElse) {
  const std::string html = to_html(of(testing::two_variables(), {"gd", "<b>"}));
  EXPECT_EQ(testing::xml_fault(html), "");
  for (const char* part : {"&lt;b&gt; at lr", "What would be stable", "<table>", "step by step", "contour lines",
                           "The answer as JSON", "standings"})
    EXPECT_NE(html.find(part), std::string::npos) << part;
  for (const char* outside : {"<script", "src=", "@import", "url("})
    EXPECT_EQ(html.find(outside), std::string::npos) << outside;
}

TEST(ComparisonHtml, HoldsTheLabAtEachOptimizersRunsWhereItIsGiven) {
  Comparison c = of(testing::article(), {"gd", "adam"});
  c.explanations[1].hyperparameters = {{"beta1", 0.5, false}};
  const std::string html = to_html(c, "<p>the lab</p>");
  EXPECT_EQ(testing::xml_fault(html), "");
  const std::string begins = "data-address=\"#f=x%5E2&amp;from=-1&amp;lr=0.8,1,1.2&amp;steps=3&amp;optimizer=";
  const auto count = [&](const std::string& part) {
    int found = 0;
    for (std::size_t at = 0; (at = html.find(part, at)) != std::string::npos; ++at) ++found;
    return found;
  };
  EXPECT_EQ(count(begins + "gd&amp;embed=1\""), 2);  // the frame's and its button's
  EXPECT_EQ(count(begins + "adam&amp;beta1=0.5&amp;embed=1\">adam</button>"), 1);
}

}  // namespace
}  // namespace etamax
