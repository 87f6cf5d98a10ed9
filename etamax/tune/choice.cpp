#include "etamax/tune/choice.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace etamax {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::RowVectorXd;
using Eigen::VectorXd;

constexpr double kLeastGain = 5e-4;                      // of the progress: for less no run is made
constexpr double kCostPower = 0.3;                       // below 1: a search is not better for many short runs
constexpr double kTooMuchLost = 0.1;                     // of the progress, to stay below a rate that failed
constexpr int kOtherStartsAt = 2;                        // a share of the horizon that one start must have seen
constexpr double kByChance = 2.0 / Landscape::kSamples;  // squared correlation of samples that have nothing in common
/// Gauss and Hermite's seven points and weights, for a mean over a normal distribution.
constexpr double kPoints[] = {-3.7504397177257425, -2.3667594107345415, -1.1544053947399682, 0,
                              1.1544053947399682,  2.3667594107345415,  3.7504397177257425};
constexpr double kWeights[] = {5.482688559722175e-4, 0.030757123967586, 0.2401231786050127,  0.4571428571428571,
                               0.2401231786050127,   0.030757123967586, 5.482688559722175e-4};

struct Candidate {
  Choice run;
  int from = -1;
  std::int64_t cost = 0;
};

}  // namespace

void RunsMade::add(int rate, int start, int share, bool lost) {
  State& state = states_[{rate, start}];
  state.share = std::max(state.share, share);
  state.lost = state.lost || lost;
}

RunsMade::State RunsMade::state(int rate, int start) const {
  const auto found = states_.find({rate, start});
  return found == states_.end() ? State{} : found->second;
}

int best_place(const Landscape& landscape, std::optional<int> lowest_failing) {
  const VectorXd lost = landscape.lost().rowwise().mean();
  Index all = 0, below = 0;
  lost.minCoeff(&all);
  if (!lowest_failing || landscape.rate(static_cast<int>(all)) < *lowest_failing) return static_cast<int>(all);
  const Index places = std::clamp<Index>(landscape.place(*lowest_failing), 0, lost.size());
  if (places == 0) return static_cast<int>(all);
  const double least = lost.head(places).minCoeff(&below);
  return static_cast<int>(least > lost[all] + kTooMuchLost ? all : below);
}

std::optional<Choice> next_run(const Landscape& landscape, const RunsMade& made, const Means& means, int best) {
  const int best_rate = landscape.rate(best);
  const RunsMade::State of_best = made.state(best_rate, 0);
  const bool seen = of_best.lost || of_best.share == kWhole;
  std::int64_t to_see = seen ? 0 : means.cost(of_best.share, kWhole);
  const bool may_see = !seen && to_see <= means.left;
  // Until one run was seen at the horizon there is to be enough for one from its beginning: the best may be another
  // yet.
  const bool any_seen =
      std::any_of(made.all().begin(), made.all().end(), [](const auto& run) { return run.second.share == kWhole; });
  const std::int64_t fresh = any_seen ? 0 : means.cost(-1, kWhole);
  if (!may_see) to_see = 0;

  // Around where a sample has its best rate.
  int low = best, high = best;
  for (int m = 0; m < Landscape::kSamples; ++m) {
    Index at = 0;
    landscape.lost().col(m).minCoeff(&at);
    low = std::min(low, static_cast<int>(at));
    high = std::max(high, static_cast<int>(at));
  }
  // A rate above one that was lost is lost too: nothing is to be learned there.
  for (const auto& [run, state] : made.all())
    if (state.lost) high = std::min(high, landscape.place(run.first) - 3);
  std::vector<Candidate> candidates;
  for (int place = std::max(0, low - 2); place <= std::min(Landscape::kRates - 1, high + 2); ++place)
    for (int start = 0; start < means.starts; ++start) {
      const int rate = landscape.rate(place);
      const RunsMade::State state = made.state(rate, start);
      if (state.lost || state.share == kWhole) continue;
      if (start > 0 && state.share < 0) {
        const RunsMade::State other = made.state(rate, start - 1);
        if (!other.lost && other.share < kOtherStartsAt) continue;
      }
      for (int share = std::max(state.share + 1, means.first_share); share < kShares; ++share) {
        const std::int64_t cost = means.cost(state.share, share);
        // Of the rate to recommend a longer run is a part of the one that is kept for.
        const bool of_the_best = may_see && place == best && start == 0;
        const std::int64_t kept = share == kWhole ? (of_the_best || !any_seen ? 0 : to_see)
                                                  : std::max(of_the_best ? means.cost(share, kWhole) : to_see, fresh);
        if (cost + kept <= means.left) candidates.push_back({{rate, start, share, false}, state.share, cost});
      }
    }
  const auto confirm = [&]() -> std::optional<Choice> {
    if (!may_see) return std::nullopt;
    return Choice{best_rate, 0, kWhole, true};
  };
  if (candidates.empty()) return confirm();

  const MatrixXd& lost = landscape.lost();
  const VectorXd worth = -lost.rowwise().mean();
  const MatrixXd centered = (-lost).colwise() - worth;
  const VectorXd spread = centered.rowwise().squaredNorm() / Landscape::kSamples;
  const double now = worth.maxCoeff();
  double best_score = 0, best_gain = 0;
  const Candidate* chosen = nullptr;
  for (const Candidate& c : candidates) {
    const int place = landscape.place(c.run.rate);
    RowVectorXd x = landscape.progress().row(place * kShares + c.run.share);
    x.array() -= x.mean();
    const double varies = x.squaredNorm() / Landscape::kSamples;
    const double alike = c.from >= 0 ? Landscape::alike(c.run.share - c.from) : 0;
    const double noise = landscape.variance(place, c.run.share) * (1 - alike * alike) + 1e-6;
    const VectorXd covariance = centered * x.transpose() / Landscape::kSamples;
    const Eigen::ArrayXd square = covariance.array().square() / (spread.array() * varies + 1e-12);
    const Eigen::ArrayXd real = ((square - kByChance) / (1 - kByChance)).max(0).min(1);
    const Eigen::ArrayXd moves = covariance.array() * (real / (square + 1e-12)).sqrt() / std::sqrt(varies + noise);
    double gain = -now;
    for (std::size_t i = 0; i < std::size(kPoints); ++i)
      gain += kWeights[i] * (worth.array() + moves * kPoints[i]).maxCoeff();
    const double score = gain / std::pow(static_cast<double>(c.cost) / static_cast<double>(means.run), kCostPower);
    if (!chosen || score > best_score) chosen = &c, best_score = score, best_gain = gain;
  }
  if (best_gain < kLeastGain) return confirm();
  return chosen->run;
}

}  // namespace etamax
