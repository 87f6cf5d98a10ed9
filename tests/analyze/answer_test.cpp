// What an analysis says, from its numbers alone.
#include "etamax/analyze/answer.h"

#include <gtest/gtest.h>

#include <functional>

#include "../refusal.h"

namespace etamax {
namespace {

using testing::expect_in;

TEST(Answer, HowTheLimitStandsToTheEdgeAndWhy) {
  const Optimizer gd = make_optimizer("gd", {});
  const auto why = [&](const std::function<void(Analysis&)>& change) {
    Analysis a;
    a.edge.lr = {4, 5};
    a.trainable.lr = {0.5, 0.7};
    a.trainable.steps = 200;
    a.runs.resize(2);
    a.runs[0].lr = 0.5, a.runs[1].lr = 0.7;
    a.failing.emplace().lr = 0.7;
    change(a);
    conclude(a, gd, {});
    for (std::size_t i = 0; i + 1 < a.answer.size(); ++i)
      if (a.answer[i].starts_with("Largest trainable")) return a.answer[i + 1];
    return std::string("nothing");
  };
  // What was shown by experiment, and nothing else, is said.
  const auto shown = [&](FailureCause cause, const std::function<void(FailingRun&)>& change) {
    return why([&](Analysis& a) {
      FailingRun& failing = *a.failing;
      failing.cause = cause;
      failing.onset = 4;
      for (long step = 1; step <= 5; ++step) failing.looks.push_back({step, 1, 0.9, {{}, 2}, 0.1, 0.2, 0.5});
      failing.looks[3] = {4, 0.7, 2.1, {0.4, 0.5}, 0.8, 1, 2};
      failing.onset_layer = LayerShare{"first.weight", 10, 0.6, {}};
      failing.held.emplace() = {3, 4, 12, 0.2, {}};
      failing.held->run.verdict = cause == FailureCause::curvature ? Verdict::trains : Verdict::diverges;
      failing.held->run.reason = "The loss falls from 2.3 to 0.1.";
      change(failing);
    });
  };
  const auto explain = [](FailingRun& failing) {
    failing.explained = 4;
    failing.layer = LayerShare{"last.weight", 10, 0.85, {}};
    failing.direction_out.emplace();
  };
  const std::string curved = shown(FailureCause::curvature, explain);
  for (
      const char* part :
      {"because the sharpness grows during training (progressive sharpening). After 4 steps at 0.7 the next one raises "
       "the loss from 0.7 to 2.1: the edge there is 0.4 to 0.5, below the rate, and 80% of the rise that the quadratic "
       "model predicts lies along the top eigenvector (85% of whose squared norm lies in last.weight). Made again at 0.7 "
       "with the rate held below the edge from step 3 on (in 12 steps, the lowest at 0.2) it trains: the loss falls from "
       "2.3 to 0.1; at the full rate",
       "it does not: one direction is not all of it."})
    expect_in(part, curved);
  expect_in("that direction is the cause.", shown(FailureCause::curvature, [&](FailingRun& failing) {
              explain(failing);
              failing.direction_out->run.verdict = Verdict::trains;
            }));
  const std::string other = shown(FailureCause::other, [](FailingRun&) {});
  expect_in("is not known: a lower rate where it is beyond the edge does not help. Made again at 0.7", other);
  expect_in(
      "After 4 steps at 0.7 the next one raises the loss from 0.7 to 2.1, a step 4 times as long as the median of "
      "the 3 before it, 60% of its squared norm in first.weight.",
      other);
  EXPECT_EQ(other.find("because"), std::string::npos);
  expect_in("nowhere along the run at 0.7 the rate is found beyond the edge",
            shown(FailureCause::other, [](FailingRun& failing) { failing.held->steps = 0; }));
  expect_in("is unclear. Made again", shown(FailureCause::unclear, [](FailingRun&) {}));
  expect_in("near the limit it is chance what becomes of a run", why([](Analysis&) {}));
  // The mini-batch edge is a bound that training may well cross: no reason by itself.
  const std::string above_mini_batch = why([](Analysis& a) {
    a.failing.reset();
    a.mini_batch.emplace().lr = 0.6;
  });
  EXPECT_EQ(above_mini_batch.find("0.6"), std::string::npos) << above_mini_batch;
  expect_in("was not found out to its end", why([](Analysis& a) { a.partial = true; }));
  expect_in("(not measured)", why([](Analysis& a) { a.failing.reset(); }));
  expect_in("The two agree", why([](Analysis& a) { a.edge.lr = {0.6, 0.65}; }));
  expect_in("The two agree", why([](Analysis& a) { a.edge.lr = {0.65, 0.75}; }));
  expect_in("It trains beyond the edge, up to 1.25 times it", why([](Analysis& a) { a.edge.lr = {0.3, 0.4}; }));
  EXPECT_EQ(why([](Analysis& a) { a.trainable.lr.upper.reset(); }), "nothing");
  EXPECT_EQ(why([](Analysis& a) { a.edge.lr = {}; }), "nothing");
}

}  // namespace
}  // namespace etamax
