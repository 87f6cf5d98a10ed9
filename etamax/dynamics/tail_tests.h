#pragma once

#include <limits>
#include <optional>
#include <span>

#include "etamax/dynamics/iteration.h"

/// What the points of a run that has used up its steps show. Each test is a pure function of the points, free of
/// units: a run is compared with itself, quarter by quarter. Their order is the judge's (judge.h).
namespace etamax::tail {

/// The sides of the boxes (Trajectory::extent) that hold the quarters of the points.
struct QuarterExtents {
  double first = 0, second = 0, third = 0, last = 0;
};
QuarterExtents quarter_extents(const Trajectory& path);

/// How far apart points may be that repeat, relative to their extent: after 10,000 steps a cycle whose multiplier is
/// below 0.998 is met as closely as that.
inline constexpr double kRepeats = 1e-7;
/// A last quarter that is smaller than the third by more than this share is a spiral into a point, whose points
/// nearly repeat as well.
inline constexpr double kSpirals = 1e-6;
/// A last quarter that is larger than the third by more than this share, and by as much as that was larger than the one
/// before, is a slow way out: what nears a cycle slows down.
inline constexpr double kWidens = 1e-10;
bool widens(const QuarterExtents& extents);
/// The smallest period in 2..kLongestPeriod with which the last points repeat, where they do not shrink.
std::optional<int> repeats(const Trajectory& path, const QuarterExtents& extents);
/// Whether the last quarter of the run repeats with this period, within `tolerance` of its extent: where there is a
/// memory, points may repeat for a while and then no longer.
bool keeps_period(const Trajectory& path, int period, double tolerance);

/// Of points that repeat with this period, the shortest with which they do so but for their last digits: rounding may
/// need several rounds to repeat itself.
int apart_from_rounding(const Trajectory& path, int period);

/// Each box is smaller than this share of the one before. Of a distance that falls like a power of time it is at most
/// 0.71, and 0.82 where it hops over its limit like t^-1/2, as it does right at a stability edge. Cycles and chaos fill
/// the same box again.
inline constexpr double kShrinks = 0.9;
bool shrinks(const QuarterExtents& extents);

/// Each box is larger than this multiple of the one before: chaos sets small records too.
inline constexpr double kGrows = 1.2;
/// How far the second of those two factors may fall short of the first, for rounding: growth that slows down ends on
/// a cycle.
inline constexpr double kGrowthSlack = 1e-3;
/// In fewer points, quarters of less than ten, growth may be an accident.
inline constexpr std::size_t kPointsToGrow = 40;
/// Quarter by quarter larger, and not ever less so: an escape that was too slow to overflow.
bool grows(const Trajectory& path, const QuarterExtents& extents);
/// No quarter adds less than this share of what the one before added. A random walk adds 0.8 times as much.
inline constexpr double kInProportion = 0.95;
/// The range grows at least in proportion to the steps: that is neither a cycle nor a region.
bool grows_in_proportion(const QuarterExtents& extents);

/// The last digits of the limit's own coordinates, in which a run near it may wander.
inline constexpr double kRounding = 32 * std::numeric_limits<double>::epsilon();
/// By how much of itself a box must be larger, or smaller, than the one before, and which share of that change the next
/// one must repeat, where a run grows or shrinks for good but too slowly for the other tests. A closed curve fills the
/// same box again, and a run towards one slows down.
inline constexpr double kCreeps = 1e-5, kGoesOn = 0.9;
bool creeps(const QuarterExtents& extents);

/// The last quarter stays at `point`, to kTolerance of the way traveled and kRounding of the point.
bool settles(const Trajectory& path, const QuarterExtents& extents, std::span<const double> point);

/// Into how many windows the second half is cut, and how much farther out than the one before each may reach: they
/// cut an oscillation at different phases.
inline constexpr std::size_t kWindows = 16;
inline constexpr double kWindowSlack = 1.05;
/// The boxes shrink, and over the second half the run comes nearer to `point` from window to window, without bursts.
bool approaches(const Trajectory& path, const QuarterExtents& extents, std::span<const double> point);

/// The loss at the end is below that in the middle.
bool descends(const Trajectory& path);

/// How much of its length the last quarter must get ahead: all of it on a straight way, next to nothing where it steps
/// back and forth.
inline constexpr double kTravels = 0.5;
/// The steps of the last quarter point in one direction.
bool travels(const Trajectory& path);

/// The size of the region that the second half stays in. None where it does not move.
std::optional<double> region(const QuarterExtents& extents);

/// How runs repeat that meet their neighbors, since they must: with longer periods, and less closely, than `repeats`
/// asks for.
inline constexpr int kLongestLoosePeriod = 4 * kLongestPeriod;
inline constexpr double kRepeatsLoosely = 1e-3;
/// 0: not even so.
int loose_period(const Trajectory& path);

/// A smaller exponent is none: in the 4,000 steps of the estimate two runs part to less than 1.5 times their distance.
inline constexpr double kLeastExponent = 1e-4;
/// By chance one exponent in 400 is as many standard errors above 0 (Student's t of the estimate's 8 blocks).
inline constexpr double kStandardErrors = 4;
bool is_chaotic(const LyapunovEstimate& lyapunov);

/// Eight times as many steps of a random walk lead 2.8 times as far, on the average; where chaos fills one region, they
/// fill the same. In between lies a walk that is held back: one that is held so loosely that it still spreads by half
/// as much again in four times the steps is at 2.2.
inline constexpr double kSpreads = 2.2;
/// No two random walks are alike: it takes the mean of eight, each of 40,000 steps, to say which it is.
inline constexpr std::size_t kPointsToSpread = 320000;
/// An eighth of the points, on the average, reaches farther than a sixty-fourth.
bool spreads(const Trajectory& path);

}  // namespace etamax::tail
