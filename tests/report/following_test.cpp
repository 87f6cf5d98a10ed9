// Followed trainings in words and pictures: sound whatever the numbers and names are, with the answer first, the line
// where the rate is at the edge, every certified look and every crossing.
#include "etamax/report/following.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "etamax/draw/svg.h"
#include "samples.h"

namespace etamax {
namespace {

/// Sharpness from 2 to the edge of gradient descent at `lr`, and there.
SharpnessRun training(double lr, bool batches) {
  SharpnessRun run;
  run.lr = lr, run.steps = 100;
  run.losses_stride = 2;
  for (int k = 0; k < 50; ++k) run.losses.push_back(std::exp(-0.05 * k));
  for (long step = 0; step <= 100; step += 10) {
    SharpnessLook look;
    look.step = step, look.lr = lr, look.loss = std::exp(-0.025 * static_cast<double>(step));
    look.sharpness = std::min(2 + 0.4 * static_cast<double>(step), 2 / lr * (step % 20 == 0 ? 1.02 : 0.98));
    look.edge = 2 / look.sharpness, look.critical = 2 / lr;
    look.layer = "0.<weight>", look.layer_share = 0.75;
    if (step % 100 == 0)
      look.bounds = {look.sharpness, 1.05 * look.sharpness}, look.gauss_newton = 0.9 * look.sharpness;
    if (batches) look.batch_sharpness = 1.5 * look.sharpness;
    if (look.of_edge() > 1 && !run.first_beyond) run.first_beyond = step;
    run.looks.push_back(look);
  }
  run.crossings = {60, 70, 80};
  run.training_gradients = 100, run.looking_gradients = 12, run.training_seconds = 4, run.looking_seconds = 0.5;
  return run;
}

Following followed(bool batches = false) {
  Following f;
  f.model = "<mlp> & \"more\"";
  f.data = "digits";
  f.loss = "mse";
  f.optimizer = "sgd";
  f.hyperparameters = {{"momentum", 0, false}};
  f.parameters = 1200, f.examples = 400, f.looked_at = 100, f.batch_size = batches ? 20 : 400, f.steps = 100;
  f.manner = {"cosine", 10, 0.5};
  f.budget = 0.15, f.confidence = 0.999;
  f.runs = {training(0.1, batches), training(0.2, batches)};
  f.answer = {"At lr 0.1 it hovers there.", "22 looks cost 12% of the steps, counted in gradients."};
  return f;
}

void expect_sound(const Following& f) {
  EXPECT_EQ(testing::xml_fault(to_svg(poster(f), Theme::light)), "");
  EXPECT_EQ(testing::xml_fault(to_html(f)), "");
  for (const PictureSpec<Following>& picture : following_pictures())
    for (const double width : {358.0, 1000.0})
      if (const auto drawn = picture.draw(f, width)) {
        for (const Theme theme : {Theme::light, Theme::dark, Theme::page})
          EXPECT_EQ(testing::xml_fault(to_svg(*drawn, theme)), "") << picture.name;
        EXPECT_EQ(testing::text_faults(*drawn), "") << picture.name << " at " << width;
        EXPECT_FALSE(picture.caption(f).empty());
      }
}

std::string sharpness_svg(const Following& f) {
  return to_svg(*testing::picture(following_pictures(), "sharpness").draw(f, 1000), Theme::light);
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t times = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
  return times;
}

TEST(FollowingReport, HasTheAnswerFirstAndEveryCertifiedLook) {
  const Following f = followed();
  expect_sound(f);
  const std::string text = to_text(f, {});
  std::size_t at = 0;
  for (const char* part :
       {"At lr 0.1 it hovers there.", "schedule cosine, a warmup of", "clipped at 0.5", "on 100 of the 400",
        "Certified looks:", "Of the time, the steps took 8 s and the looks 1 s."}) {
    at = text.find(part, at);
    ASSERT_NE(at, std::string::npos) << part << " is missing or stands too early in\n" << text;
  }
  const std::string page = to_html(f);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("<mlp>"), std::string::npos);
  EXPECT_EQ(page.find("<weight>"), std::string::npos);
  EXPECT_EQ(count(page, "0.&lt;weight&gt; 75%"), 4u) << "two rates, two certified looks each";
}

TEST(FollowingReport, ThePictureHasEachRateItsLookAndItsLine) {
  const std::string svg = sharpness_svg(followed());
  for (const char* part : {"lr 0.1", "lr 0.2", "stroke-dasharray", "step 60: sharpness", "times the edge"})
    EXPECT_NE(svg.find(part), std::string::npos) << part;
  EXPECT_EQ(count(svg, "times the edge"), 22u) << "a tip for each look";
  EXPECT_EQ(svg.find("batch sharpness"), std::string::npos);
  EXPECT_EQ(count(sharpness_svg(followed(true)), ">batch sharpness<"), 22u);
  Following without = followed();
  for (SharpnessRun& run : without.runs)
    for (SharpnessLook& look : run.looks) look.edge.reset(), look.critical.reset();
  expect_sound(without);
  EXPECT_EQ(sharpness_svg(without).find("times the edge"), std::string::npos);
}

TEST(FollowingReport, TheJsonHasWhatTheAnswerHas) {
  const nlohmann::json j = nlohmann::json::parse(to_json(followed(true)));
  ASSERT_EQ(j.at("runs").size(), 2u);
  const nlohmann::json& run = j["runs"][1];
  EXPECT_EQ(run.at("lr"), 0.2);
  EXPECT_EQ(run.at("crossings"), (std::vector<long>{60, 70, 80}));
  EXPECT_EQ(run.at("losses").size(), 50u);
  ASSERT_EQ(run.at("looks").size(), 11u);
  EXPECT_EQ(run["looks"][0].at("sharpness"), 2);
  EXPECT_EQ(run["looks"][0].at("of_edge"), 0.2);
  EXPECT_EQ(run["looks"][0].at("batch_sharpness"), 3);
  EXPECT_TRUE(run["looks"][1].at("gauss_newton").is_null());
  EXPECT_FALSE(j.contains("partial"));
}

TEST(FollowingReport, IsSoundWhereNothingIsKnownOrTheNumbersAreExtreme) {
  Following f;
  expect_sound(f);
  EXPECT_FALSE(testing::picture(following_pictures(), "sharpness").draw(f, 1000));
  f.partial = true;
  EXPECT_NE(to_text(f, {}).find("Interrupted"), std::string::npos);
  f.runs.resize(1);  // interrupted before the first look
  expect_sound(f);
  for (const double size : {1e-300, 1e300}) {
    Following e = followed(true);
    e.runs.resize(1);
    for (SharpnessLook& look : e.runs[0].looks) {
      look.sharpness *= size, look.critical = *look.critical * size, look.edge = *look.edge / size;
      look.batch_sharpness = NAN, look.bounds = {};
    }
    for (double& loss : e.runs[0].losses) loss *= size;
    expect_sound(e);
  }
  // One look, of a curvature that is negative; a loss that ends in NaN.
  Following last = followed();
  last.runs.resize(1);
  last.runs[0].looks.resize(1);
  last.runs[0].looks[0].sharpness = -1;
  last.runs[0].looks[0].bounds = {-1, -0.9};
  last.runs[0].looks[0].edge.reset(), last.runs[0].looks[0].critical.reset();
  last.runs[0].losses = {1, INFINITY, NAN};
  last.runs[0].lost = NAN;
  expect_sound(last);
  // More rates than colors.
  while (f.runs.size() < 9) f.runs.push_back(training(0.02 * static_cast<double>(f.runs.size() + 1), true));
  f.steps = 100;
  expect_sound(f);
}

}  // namespace
}  // namespace etamax
