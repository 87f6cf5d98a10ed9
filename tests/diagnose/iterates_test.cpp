// Iterates: how sure their multiplier makes.
#include <gtest/gtest.h>

#include "etamax/diagnose/diagnose.h"
#include "kept_answers.h"

namespace etamax {
namespace {

Diagnosis diagnosed(const std::string& log) {
  ByteSource source = ByteSource::memory(log);
  return testing::kept(diagnose(source, {}));
}

TEST(Iterates, TheScoreIsLowWhereTheyAreFewOrTheirRatiosDiffer) {
  const double three = diagnosed("-1, 1.2, -1.44").score, four = diagnosed("-1, 1.2, -1.44, 1.728").score;
  const double noisy = diagnosed("-1, 1.2, -1.49, 1.71").score;
  EXPECT_LT(three, 0.7);
  EXPECT_LT(noisy, four);
  EXPECT_LT(three, noisy);
  EXPECT_LT(four, 0.99);
  EXPECT_GT(four, 0.95);
  const Diagnosis d = diagnosed("-1, 1.2, -1.44");
  EXPECT_EQ(d.verdict, LogVerdict::learning_rate);
  EXPECT_NE(d.reason.find("possible, 60%"), std::string::npos) << d.reason;
}

TEST(Iterates, GrowthOnOneSideOverUnknownStepsIsUndecided) {
  const char* const hundreds =
      "[-20.4] [-1.6]\n[-1.06e12] [-3.7e10]\n[-5.4e22] [-1.9e21]\n[-2.7e33] [-9.7e31]\n[nan] [nan]\n";
  const Diagnosis d = diagnosed(hundreds);
  EXPECT_TRUE(d.iterates);
  EXPECT_EQ(d.verdict, LogVerdict::unclear) << d.reason;
  EXPECT_NE(d.reason.find("may hop from side to side"), std::string::npos) << d.reason;
  // Step by step it is what it looks like.
  const Diagnosis each = diagnosed("step,x\n0,0.5\n1,-0.5\n2,-20.5\n3,-420.5\n");
  EXPECT_EQ(each.verdict, LogVerdict::not_learning_rate) << each.reason;
}

TEST(Iterates, ThatRunAwayOnBothSidesOvershootWhateverTheirFactors) {
  // The inputs of this descent grow, so that each step has another factor.
  const Diagnosis hops = diagnosed("0.5, 0.3, 0.2, 0.1, -0.07, 4.4e7, 1.6e21, -3.3e40");
  EXPECT_EQ(hops.verdict, LogVerdict::learning_rate) << to_json(hops);
  EXPECT_LT(hops.score, 0.9);
  EXPECT_FALSE(hops.multiplier.has_value());
  EXPECT_EQ(diagnosed("0.5, -0.3, 0.2, 0.1, 0.07, 4.4e7, 1.6e21, 3.3e40").verdict, LogVerdict::unclear)
      << "on one side: it may run down a function that has no lowest value";
  EXPECT_EQ(diagnosed("0.5, -0.3, 0.2, 0.1, -0.07, 0.9, 2.1, -3").verdict, LogVerdict::unclear);
}

TEST(Iterates, ThatStandStillAndMoveOnHaveNoMultiplier) {
  for (const char* log : {"-1, 2, 2, 3, 3", "-1, -1, 2, -4, 8, -16", "-1, 1.2, 1.2, -1.44"}) {
    const Diagnosis d = diagnosed(log);
    EXPECT_EQ(d.verdict, LogVerdict::unclear) << log << ": " << d.reason;
    EXPECT_NE(d.reason.find("stand still and move on"), std::string::npos) << d.reason;
    EXPECT_EQ(d.score, 0) << log;
    EXPECT_FALSE(d.multiplier) << log;
  }
  // At their limit they stand, and their last digits may still move.
  for (const char* log :
       {"-1, 0, 0, 0, 0", "-1, 0.5, -0.25, 0.125, -0.0625, 0.0312, -0.0156, 0.0001, 0.0001, 0.0002"}) {
    const Diagnosis d = diagnosed(log);
    EXPECT_EQ(d.reason.find("move on"), std::string::npos) << log << ": " << d.reason;
    EXPECT_TRUE(d.score >= 0 && d.score <= 1) << log;
  }
}

}  // namespace
}  // namespace etamax
