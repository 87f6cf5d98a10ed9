#include "etamax/maps/second_pass.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "etamax/dynamics/descent.h"
#include "etamax/dynamics/iteration.h"
#include "etamax/maps/distances.h"
#include "etamax/maps/settling.h"

namespace etamax {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kBlocks = 8, kWindows = 16;
constexpr long kLast = 2 * kLongestPeriod + 2;  // points that are kept one by one
/// Of the way: what moves less than this may be on its way to a point.
constexpr double kMoves = 1e-3;
/// An exponent this far from 0, and so many standard errors, is on its side of it for every way of measuring it.
constexpr double kExponent = 0.01, kErrors = 8;
/// How much the box of the last quarter may differ from that before where a run fills the same one again.
constexpr double kSameBox = 0.05, kSameCycle = 1e-3;

/// The rule's state, then the lowest and highest of each coordinate, then a small distance in every part of the state.
StepProgram watching_program(const StepExpressions& step, const Progress& progress) {
  std::vector<std::string> names = step.state;
  std::vector<Expression> next = step.next;
  for (std::size_t i = 0; i < step.dimension; ++i) {
    names.push_back("lowest " + step.state[i]);
    next.push_back(Expression::apply(Op::min, {Expression::variable(names.back()), step.next[i]}));
  }
  for (std::size_t i = 0; i < step.dimension; ++i) {
    names.push_back("highest " + step.state[i]);
    next.push_back(Expression::apply(Op::max, {Expression::variable(names.back()), step.next[i]}));
  }
  add_growth(step, names, next, progress);
  return {next, names, step.parameters, kStepNumber};
}

/// Whether the function rises along many rays from the origin as far as is looked: 10 to 1e6.
bool rises_far_out(const Function& f) {
  const auto d = static_cast<std::size_t>(f.dimension());
  constexpr int kRays = 24;
  constexpr double kFar[] = {10, 100, 1e3, 1e4, 1e5, 1e6};
  for (int ray = 0; ray < kRays; ++ray) {
    std::vector<double> direction(d);
    double norm = 0;
    for (std::size_t i = 0; i < d; ++i) {
      direction[i] = d == 1 ? (ray % 2 == 0 ? 1 : -1)
                            : std::cos(2.399963 * (ray + 1) * static_cast<double>(i + 1) + static_cast<double>(i));
      norm = std::hypot(norm, direction[i]);
    }
    double before = -kInfinity;
    for (const double far : kFar) {
      std::vector<double> x = direction;
      for (double& v : x) v *= far / norm;
      const double value = f.value(x);
      // As fast as a straight line rises.
      if (std::isnan(value) || !(value == kInfinity || value > before + far * 1e-3)) return false;
      before = value;
    }
  }
  return true;
}

}  // namespace

SecondPass::SecondPass(const MapProblem& problem, const StepExpressions& step, bool leaves_domain,
                       const Progress& progress)
    : problem_(problem),
      dimension_(step.dimension),
      states_(step.state.size()),
      program_(watching_program(step, progress)),
      wandering_(problem, step, progress),
      leaves_domain_(leaves_domain),
      rises_everywhere_(rises_far_out(problem.function())),
      pulled_(has_decoupled_decay(problem)) {}

/// What was seen of the lanes, each row one of them.
struct SecondPass::Watched {
  std::vector<tail::QuarterExtents> extents;
  std::vector<double> total;                        ///< the box of all points
  std::vector<std::array<double, kBlocks>> growth;  ///< exponents per step, block by block of the second half
  std::vector<double> doublings;                    ///< of a small distance: Distances::most_doublings
  History middle;                                   ///< the point in the middle
  History windows;                                  ///< points at the ends of parts of the second half
  History last;                                     ///< the last points
  /// The start that was asked about last, and the answer: neighbors in a row may have the same one.
  mutable std::vector<double> start;
  mutable bool falls_from_start = false;
};

