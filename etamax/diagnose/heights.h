#pragma once

#include <cstddef>
#include <vector>

/// Measures of a series of which some values are NaN: those are left out. "Of [first, last)" is of the values there.
namespace etamax {

/// The median of [first, last).
double median_of(const std::vector<double>& values, std::size_t first, std::size_t last);

/// For each value the median of those up to `reach` before and after it.
std::vector<double> running_median(const std::vector<double>& values, std::size_t reach);

/// A robust standard deviation of single values of [first, last) about their course. The smaller of two: by second
/// differences, to which a smooth course adds nothing, and by falls from one value to the next, to which a rise adds
/// nothing, however fast; of either the less, the fewer of the values are turning points. 0 where there are too few.
double noise_of(const std::vector<double>& values, std::size_t first, std::size_t last);

/// The standard score of Mann and Kendall's test of [first, last) for a trend: -2 and less is a fall that independent
/// noise does not make. 0 of fewer than three values.
double trend_score(const std::vector<double>& values, std::size_t first, std::size_t last);

}  // namespace etamax
