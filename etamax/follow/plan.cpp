#include "etamax/follow/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/curvature/probe.h"
#include "etamax/problem/batches.h"

namespace etamax {
namespace {

constexpr double kWantedLooks = 10;           // tracked ones, before fewer examples are looked at
constexpr std::int64_t kLeastExamples = 256;  // or all
constexpr double kMostCertified = 0.6;        // of the allowance, before fewer are certified
constexpr double kMostLooks = 2000;
constexpr double kGaussNewtonProduct = 3;  // in gradients: at most seven multiplications to three, and some room
constexpr double kWide = 2;                // arithmetic in 64 bit, over that in 32
constexpr long kRoundoffProducts = 2;      // in 32 bit, and as many in 64: along both ends

/// `count` whole numbers from `first` to `last`, both among them, each once.
std::vector<long> spread(long first, long last, long count) {
  std::vector<long> steps;
  for (long i = 0; i < count; ++i) {
    const double part = count == 1 ? 0 : static_cast<double>(i) / static_cast<double>(count - 1);
    steps.push_back(first + std::lround(part * static_cast<double>(last - first)));
  }
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  return steps;
}

}  // namespace

double LookPrices::products(long count) const {
  return count <= 0 ? 0 : share * (product.first + product.later * static_cast<double>(count - 1));
}

/// The one product after them is a first one: their graph took the place of the one that was kept.
double LookPrices::roundoff(long products_64) const {
  return products_64 > 0 ? kWide * products(products_64) + share * (product.first - product.later) : 0;
}

double LookPrices::certified(long steps) const {
  const long again = static_cast<std::size_t>(steps) > basis ? steps - 1 : 0;
  const long measured = measures_roundoff ? kRoundoffProducts : 0, value = 1;
  return tracked(steps + again + measured + value) + roundoff(measured) + gauss_newton;
}

long LookPrices::tracked_within(double allowed) const {
  const double left = allowed - tracked(0);
  if (left < products(1)) return 0;
  return 1 + static_cast<long>((left - products(1)) / (share * product.later));
}

long LookPrices::certified_within(double allowed) const {
  const long products = tracked_within(allowed - (certified(1) - tracked(1)));
  return std::max(std::min(products, static_cast<long>(basis)), (products + 1) / 2);
}

LookPrices look_prices(Objective& all, Objective& looked_at, const FollowingOptions& o) {
  LookPrices prices;
  const auto count = [](Objective& f) { return static_cast<double>(f.examples() ? f.examples()->count() : 1); };
  prices.share = count(looked_at) / count(all);
  prices.product = looked_at.product_price();
  prices.measures_roundoff = roundoff_is_measured(looked_at);
  prices.basis = basis_vectors_to_keep(looked_at);
  if (looked_at.has_matrix(MatrixKind::gauss_newton)) prices.gauss_newton = prices.share * kGaussNewtonProduct;
  if (!is_full_batch(all, o.batch_size))
    prices.batch_sharpness =
        kLookBatches * (1 + prices.product.first) * static_cast<double>(most_in_batch(all, o.batch_size)) / count(all);
  return prices;
}

bool LookPlan::is_certified(long step) const { return std::binary_search(certified.begin(), certified.end(), step); }

double LookPlan::reserved(long after) const {
  const auto left = certified.end() - std::upper_bound(certified.begin(), certified.end(), after);
  return certified_cost * static_cast<double>(left);
}

double LookPlan::allowed_by(long step) const {
  const auto due = static_cast<double>(std::upper_bound(steps.begin(), steps.end(), step) - steps.begin());
  const double tracked = allowance - certified_cost * static_cast<double>(std::max<std::size_t>(1, certified.size()));
  return allowance - reserved(step) - tracked * (1 - due / static_cast<double>(steps.size()));
}

LookPlan plan_looks(Objective& f, const FollowingOptions& o, long first) {
  LookPlan plan;
  const auto all = static_cast<double>(f.examples() ? f.examples()->count() : 1);
  const bool batched = !is_full_batch(f, o.batch_size);
  const std::int64_t batches =
      batched ? batches_in(f.examples()->count(), o.batch_size, f.examples()->least_batch()) : 1;
  plan.training = static_cast<double>(o.steps) / static_cast<double>(batches);
  plan.allowance = o.budget * plan.training;
  LookPrices prices = look_prices(f, f, o);
  const double of_batches = prices.batch_sharpness;
  const double tracked = prices.tracked(kTrackedProducts) - of_batches,
               certified = prices.certified(kCertifyingSteps) - of_batches;
  const double wanted = kWantedLooks * tracked + static_cast<double>(o.certify) * certified;
  const double room = plan.allowance - kWantedLooks * of_batches;
  const auto least = static_cast<double>(std::min<std::int64_t>(kLeastExamples, static_cast<std::int64_t>(all)));
  plan.examples = static_cast<std::int64_t>(o.look_examples > 0 ? std::min(static_cast<double>(o.look_examples), all)
                                                                : std::clamp(all * room / wanted, least, all));
  const double share = static_cast<double>(plan.examples) / all;
  plan.tracked_cost = tracked * share + of_batches;
  plan.certified_cost = certified * share + of_batches;
  long certified_looks = o.certify;
  while (certified_looks > 1 &&
         static_cast<double>(certified_looks) * plan.certified_cost > kMostCertified * plan.allowance)
    --certified_looks;
  // Without a certified one the first look is a whole estimate.
  const double begin = static_cast<double>(std::max(1L, certified_looks)) * plan.certified_cost;
  const double left = plan.allowance - begin;
  if (left < plan.tracked_cost)
    throw InputError(
        "budget",
        fmt::format("{} of this training pays for no look but the first; `budget={}` pays for {}, on {}",
                    format_number(o.budget), rounded_up((begin + kWantedLooks * plan.tracked_cost) / plan.training, 2),
                    kWantedLooks + static_cast<double>(std::max(1L, certified_looks)),
                    counted(plan.examples, "example")));
  const double looks = std::min({left / plan.tracked_cost, kMostLooks, static_cast<double>(o.steps)});
  const long last = o.steps;
  first = std::min(first, last);
  plan.certified = spread(first, last, certified_looks);
  plan.steps = spread(first, last, static_cast<long>(looks) + std::max(1L, certified_looks));
  plan.steps.insert(plan.steps.end(), plan.certified.begin(), plan.certified.end());
  std::sort(plan.steps.begin(), plan.steps.end());
  plan.steps.erase(std::unique(plan.steps.begin(), plan.steps.end()), plan.steps.end());
  return plan;
}

}  // namespace etamax
