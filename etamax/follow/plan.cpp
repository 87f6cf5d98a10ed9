#include "etamax/follow/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/problem/batches.h"

namespace etamax {
namespace {

constexpr double kWantedLooks = 10;           // tracked ones, before fewer examples are looked at
constexpr std::int64_t kLeastExamples = 256;  // or all
constexpr double kMostCertified = 0.6;        // of the allowance, before fewer are certified
constexpr long kTrackedProducts = 3;
constexpr double kMostLooks = 2000;

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

double products_cost(long products) {
  return products == 0 ? 0 : kFirstProduct + kLaterProduct * static_cast<double>(products - 1);
}

LookPlan plan_looks(Objective& f, const FollowingOptions& o, long first) {
  LookPlan plan;
  const auto all = static_cast<double>(f.examples() ? f.examples()->count() : 1);
  const double batch = static_cast<double>(most_in_batch(f, o.batch_size)) / all;
  const bool batched = !is_full_batch(f, o.batch_size);
  plan.training = static_cast<double>(o.steps) * batch;
  plan.allowance = o.budget * plan.training;
  const double of_batches = batched ? 2 * (1 + kFirstProduct) * batch : 0;
  const double tracked = products_cost(kTrackedProducts),
               certified = products_cost(kCertifyingProducts) + kGaussNewtonProduct;
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
        fmt::format("{} of this training pays for no look but the first; `budget={}` pays for {}, on {} examples",
                    format_number(o.budget), rounded_up((begin + kWantedLooks * plan.tracked_cost) / plan.training, 2),
                    kWantedLooks + static_cast<double>(std::max(1L, certified_looks)), plan.examples));
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
