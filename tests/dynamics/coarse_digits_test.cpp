// Far out, where a function changes faster than the digits of x: a slope that nowhere vanishes has no stationary point,
// however short the steps are beside the last digit.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "scene.h"

namespace etamax {
namespace {

/// Slopes of 1 at least, and of 1/2.
constexpr const char* kNeverLevel[] = {"tan(x)", "x + tan(x)", "2*x + sin(x)", "x + sin(x)/2", "tan(x) + tan(2*x)"};

TEST(CoarseDigits, ASlopeThatNowhereVanishesHasNoStationaryPoint) {
  for (const char* text : kNeverLevel)
    for (const double start : {1.0, 2e15, 1e16, -7e16, 3e17, 2.999999999999979e17, -1e30})
      for (const char* optimizer : {"gd", "adagrad"}) {
        const Scene s(text, {start}, optimizer);
        EXPECT_FALSE(s.experiment.descent.ends_at_point()) << text << " from " << start;
        for (const double lr : {0.5, 3.0, 17.0, 1e3, 1.3e6, 3.7e16}) {
          const FunctionRun run = s.run(lr);
          EXPECT_NE(run.verdict, Verdict::converges)
              << text << " from " << start << " by " << optimizer << " at " << lr;
        }
      }
}

TEST(CoarseDigits, AMinimumFarOutIsOneAllTheSame) {
  for (const double at : {1e6, -1e9, 1e12, 3e15})
    for (const char* form : {"(x-{0})^2", "(x-{0})^4", "cosh((x-{0})/{1})", "(x-{0})^2/{1}"}) {
      const std::string text = fmt::format(fmt::runtime(form), fmt::format("({})", at), std::abs(at) * 1e-3);
      const Scene s(text, {at * (1 + 1e-3)});
      const Descent& descent = s.experiment.descent;
      ASSERT_EQ(descent.outcome, Descent::Outcome::minimum) << text;
      EXPECT_NEAR(descent.point[0], at, 1e-5 * std::abs(at)) << text;
      if (const auto edge = s.experiment.theory.applies() ? s.experiment.theory.edge() : std::nullopt)
        EXPECT_EQ(s.run(*edge / 4).verdict, Verdict::converges) << text;
    }
}

}  // namespace
}  // namespace etamax
