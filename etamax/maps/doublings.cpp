#include "etamax/maps/doublings.h"

#include <cmath>
#include <optional>

namespace etamax {
namespace {

constexpr int kMostPeriod = 128;

/// x' = x - lr (f'(x) + decay x), and its derivative.
class Descending {
 public:
  Descending(const MapProblem& problem, Cost& cost)
      : f_(problem.function()),
        decay_(problem.optimizer().gradient_decay ? problem.optimizer().gradient_decay(problem.values()) : 0),
        cost_(cost) {}

  double step(double x, double lr) const {
    double g = 0;
    f_.gradient({&x, 1}, {&g, 1});
    ++cost_.gradients;
    return x - lr * (g + decay_ * x);
  }
  double growth(double x, double lr) const {
    double h = 0;
    f_.hessian({&x, 1}, {&h, 1});
    ++cost_.hvps;
    return 1 - lr * (h + decay_);
  }
  double after(double x, double lr, long steps) const {
    for (long k = 0; k < steps; ++k) x = step(x, lr);
    return x;
  }

  /// A point of a cycle, and its multiplier over one round.
  struct Cycle {
    double x = 0, multiplier = 0;
  };
  /// The cycle that Newton's steps find from x; none where they find none.
  std::optional<Cycle> cycle(double x, double lr, int period) const {
    for (int k = 0; k < 50; ++k) {
      double y = x, multiplier = 1;
      for (int p = 0; p < period; ++p) multiplier *= growth(y, lr), y = step(y, lr);
      const double move = (y - x) / (multiplier - 1);
      if (!std::isfinite(move)) return {};
      x -= move;
      if (std::abs(move) <= 1e-14 * (1 + std::abs(x))) return Cycle{x, multiplier};
    }
    return {};
  }

 private:
  const Function& f_;
  double decay_;
  Cost& cost_;
};

/// The rate in (low, high) at which the multiplier of the cycle through `x` at `low` is -1; and that cycle's point
/// there.
std::optional<std::pair<double, double>> doubling(const Descending& map, double x, double low, double high,
                                                  int period) {
  for (int k = 0; k < 200 && high - low > 1e-15 * high; ++k) {
    const double middle = low + (high - low) / 2;
    const auto found = map.cycle(x, middle, period);
    if (!found) return {};
    if (found->multiplier > -1)
      low = middle, x = found->x;
    else
      high = middle;
  }
  return std::pair(low, x);
}

}  // namespace

std::vector<PeriodDoubling> period_doublings(const MapProblem& problem, double start, double from, double to,
                                             Cost& cost) {
  constexpr long kSettling = 20000;
  constexpr int kParts = 2000;  // into which the range is cut to look for the first
  const Descending map(problem, cost);
  std::vector<PeriodDoubling> found;
  // The stable point of the lowest rate.
  auto here = map.cycle(map.after(start, from, kSettling), from, 1);
  if (!here || !(std::abs(here->multiplier) < 1)) return found;
  double lr = from, stride = (to - from) / kParts;
  for (int period = 1; period <= kMostPeriod; period *= 2) {
    std::optional<std::pair<double, double>> at;
    for (double next = lr + stride; next <= to && !at; next += stride) {
      const auto there = map.cycle(here->x, next, period);
      if (!there) return found;
      if (there->multiplier <= -1) {
        at = doubling(map, here->x, next - stride, next, period);
        if (!at) return found;
        break;
      }
      here = there;
    }
    if (!at) return found;
    PeriodDoubling doubled{period, at->first, {}};
    const std::size_t n = found.size();
    if (n >= 2) doubled.ratio = (found[n - 1].at - found[n - 2].at) / (doubled.at - found[n - 1].at);
    found.push_back(doubled);
    // Beyond it the run leaves this cycle for the one of twice the period; its range is some 4.67 times shorter.
    const double range = n >= 1 ? (doubled.at - found[n - 1].at) / 4.67 : (to - from) / 20;
    stride = range / 40;
    lr = doubled.at + range / 10;
    if (lr >= to || stride < 1e-13 * lr) return found;
    const double beside = at->second + 1e-6 * (1 + std::abs(at->second));
    here = map.cycle(map.after(beside, lr, kSettling / (2 * period) * (2 * period)), lr, 2 * period);
    if (!here || !(std::abs(here->multiplier) < 1)) return found;
    // The old cycle is one of twice its period as well.
    const double half_round = map.after(here->x, lr, period);
    if (!(std::abs(half_round - here->x) > 1e-9 * (1 + std::abs(here->x)))) return found;
  }
  return found;
}

}  // namespace etamax
