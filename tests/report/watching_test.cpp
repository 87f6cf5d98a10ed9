// A watched training in words, pictures and numbers: sound whatever the numbers and names are, and with the answer
// first.
#include "etamax/report/watching.h"

#include <gtest/gtest.h>

#include <cmath>

#include "etamax/draw/svg.h"
#include "samples.h"

namespace etamax {
namespace {

Watching watched() {
  Watching w;
  w.model = "<Net> & \"more\"";
  w.optimizer = "sgd";
  w.hyperparameters = {{"momentum", 0.9, false}};
  w.parameters = 1234;
  w.planned_steps = 400;
  w.steps = 300;
  w.budget = 0.05;
  w.spent = 12;
  w.cap = 0.8;
  w.looks = {{0, 0.1, 8, 0.4, 0.2, "layers.0.weight", 5}, {90, 0.5, 19, 0.25, 0.1, "layers.<2>", 3}};
  w.events = {{90, WatchEventKind::capped, "etamax: step 90: lr 0.3 is 1.5 times the edge (0.2); capped at 0.1"}};
  w.rates = {{0, 0.1, 0.1}, {60, 0.3, 0.3}, {90, 0.3, 0.1}};
  w.answer = {"The rate was beyond the edge in 30 of 300 steps.", "It was warned of once, first at step 90."};
  w.notes = {"gradients are shortened"};
  w.seconds_of_training = 2;
  w.cost.seconds = 0.1;
  return w;
}

void expect_sound(const Watching& w) {
  EXPECT_EQ(testing::xml_fault(to_svg(poster(w), Theme::light)), "");
  EXPECT_EQ(testing::xml_fault(to_html(w)), "");
  for (const PictureSpec<Watching>& picture : watching_pictures())
    for (const double width : {358.0, 1000.0})
      if (const auto drawn = picture.draw(w, width)) {
        EXPECT_EQ(testing::text_faults(*drawn), "") << picture.name;
        EXPECT_FALSE(picture.caption(w).empty());
      }
}

TEST(WatchingReport, HasTheAnswerFirstAndWhatWasSaid) {
  const Watching w = watched();
  expect_sound(w);
  const std::string text = to_text(w, {});
  EXPECT_EQ(text.find(w.answer[0]), 0u);
  EXPECT_LT(text.find("What was said:"), text.find("capped at 0.1"));
  EXPECT_NE(text.find("Watching took 12 gradients, 4% of the training's 300"), std::string::npos) << text;
  EXPECT_NE(to_html(w).find("capped at 0.1"), std::string::npos);
}

TEST(WatchingReport, WithoutAnyLook) {
  Watching w;
  w.model = "Net";
  w.lr_edge_reason = "no stability edge is known for Odd";
  w.answer = {"No step has been watched yet."};
  expect_sound(w);
  EXPECT_FALSE(watching_pictures().front().draw(w, 1000));
}

TEST(WatchingReport, OfNumbersThatAreNotFinite) {
  Watching w = watched();
  w.looks[0].lr_edge = INFINITY;
  w.looks[1].sharpness = NAN;
  w.rates[1].set = INFINITY;
  expect_sound(w);
  EXPECT_NE(to_json(w).find("\"lr_edge\": null"), std::string::npos);
}

TEST(Watching, LooksAsATable) {
  EXPECT_EQ(to_csv(watched()),
            "step,lr,sharpness,lr_edge,lr_over_edge,residual,layer,gradients\r\n"
            "0,0.1,8,0.4,0.25,0.2,layers.0.weight,5\r\n"
            "90,0.5,19,0.25,2,0.1,layers.<2>,3\r\n");
}

TEST(Watching, EveryEventHasAName) {
  for (const auto& [kind, name] : {std::pair{WatchEventKind::warned, "warned"},
                                   {WatchEventKind::capped, "capped"},
                                   {WatchEventKind::released, "released"},
                                   {WatchEventKind::calm, "calm"},
                                   {WatchEventKind::not_finite, "not_finite"}})
    EXPECT_EQ(to_string(kind), name);
}

}  // namespace
}  // namespace etamax
