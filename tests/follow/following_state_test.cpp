// A training that was stopped carries on to the answer that it would have had, to the last bit; and a file that is not
// its own is refused.
#include "etamax/follow/following_state.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <thread>

#include "../problem/least_squares.h"
#include "../refusal.h"
#include "../temporary_folder.h"
#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/follow/follow.h"

namespace etamax {
namespace {

using Json = nlohmann::ordered_json;

/// All of an answer but what its time was.
std::string without_cost(const Following& answer) {
  Json json = Json::parse(to_json(answer));
  json.erase("cost");
  for (Json& run : json["runs"])
    for (const char* seconds : {"training_seconds", "looking_seconds"}) run.erase(seconds);
  return json.dump(1);
}

class FollowingStates : public testing::WithFolder {
 protected:
  Following followed(const FollowingOptions& options, const std::string& optimizer = "gd",
                     const Settings& settings = {}) {
    testing::LeastSquares f(200, 5, 3);
    DenseProblem problem(f, make_optimizer(optimizer, settings));
    return follow_training(problem, options);
  }
  bool is_under_way() const { return content("state").find("\"under_way\":{") != std::string::npos; }
};

TEST_F(FollowingStates, CarryOnToTheSameAnswerWhereverTheyWereStopped) {
  struct Case {
    std::string optimizer;
    Settings settings;
    double lr;
  };
  for (const Case& c : {Case{"gd", {}, 0.02}, Case{"sgd", {{"momentum", 0.9}}, 0.005}, Case{"adam", {}, 0.01}})
    for (const long batch : {0L, 20L}) {
      SCOPED_TRACE(::testing::Message() << c.optimizer << ", batches of " << batch);
      std::filesystem::remove(path("state"));
      FollowingOptions options{.lr = {c.lr, c.lr / 2}, .steps = 300, .batch_size = batch, .budget = 4, .certify = 4};
      options.schedule = "cosine";
      const std::string whole = without_cost(followed(options, c.optimizer, c.settings));
      options.state = path("state");
      // Steps that take a while, so that there is time to save after every look.
      int mid_way = 0;
      for (const int steps : {0, 40, 90, 130, 120, 60}) {
        int asked = 0;
        options.progress = [&](const WorkDone&) {
          std::this_thread::sleep_for(std::chrono::microseconds(500));
          return asked++ < steps;
        };
        EXPECT_TRUE(followed(options, c.optimizer, c.settings).partial);
        mid_way += is_under_way();
      }
      EXPECT_GE(mid_way, 3);
      options.progress = {};
      const Following last = followed(options, c.optimizer, c.settings);
      EXPECT_EQ(without_cost(last), whole);
      EXPECT_FALSE(is_under_way());
      // All of it from the file: no more steps.
      const Following again = followed(options, c.optimizer, c.settings);
      EXPECT_EQ(without_cost(again), whole);
      EXPECT_EQ(again.cost.gradients, last.cost.gradients);
      EXPECT_EQ(again.cost.hvps, last.cost.hvps);
    }
}

TEST_F(FollowingStates, KeepARunThatBlewUp) {
  FollowingOptions options{.lr = {1e3, 0.02}, .steps = 300, .budget = 1};
  const std::string whole = without_cost(followed(options));
  options.state = path("state");
  EXPECT_EQ(without_cost(followed(options)), whole);
  EXPECT_EQ(without_cost(followed(options)), whole);
}

TEST_F(FollowingStates, OfAnotherJobAreRefusedByWhatDiffers) {
  const FollowingOptions options{.lr = {0.02}, .steps = 300, .budget = 1, .state = path("state")};
  followed(options);
  FollowingOptions other = options;
  const auto refused = [&](const std::string& why, const std::string& optimizer = "gd") {
    testing::expect_refused("state", "is of another job: " + why, [&] { followed(other, optimizer); });
  };
  other.lr = {0.01};
  refused("lr is 0.02, here 0.01");
  other = options, other.steps = 400;
  refused("steps is 300, here 400");
  other = options, other.clip = 3;
  refused("clip is none, here 3");
  other = options, other.seed = 1;
  refused("seed is 0, here 1");
  other = options;
  refused("optimizer is gd, here adam", "adam");
}

/// A state in the middle of a run.
FollowedSoFar made_up() {
  FollowedSoFar f;
  SharpnessRun run;
  run.lr = 0.1, run.steps = 7, run.lost = NAN, run.losses = {1, INFINITY}, run.looking_gradients = 1.0 / 3;
  SharpnessLook look;
  look.step = 3, look.sharpness = 0.1, look.bounds = {0.09, {}}, look.edge = 20, look.layer = "0.weight \xff";
  run.looks = {look, look};
  f.runs = {run, run};
  f.runs[1].lost = {};
  f.under_way = TrainingUnderWay{
      {3, {}, 2, {{1, 0.5}, 2}}, {3, {1, 20}, {{1, -0.0, 1e-310}, {}}, "b\0y"}, {2, 4}, {1, 2, 3}, 0.1, 0.3};
  f.cost = {1, 2, 3, 4, {}};
  return f;
}

class FollowingStateFiles : public FollowingStates {
 protected:
  FollowingState state() const { return {path("state"), {{"model", "linear"}, {"steps", "16"}}}; }
  std::string written(const FollowedSoFar& f) const {
    FollowingState kept = state();
    kept.open();
    kept.save(f);
    return content("state");
  }
};

TEST_F(FollowingStateFiles, GiveBackWhatWasPutThere) {
  const std::string bytes = written(made_up());
  const FollowedSoFar f = state().open();
  EXPECT_EQ(written(f), bytes);
  ASSERT_EQ(f.runs.size(), 2u);
  EXPECT_TRUE(std::isnan(*f.runs[0].lost));
  EXPECT_EQ(f.runs[0].losses, (std::vector<double>{1, INFINITY}));
  EXPECT_EQ(f.runs[0].looking_gradients, 1.0 / 3);
  ASSERT_TRUE(f.under_way);
  EXPECT_EQ(f.under_way->run.vectors[0][2], 1e-310);
  EXPECT_TRUE(std::signbit(f.under_way->run.vectors[0][1]));
  EXPECT_EQ(f.under_way->trail, (std::vector<double>{1, 2, 3}));
  EXPECT_EQ(f.cost.hvps, 2);
}

TEST_F(FollowingStateFiles, AreRefusedWhereverTheyAreChangedOrCutOff) {
  const std::string bytes = written(made_up());
  const auto refused = [&](const std::string& changed) {
    std::filesystem::remove(path("state"));
    file("state", changed);
    testing::expect_refused("state", path("state") + ": is ", [&] { state().open(); });
  };
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    refused(changed);
    if (at > 0) refused(bytes.substr(0, at));
  }
}

TEST_F(FollowingStateFiles, SayWhatElseTheyAre) {
  const std::string bytes = written(made_up());
  const auto refused = [&](const std::string& content, const std::string& why) {
    file("state", content);
    testing::expect_refused("state", why, [&] { state().open(); });
  };
  refused("etamax follow 3 10\n", "is a state of version 3, and this etamax reads 2");
  refused("step,loss\n", "is no state of etamax follow");
}

TEST_F(FollowingStateFiles, BelongToOneProcess) {
  FollowingState mine = state();
  mine.open();
  try {
    state().open();
    ADD_FAILURE() << "two have it";
  } catch (const EnvironmentError& e) {
    testing::expect_in("another follow uses this state", e.what());
  }
}

/// One that fits its checksum and its job, but not the problem.
TEST_F(FollowingStates, ThatDoNotFitTheProblemAreDamaged) {
  FollowingOptions options{.lr = {0.02}, .steps = 300, .budget = 4, .certify = 4, .state = path("state")};
  int asked = 0;
  options.progress = [&](const WorkDone&) {
    std::this_thread::sleep_for(std::chrono::microseconds(500));
    return asked++ < 150;
  };
  followed(options);
  ASSERT_TRUE(is_under_way());
  std::string bytes = content("state");
  const std::size_t five = bytes.find("\"vectors\":[5]");
  ASSERT_NE(five, std::string::npos);
  bytes[five + 11] = '4';  // what is left over
  bytes.resize(bytes.size() - 4);
  const std::uint32_t sum = crc32_of(bytes);
  for (int k = 0; k < 4; ++k) bytes += static_cast<char>(sum >> (8 * k) & 255);
  file("state", bytes);
  testing::expect_refused("state", "is damaged; name a new file", [&] { followed(options); });
}

}  // namespace
}  // namespace etamax
