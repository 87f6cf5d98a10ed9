// How much the answer may be off.
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <map>

#include "etamax/tune/parts.h"

namespace etamax {
namespace {

constexpr double kLossTolerance = 0.02;  // what counts as as good as the best
constexpr double kLeastHalfWidth = 0.5;  // on the grid: nearer rates were never told apart
constexpr int kPoints = 64;              // of the curve

}  // namespace

void fit_valley(const Replay& replay, const PolicyState& state, Tuning& answer) {
  const std::map<int, double>& losses = state.valley_losses;
  if (losses.size() < 3) return;
  const auto n = static_cast<Eigen::Index>(losses.size());
  Eigen::MatrixXd a(n, 3);
  Eigen::VectorXd b(n);
  Eigen::Index i = 0;
  for (const auto& [k, loss] : losses) {
    a.row(i) << 1, k, k * k;
    b(i++) = std::log(std::max(loss, 1e-300));
  }
  const Eigen::Vector3d c = a.colPivHouseholderQr().solve(b);
  if (!c.allFinite()) return;
  const auto at = [&](double k) { return c(0) + c(1) * k + c(2) * k * k; };
  const auto lr_at = [&](double k) { return replay.first_rate() * std::exp2(k / Replay::kOctave); };
  const double low = losses.begin()->first, high = losses.rbegin()->first;
  Tuning::Valley valley;
  valley.steps = state.valley_steps;
  double best = INFINITY, from = INFINITY, to = -INFINITY;
  for (int j = 0; j <= kPoints; ++j) best = std::min(best, at(low + (high - low) * j / kPoints));
  for (int j = 0; j <= kPoints; ++j) {
    const double k = low + (high - low) * j / kPoints;
    valley.points.push_back({lr_at(k), std::exp(at(k))});
    if (at(k) > best + std::log1p(kLossTolerance)) continue;
    from = std::min(from, k);
    to = std::max(to, k);
  }
  answer.valley = valley;
  const double chosen = state.best.front(), width = std::max(to - from, 2 * kLeastHalfWidth);
  if (chosen < from || chosen > to) from = chosen - width / 2, to = chosen + width / 2;
  from = std::min(from, chosen - kLeastHalfWidth);
  to = std::max(to, chosen + kLeastHalfWidth);
  // Not beyond what every seed that was tried could take.
  const double most = answer.trainable.lr.lower.value_or(INFINITY);
  if (lr_at(from) < most) answer.lr_interval = {{lr_at(from), std::min(lr_at(to), most)}};
}

void find_spread(const Replay& replay, Tuning& answer) {
  std::map<std::pair<long, double>, std::vector<double>> logs_by_run;  // by steps and rate
  for (const RunRecord& t : replay.trials())
    if (t.loss && t.warmup_steps == 0 && works(t)) logs_by_run[{t.steps, t.lr}].push_back(std::log(*t.loss));
  for (const auto& [run, logs] : logs_by_run) {
    if (logs.size() < 2) continue;
    double mean = 0, squares = 0;
    for (const double x : logs) mean += x / static_cast<double>(logs.size());
    for (const double x : logs) squares += (x - mean) * (x - mean);
    const double spread = *answer.expected_loss * std::sqrt(squares / static_cast<double>(logs.size() - 1));
    if (run.first > answer.expected_loss_spread_steps) answer.expected_loss_spread.reset();
    answer.expected_loss_spread_steps = run.first;
    answer.expected_loss_spread = std::max(answer.expected_loss_spread.value_or(0), spread);
  }
}

}  // namespace etamax
