// Growth by a factor, growth by an amount, and growth of either sign.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "etamax/diagnose/diagnose.h"
#include "etamax/diagnose/growth.h"
#include "etamax/report/diagnosis.h"
#include "kept_answers.h"

namespace etamax {
namespace {

using Numbers = std::vector<double>;

Diagnosis diagnosed(const std::string& log) {
  ByteSource source = ByteSource::memory(log);
  return testing::kept(diagnose(source, {}));
}

Diagnosis diagnosed(const Numbers& losses) {
  std::string log;
  for (const double loss : losses) {
    char line[64];
    std::snprintf(line, sizeof line, "loss %.12g\n", loss);
    log += line;
  }
  return diagnosed(log);
}

template <class Course>
Numbers course(int records, Course of) {
  Numbers all;
  for (int i = 0; i < records; ++i) all.push_back(of(static_cast<double>(i)));
  return all;
}

bool has(const std::vector<std::string>& sentences, const std::string& words) {
  return std::any_of(sentences.begin(), sentences.end(),
                     [&](const std::string& sentence) { return sentence.find(words) != std::string::npos; });
}

bool is_steady(const Numbers& y) {
  const Numbers t = course(static_cast<int>(y.size()), [](double i) { return i; });
  const auto fit = fit_growth(t, y, y.size());
  EXPECT_TRUE(fit);
  return fit->steady;
}

TEST(Growth, IsSteadyWhereItsFactorIsTheSameAllAlong) {
  EXPECT_TRUE(is_steady(course(30, [](double i) { return std::pow(1.44, i); })));
  EXPECT_TRUE(is_steady(course(30, [](double i) { return std::pow(1.1, i) * (1 + 0.05 * std::sin(37 * i)); })));
  EXPECT_FALSE(is_steady(course(30, [](double i) { return 1 + i; })));
  EXPECT_FALSE(is_steady(course(30, [](double i) { return (1 + i) * (1 + i); })));
  EXPECT_FALSE(is_steady(course(30, [](double i) { return std::exp(0.01 * i * i); }))) << "faster and faster";
  EXPECT_FALSE(is_steady({1, 17, 17.5, 18})) << "a leap, and rest";
}

TEST(Rises, ByAnAmountAreNotBlamedOnTheRateAndHaveNoMultiplier) {
  for (const Numbers& losses :
       {course(60, [](double i) { return i; }), course(60, [](double i) { return 1 + i; }),
        course(40, [](double i) { return 50 + 30 * i; }), course(80, [](double i) { return 2 * std::pow(1 + i, 0.8); }),
        course(30, [](double i) { return 10 + 7 * i + 2 * std::sin(11 * i); })}) {
    const Diagnosis d = diagnosed(losses);
    EXPECT_EQ(d.verdict, LogVerdict::unclear) << d.reason;
    EXPECT_FALSE(d.multiplier || d.growth_per_step) << losses[1];
    EXPECT_TRUE(has(d.evidence, "by amounts that do not grow")) << d.reason;
    for (const WeighedCause& cause : d.causes) EXPECT_FALSE(has(cause.evidence, "exponential")) << cause.name;
    EXPECT_TRUE(
        std::none_of(d.shown.begin(), d.shown.end(), [](const auto& row) { return row.name == "exponential"; }));
  }
  const Diagnosis d = diagnosed(course(60, [](double i) { return 1 + std::pow(1.2, i); }));
  EXPECT_EQ(d.verdict, LogVerdict::learning_rate) << d.reason;
  ASSERT_TRUE(d.multiplier);
  EXPECT_NEAR(d.multiplier->value, -std::sqrt(1.2), 1e-3);
}

TEST(Rises, AsTheCountOfStepsAreThoseOfASumHoweverFewAreLogged) {
  const auto at = [](const Numbers& steps, auto value) {
    std::string log;
    for (const double step : steps) log += fmt::format("cost after iteration {} is {:.6g}\n", step, value(step));
    return diagnosed(log);
  };
  const auto sum = [](double t) {  // of losses between 4 and 24
    double all = 0;
    for (double i = 1; i <= t; ++i) all += 14 + 10 * std::sin(i);
    return all;
  };
  const Diagnosis swinging = at({1, 2, 3, 99, 100}, sum);
  EXPECT_EQ(swinging.verdict, LogVerdict::unclear) << swinging.reason;
  EXPECT_TRUE(has(swinging.evidence, "by amounts that do not grow")) << swinging.reason;
  for (const double first : {0.0, 1.0}) {  // counted from either
    const Diagnosis d = at({first, first + 10, first + 20, first + 30, first + 40, first + 50},
                           [&](double t) { return 2.3 * (t - first + 1); });
    EXPECT_NE(d.verdict, LogVerdict::learning_rate) << d.reason;
  }
  // By as little in the first steps, but by a factor; and as the square, as by steps of one length away from a minimum.
  EXPECT_EQ(at({1, 2, 3, 99, 100}, [](double t) { return 14 * std::pow(1.06, t); }).verdict, LogVerdict::learning_rate);
  EXPECT_EQ(at({1, 2, 3, 60, 61}, [](double t) { return 3 * t * t; }).verdict, LogVerdict::learning_rate);
}

TEST(Rises, OfWhichOneFactorDoesNotTellAreGivenNone) {
  // Blamed on the rate, as growth without a doubt; but each factor is larger than the one before.
  const Diagnosis d =
      diagnosed(course(40, [](double i) { return i < 20 ? 2 : 2 + 0.05 * std::exp(0.04 * (i - 20) * (i - 20)); }));
  EXPECT_EQ(d.verdict, LogVerdict::learning_rate) << d.reason;
  EXPECT_FALSE(d.multiplier);
  EXPECT_NE(d.multiplier_reason.find("no constant factor"), std::string::npos) << d.multiplier_reason;
  EXPECT_EQ(d.reason.find("times a step"), std::string::npos) << d.reason;
}

TEST(Falls, ByAnAmountAreFallsInAnyUnit) {
  for (const double unit : {1.0, 1e-3, 1e9}) {
    const Diagnosis d = diagnosed(course(100, [&](double i) { return unit * (100 - i); }));
    EXPECT_EQ(d.verdict, LogVerdict::healthy) << d.reason;
    EXPECT_NE(d.reason.find("at record 0 to"), std::string::npos) << d.reason;
  }
}

TEST(Size, ThatGrowsByDecadesIsGrowthWhateverTheSign) {
  for (const Numbers& losses :
       {Numbers{3.5, -3e4, -3e12, -6e28}, course(40, [](double i) { return 2.3 - std::pow(1.9, i); }),
        course(40, [](double i) { return std::pow(-1.5, i); })}) {
    const Diagnosis d = diagnosed(losses);
    EXPECT_EQ(d.verdict, LogVerdict::learning_rate) << d.reason;
    EXPECT_NEAR(d.loss.samples.back().value / std::abs(losses.back()), 1, 1e-9);
    EXPECT_TRUE(has(d.log.remarks, "its size grows by decades"));
  }
  // A likelihood of many numbers falls below zero, too, by an amount a step.
  for (const Numbers& losses : {course(40, [](double i) { return 3 - 80 * i; }),
                                course(40, [](double i) { return 2000 - 5000 * (1 - std::exp(-i / 8)); }),
                                Numbers{0.5, -2, -9, -40, -90}, Numbers{1e-4, -1, -2, -2.5}}) {
    const Diagnosis d = diagnosed(losses);
    EXPECT_EQ(d.verdict, LogVerdict::healthy) << d.reason;
    EXPECT_NEAR(d.loss.samples.back().value / losses.back(), 1, 1e-9);
  }
}

TEST(Scores, OfSeveralExplanationsAreSaidToBeTheirSum) {
  const Diagnosis d = diagnosed(course(100, [](double i) { return 100 - i; }));
  ASSERT_EQ(d.verdict, LogVerdict::healthy);
  double sum = 0;
  for (const WeighedCause& cause : d.causes) sum += cause.verdict == LogVerdict::healthy ? cause.score : 0;
  EXPECT_NEAR(sum, d.score, 1e-12);
  EXPECT_LT(d.causes.front().score, d.score - 0.1) << "so no row of the table has the number of the verdict";
  EXPECT_NE(to_text(d, {}).find("of the verdict are the sum of: nothing is wrong; spikes that"), std::string::npos)
      << to_text(d, {});
}

}  // namespace
}  // namespace etamax
