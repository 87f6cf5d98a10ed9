#pragma once

#include <span>
#include <vector>

/// Of no values (of less than two, where a spread is asked for) the answer is NaN.
namespace etamax {

/// Of an even number of values the mean of the two in the middle.
double median(std::vector<double> values);
/// Of an even number of values the upper one of the two in the middle, so that it is always one of the values.
double upper_median(std::vector<double> values);

double mean(std::span<const double> values);
/// Of the mean of independent values: their sample standard deviation over the root of their number.
double standard_error(std::span<const double> values);

/// The 97.5% quantile of Student's t: a mean is within so many standard errors of the truth with 95% confidence.
/// To within 8e-4; infinite for less than one degree of freedom.
double student_t_975(long degrees_of_freedom);

}  // namespace etamax
