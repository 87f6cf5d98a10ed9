// A tuning in words and pictures: sound whatever the numbers and names are, and with the answer first.
#include "etamax/report/tuning.h"

#include <gtest/gtest.h>

#include <cmath>

#include "etamax/draw/svg.h"
#include "samples.h"

namespace etamax {
namespace {

RunRecord trial(double lr, Verdict verdict, std::optional<double> loss, std::optional<double> training_loss,
                const std::string& purpose) {
  RunRecord record;
  record.lr = lr;
  record.steps = 100;
  record.verdict = verdict;
  record.loss = loss;
  record.training_loss = training_loss;
  record.purpose = purpose;
  record.units = 10;
  return record;
}

Tuning tuned() {
  Tuning t;
  t.model = "<mlp> & \"more\"";
  t.data = "digits";
  t.loss = "cross_entropy";
  t.optimizer = "sgd";
  t.schedule = "cosine";
  t.hyperparameters = {{"momentum", 0.9, false}};
  t.batch_size = 64;
  t.horizon_steps = 400;
  t.validation_examples = 10;
  t.lr_recommended = 0.25;
  t.lr_interval = {{0.2, 0.35}};
  t.edge.lr = {1.5, 2};
  t.trainable.lr = {0.5, 0.7};
  t.valley = Tuning::Valley{100, {{0.1, 0.9}, {0.25, 0.5}, {0.5, 0.6}}};
  for (const double lr : {0.1, 0.25, 0.5}) t.trials.push_back(trial(lr, Verdict::trains, 0.5 + lr, 0.4, "candidate"));
  t.trials.push_back(trial(0.7, Verdict::diverges, {}, {}, "other seed"));
  t.answer = {"Use 0.25 for 400 steps.", "Warmup: none."};
  t.code = "optimizer = torch.optim.SGD(model.parameters(), lr=0.25)  # a < b\n";
  t.ruler.marks.push_back({"recommended", 0.25, {}, "measured"});
  t.ruler.bands = {{"trains", 0, 0.5, "measured"}, {"fails", 0.7, {}, "measured"}};
  t.ruler.dots = {{0.1, Verdict::trains}, {0.7, Verdict::diverges}};
  return t;
}

void expect_sound(const Tuning& t) {
  EXPECT_EQ(testing::xml_fault(to_svg(poster(t), Theme::light)), "");
  EXPECT_EQ(testing::xml_fault(to_html(t)), "");
  for (const PictureSpec<Tuning>& picture : tuning_pictures())
    for (const double width : {358.0, 1000.0})
      if (const auto drawn = picture.draw(t, width)) {
        EXPECT_EQ(testing::text_faults(*drawn), "") << picture.name;
        EXPECT_FALSE(picture.caption(t).empty());
      }
}

TEST(TuningReport, HasTheAnswerFirstAndEveryTrial) {
  const Tuning t = tuned();
  expect_sound(t);
  const std::string text = to_text(t, {});
  EXPECT_EQ(text.find("Use 0.25 for 400 steps."), 0u);
  EXPECT_LT(text.find(t.code), text.find("The trials:"));
  const std::string page = to_html(t);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("<mlp>"), std::string::npos);
  for (const char* part : {"<td>0.7</td>", "<td>diverges</td>", "<td>other seed</td>", "<th>purpose</th>", "a &lt; b"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
}

TEST(TuningReport, IsSoundWhereNothingIsKnown) {
  Tuning t;
  expect_sound(t);
  t.partial = true;
  t.lr_recommended_reason = "interrupted";
  t.trials = {trial(1e-300, Verdict::trains, 1e-300, 0, "bracket"),
              trial(1e300, Verdict::trains, 1e300, 1e300, "bracket"), trial(1, Verdict::trains, 0.0, 0.0, "bracket"),
              trial(2, Verdict::collapses, INFINITY, NAN, "bracket")};
  expect_sound(t);
  EXPECT_NE(to_text(t, {}).find("Interrupted"), std::string::npos);
}

}  // namespace
}  // namespace etamax