void SecondPass::watch(Lanes& lanes, Watched& seen, Cost& cost, Asking& asking) const {
  const std::size_t n = lanes.live, padded = lanes.padded();
  const std::size_t lowest = states_, highest = lowest + dimension_, distance = highest + dimension_;
  lanes.state.resize(distance + states_, std::vector<double>(padded, 0));
  std::vector<std::vector<double>> low(dimension_, std::vector<double>(n, kInfinity)), high = low;
  for (std::size_t i = 0; i < dimension_; ++i) {
    high[i].assign(n, -kInfinity);
    lanes.state[lowest + i] = lanes.state[highest + i] = lanes.state[i];
  }
  Distances distances(lanes, distance, states_, dimension_, states_);
  distances.begin();
  const auto points = static_cast<long>(problem_.max_steps()) + 1, quarter = points / 4;
  const std::array<long, 4> ends = {quarter, points / 2, points - quarter, points};
  seen.extents.resize(n), seen.total.assign(n, 0), seen.growth.assign(n, {});
  // The blocks of the growth lie in the second half, between the middle and the points that are kept one by one.
  const long half = ends[1], block_steps = std::max<long>((points - kLast - half) / static_cast<long>(kBlocks), 1);
  const long window = std::max<long>((points - half) / static_cast<long>(kWindows), 1);
  std::size_t part = 0;
  for (long at = 0; at < points - 1;) {  // the point that the run is at
    if (at + 1 == ends[part]) {
      for (std::size_t lane = 0; lane < n; ++lane) {
        double extent = 0;
        for (std::size_t i = 0; i < dimension_; ++i) {
          const double l = lanes.state[lowest + i][lane], h = lanes.state[highest + i][lane];
          extent = std::max(extent, h - l);
          low[i][lane] = std::min(low[i][lane], l), high[i][lane] = std::max(high[i][lane], h);
        }
        tail::QuarterExtents& e = seen.extents[lane];
        (part == 0 ? e.first : part == 1 ? e.second : e.third) = extent;
      }
      for (std::size_t i = 0; i < dimension_; ++i) {
        lanes.state[lowest + i].assign(padded, kInfinity);
        lanes.state[highest + i].assign(padded, -kInfinity);
      }
      ++part;
    }
    long to = std::min(at + Distances::kBroughtBack, ends[part] - 1);
    const bool keeps = at >= points - 1 - kLast;
    if (keeps) to = at + 1;
    if (at < points - 1 - kLast) to = std::min(to, points - 1 - kLast);
    if (at < half) to = std::min(to, half);
    const long block = at >= half ? (at - half) / block_steps : -1;
    if (block >= 0 && block < static_cast<long>(kBlocks)) to = std::min(to, half + (block + 1) * block_steps);
    if (at >= half) to = std::min(to, half + ((at - half) / window + 1) * window);
    lanes.run(program_, at + 1, to - at, asking);
    at = to;
    cost.gradients += static_cast<long>(n), cost.hvps += static_cast<long>(n);
    const long blocks = at >= half && (at - half) % block_steps == 0 ? (at - half) / block_steps : -1;
    if (blocks >= 0 && blocks <= static_cast<long>(kBlocks)) {  // one ends here, and another one begins
      if (blocks > 0) {
        const std::vector<double> growth = distances.growth();
        for (std::size_t lane = 0; lane < n; ++lane)
          seen.growth[lane][static_cast<std::size_t>(blocks - 1)] = growth[lane] / static_cast<double>(block_steps);
      }
      distances.restart();
    } else if (!keeps || at % Distances::kBroughtBack == 0) {
      distances.bring_back();
    }
    if (at == half) seen.middle.add(lanes);
    if (at > half && (at - half) % window == 0) seen.windows.add(lanes);
    if (keeps) seen.last.add(lanes);
  }
  for (std::size_t lane = 0; lane < n; ++lane) {
    seen.doublings.push_back(distances.most_doublings(lane));
    double extent = 0;
    for (std::size_t i = 0; i < dimension_; ++i) {
      const double l = lanes.state[lowest + i][lane], h = lanes.state[highest + i][lane];
      extent = std::max(extent, h - l);
      seen.total[lane] = std::max(seen.total[lane], std::max(high[i][lane], h) - std::min(low[i][lane], l));
    }
    seen.extents[lane].last = extent;
  }
}

/// Gradient flow from there leads to no point, but downwards for ever.
bool SecondPass::falls(std::span<const double> point, Cost& cost, Asking& asking) const {
  if (rises_everywhere_) return false;
  const Descent::Outcome outcome = descend(problem_.function(), point, cost, asking.progress()).outcome;
  return outcome != Descent::Outcome::minimum && outcome != Descent::Outcome::other_point;
}

/// It comes nearer and nearer to a minimum that holds it, over ground that is curved upwards all the way.
bool SecondPass::approaches(const Lanes& lanes, const Watched& seen, std::size_t lane, Asking& asking) const {
  constexpr double kShrinks = 0.85, kFartherOn = 1.0;
  const tail::QuarterExtents& e = seen.extents[lane];
  if (pulled_ || !(e.last < kShrinks * e.third && e.third < kShrinks * e.second)) return false;
  const std::vector<double> x = lanes.point(lane);
  const auto limit = minimum_near(problem_, lanes, lane, x, asking);
  if (!limit || !(distance(x, *limit) <= e.third)) return false;
  double before = kInfinity;
  for (std::size_t k = 0; k < seen.windows.size(); ++k) {
    const double now = distance(seen.windows.point(k, lane), *limit);
    if (!(now < kFartherOn * before)) return false;
    before = now;
  }
  return true;
}

