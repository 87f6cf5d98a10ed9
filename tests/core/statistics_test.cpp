#include "etamax/core/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace etamax {

TEST(Statistics, Medians) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(upper_median({4, 1, 3, 2}), 3);
  EXPECT_EQ(upper_median({3, 1, 2}), 2);
  EXPECT_EQ(median({7}), 7);
  EXPECT_TRUE(std::isnan(median({})));
  EXPECT_TRUE(std::isnan(upper_median({})));
}

TEST(Statistics, MeanAndItsError) {
  const std::vector<double> x = {2, 4, 4, 4, 5, 5, 7, 9};  // squares about the mean: 32
  EXPECT_DOUBLE_EQ(mean(x), 5);
  EXPECT_DOUBLE_EQ(standard_error(x), std::sqrt(32.0 / 7 / 8));
  const double one[] = {3};
  EXPECT_EQ(mean(one), 3);
  EXPECT_TRUE(std::isnan(standard_error(one)));
  EXPECT_TRUE(std::isnan(mean({})));
}

TEST(Statistics, StudentsQuantileIsTheTabulatedOne) {
  // Of 1, 2, ... degrees of freedom: Student's inverse cumulative distribution at 0.975.
  constexpr double kTable[] = {12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462,
                               2.30600, 2.26216, 2.22814, 2.20099, 2.17881, 2.16037, 2.14479,
                               2.13145, 2.11991, 2.10982, 2.10092, 2.09302, 2.08596};
  constexpr double kError = 8e-4;  // that of the expansion at 7 degrees, where it begins
  long degrees = 0;
  for (const double quantile : kTable) {
    ++degrees;
    EXPECT_NEAR(student_t_975(degrees), quantile, kError) << degrees;
  }
  EXPECT_NEAR(student_t_975(30), 2.04227, 1e-4);
  EXPECT_NEAR(student_t_975(100), 1.98397, 1e-4);
  EXPECT_NEAR(student_t_975(1000000), 1.95997, 1e-4);
  EXPECT_EQ(student_t_975(0), std::numeric_limits<double>::infinity());
}

}  // namespace etamax
