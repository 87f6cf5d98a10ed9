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
    a.failing = FailingRun{0.7, {{0, 2.3, {4, 5}}, {1, 2.2, {{}, 2}}, {2, 2.1, {{}, 3}}}, {}, {}, 10};
    change(a);
    conclude(a, gd, {});
    for (std::size_t i = 0; i + 1 < a.answer.size(); ++i)
      if (a.answer[i].starts_with("Largest trainable")) return a.answer[i + 1];
    return std::string("nothing");
  };
  expect_in("(lowest: at most 2, after 1 step): it fails for another reason.", why([](Analysis&) {}));
  expect_in("by the noise of its batches, or for another reason",
            why([](Analysis& a) { a.mini_batch.emplace().lr = 3; }));
  // The mini-batch edge is a bound that training may well cross: no reason by itself.
  const std::string above_mini_batch = why([](Analysis& a) {
    a.failing.reset();
    a.mini_batch.emplace().lr = 0.6;
  });
  EXPECT_EQ(above_mini_batch.find("0.6"), std::string::npos) << above_mini_batch;
  expect_in("After 3 steps, with the loss at 1.5, the edge is 0.4 to 0.5, below the rate", why([](Analysis& a) {
              a.failing->looks.push_back({3, 1.5, {0.4, 0.5}});
              a.failing->crossed = 3;
            }));
  expect_in("(not followed to its end)", why([](Analysis& a) { a.partial = true; }));
  expect_in("(not measured)", why([](Analysis& a) { a.failing.reset(); }));
  expect_in("The two agree", why([](Analysis& a) { a.edge.lr = {0.6, 0.65}; }));
  expect_in("The two agree", why([](Analysis& a) { a.edge.lr = {0.65, 0.75}; }));
  expect_in("It trains beyond the edge, up to 1.25 times it", why([](Analysis& a) { a.edge.lr = {0.3, 0.4}; }));
  EXPECT_EQ(why([](Analysis& a) { a.trainable.lr.upper.reset(); }), "nothing");
  EXPECT_EQ(why([](Analysis& a) { a.edge.lr = {}; }), "nothing");
}

}  // namespace
}  // namespace etamax
