#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "etamax/answers/diagnosis.h"
#include "etamax/answers/explanation.h"

namespace etamax {

/// A verdict of 79.6% is not likely yet, and may not read as if it were.
TEST(Results, ProbabilitiesAreRoundedDown) {
  for (const double score : {0.796, 0.7999, 0.8, 0.002, 0.0, 1.0}) {
    const int percent = std::stoi(percent_text(score));
    EXPECT_EQ(percent >= 80, certainty(LogVerdict::learning_rate, score) == "likely") << score;
    EXPECT_LE(percent, 100 * score);
  }
  EXPECT_EQ(percent_text(0.796), "79%");
}

TEST(Results, JsonHasNoInfinityAndNamesTheReason) {
  Explanation e;
  e.expression = "x^4";
  e.stability.lr_edge_reason = "the curvature at the minimum is 0";
  etamax::FunctionRun run;
  run.lr = 1.2;
  run.verdict = Verdict::diverges;
  run.cause = Cause::learning_rate;
  run.losses = {1, std::numeric_limits<double>::infinity()};
  e.runs.push_back(run);
  const auto json = nlohmann::json::parse(to_json(e));
  EXPECT_TRUE(json["stability"]["lr_edge"].is_null());
  EXPECT_EQ(json["stability"]["lr_edge_reason"], "the curvature at the minimum is 0");
  EXPECT_TRUE(json["runs"][0]["losses"][1].is_null());
  EXPECT_EQ(json["runs"][0]["verdict"], "diverges");
  EXPECT_EQ(json["runs"][0]["cause"], "learning_rate");
  EXPECT_EQ(json["verb"], "explain");
  EXPECT_TRUE(json["cost"].contains("peak_rss_bytes"));
}

}  // namespace etamax