SecondPass::Judged SecondPass::judge(const Lanes& lanes, const Watched& seen, std::size_t lane, MapPixel& pixel,
                                     Cost& cost, Asking& asking) const {
  const tail::QuarterExtents& e = seen.extents[lane];
  const std::vector<double> end = lanes.point(lane);
  const auto is = [&pixel](Verdict fate, int period = 0) {
    pixel.fate = fate, pixel.period = static_cast<std::uint8_t>(period), pixel.drawn = true;
    return Judged::certain;
  };
  const auto is_if = [&is](bool certain, Verdict fate) { return certain ? is(fate) : Judged::open; };
  if (!all_finite(end)) return is_if(!leaves_domain_, Verdict::diverges);
  std::vector<double> start;
  for (const auto& row : lanes.start) start.push_back(row[lane]);
  if (seen.start != start) seen.start = start, seen.falls_from_start = falls(start, cost, asking);
  if (seen.falls_from_start) return Judged::open;
  const bool moves = e.last > kMoves * seen.total[lane];
  if (!moves) return is_if(approaches(lanes, seen, lane, asking), Verdict::converges);
  const bool outward = e.last > tail::kGrows * e.third && e.third > tail::kGrows * e.second && e.last > e.first;
  if (outward && problem_.function().hessian_is_constant() && problem_.optimizer().recurrence &&
      e.last / e.third >= e.third / e.second * (1 - tail::kGrowthSlack / 2))
    return is(Verdict::diverges);
  if (pulled_) return Judged::open;
  const History& last = seen.last;
  if (tail::widens(e) && e.last < e.third * (1 + kSameBox)) return Judged::open;
  if (e.last >= e.third * (1 - tail::kSpirals / 2))
    if (const int period = period_of(last, lane, kMoves * seen.total[lane], asking); period > 1)
      return is(Verdict::cycles, period);
  if (!(std::abs(e.last / e.third - 1) < kSameBox))
    return is_if(approaches(lanes, seen, lane, asking), Verdict::converges);
  double mean = 0, square = 0, length = 0;
  for (const double g : seen.growth[lane]) mean += g / kBlocks, square += g * g / kBlocks;
  const double error = std::sqrt(std::max(0.0, square - mean * mean) / (kBlocks - 1));
  for (std::size_t k = 1; k < last.size(); ++k) length += last.distance(k, k - 1, lane);
  if (last.distance(last.size() - 1, 0, lane) > tail::kTravels / 2 * length) return Judged::open;
  if (mean > kExponent && mean > kErrors * error) {
    const Function& f = problem_.function();
    if (f.value(end) < f.value(seen.middle.point(0, lane)) && falls(end, cost, asking)) return Judged::open;
    return is(Verdict::chaotic);
  }
  if (mean < -kExponent && -mean > kErrors * error && std::abs(e.last / e.third - 1) < kSameCycle)
    return is(Verdict::cycles);
  return e.last > tail::kTravels * length || falls(end, cost, asking) ? Judged::open : Judged::wanders;
}

void SecondPass::run(const std::vector<MapProblem::Run>& runs, std::span<MapPixel> pixels, Cost& cost,
                     Asking& asking) const {
  constexpr long kLeastSteps = 1000;  // with fewer the parts are too short to say anything
  if (problem_.max_steps() < kLeastSteps) return;
  std::vector<MapProblem::Run> open;
  std::vector<std::size_t> number;
  for (std::size_t k = 0; k < pixels.size(); ++k)
    if (!pixels[k].drawn && pixels[k].steps >= problem_.max_steps()) open.push_back(runs[k]), number.push_back(k);
  if (open.empty()) return;
  Lanes lanes = lanes_of(problem_, dimension_, states_, open);
  Watched seen;
  watch(lanes, seen, cost, asking);
  std::vector<std::uint8_t> wanders(open.size(), 0);
  std::vector<double> doublings;
  for (std::size_t lane = 0; lane < open.size(); ++lane) {
    asking.now();
    if (judge(lanes, seen, lane, pixels[number[lane]], cost, asking) != Judged::wanders) continue;
    wanders[lane] = 1;
    doublings.push_back(seen.doublings[lane]);
  }
  if (doublings.empty()) return;
  Lanes others = lanes.chosen(wanders);
  others.state.resize(states_);
  for (std::uint32_t& k : others.number) k = static_cast<std::uint32_t>(number[k]);
  wandering_.run(std::move(others), doublings, runs, pixels, cost, asking);
}

}  // namespace etamax
