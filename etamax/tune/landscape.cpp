#include "etamax/tune/landscape.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace etamax {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kShiftScale = 6, kShiftTails = 4;  // Student's t: half octaves around the expected rate; freedom
constexpr double kUnknownScale = 10;                // where the rule is unknown
constexpr double kSameKind = 1, kSameBatch = 0.5, kSameSchedule = 0.5;  // in the logarithm of a task's weight
constexpr double kMostOfStart = 2;                                      // for a start that is another
constexpr double kScales[] = {0.4, 0.63, 0.8, 1, 1.25}, kScaleWeights[] = {1, 1, 1, 1.5, 1};
constexpr double kTemper = 0.4;     // observations are not independent
constexpr float kMostOfOne = 6;     // an observation that fits nowhere says no more than that
constexpr double kRateLength = 4;   // half octaves over which a task's misfit is alike
constexpr double kShareLength = 2;  // and shares of the horizon
constexpr double kAlikeRuns = 0.6;
constexpr double kLeastProgress = 0.05;

/// Numbers of a normal distribution that are the same for ever: SplitMix64 (Steele, Lea, Flood 2014), Box and Muller.
class Normals {
 public:
  explicit Normals(std::uint64_t seed) : state_(seed) {}
  MatrixXd matrix(int rows, int columns) {
    return MatrixXd::NullaryExpr(rows, columns, [this] { return next(); });
  }

 private:
  double uniform() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (static_cast<double>((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
  }
  double next() {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }
  std::uint64_t state_;
};

double alike_rates(int apart) { return std::exp(-0.5 * apart * apart / (kRateLength * kRateLength)); }
double alike_shares(int apart) { return std::exp(-std::abs(apart) / kShareLength); }

/// Draws of the process that a task's misfit is, of variance 1: rows place * kShares + share.
const MatrixXd& misfits() {
  static const MatrixXd drawn = [] {
    constexpr int n = Landscape::kRates * kShares;
    MatrixXd rates(Landscape::kRates, Landscape::kRates), shares(kShares, kShares);
    for (int i = 0; i < Landscape::kRates; ++i)
      for (int j = 0; j < Landscape::kRates; ++j) rates(i, j) = alike_rates(i - j) + (i == j ? 1e-6 : 0);
    for (int i = 0; i < kShares; ++i)
      for (int j = 0; j < kShares; ++j) shares(i, j) = alike_shares(i - j);
    const MatrixXd by_rate = rates.llt().matrixL(), by_share = shares.llt().matrixL();
    Normals normals(1);
    MatrixXd all(n, Landscape::kSamples);
    for (int m = 0; m < Landscape::kSamples; ++m) {
      const MatrixXd one = by_share * normals.matrix(kShares, Landscape::kRates) * by_rate.transpose();
      all.col(m) = one.reshaped();
    }
    return all;
  }();
  return drawn;
}

const MatrixXd& noise() {
  static const MatrixXd drawn = Normals(2).matrix(256, Landscape::kSamples);
  return drawn;
}

constexpr int kShifts = 2 * Landscape::kSpan + 1;
using Shifts = Eigen::Array<float, kShifts, 1>;

/// The places of a task's curve at one rate, for best rates from the lowest shift to the highest.
Shifts along_shifts(const Prior::Curve& curve, int rate_above_lowest_shift) {
  Shifts values;
  for (int b = 0; b < kShifts; ++b)
    values[b] = curve[std::clamp(rate_above_lowest_shift - b + Prior::kHalfWidth, 0, Prior::kPlaces - 1)];
  return values;
}

}  // namespace

double Landscape::alike(int shares_on) { return std::pow(kAlikeRuns, shares_on); }

Landscape::Landscape(const Prior& prior, const LandscapeTerms& terms, const std::vector<Observation>& observations) {
  lowest_ = static_cast<int>(std::lround(2 * terms.expected_octave)) - kSpan - 6;
  draw(prior, terms, observations);
  lost_.resize(kRates, kSamples);
  for (int m = 0; m < kSamples; ++m) {
    VectorXd end(kRates);
    for (int k = 0; k < kRates; ++k) {
      const double p = at(k, kWhole, m);
      end[k] = p > 0 ? p : 0.05 * p;  // below a constant it hardly matters by how much
    }
    const double best = end.maxCoeff();
    lost_.col(m) = (best - end.array()) / std::max(best, kLeastProgress);
  }
}

void Landscape::draw(const Prior& prior, const LandscapeTerms& terms, const std::vector<Observation>& observations) {
  const auto tasks = prior.tasks();
  constexpr std::size_t kScalesCount = std::size(kScales);
  const double scale = terms.usual.kind == RuleKind::unknown ? kUnknownScale : kShiftScale;
  const int lowest_shift = lowest_ + 6;
  Shifts shift;
  for (int b = 0; b < kShifts; ++b) {
    const double off = (lowest_shift + b - 2 * terms.expected_octave) / scale;
    shift[b] = static_cast<float>(-(kShiftTails + 1) / 2 * std::log1p(off * off / kShiftTails));
  }
  std::vector<Shifts> logs(kScalesCount * tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const Prior::Task& task = *tasks[i];
    const double weight = (task.kind == terms.usual.kind ? kSameKind : 0) +
                          (task.full_batch == terms.full_batch ? kSameBatch : 0) +
                          (task.decays == terms.decays ? kSameSchedule : 0) -
                          std::min(kMostOfStart, 2 * std::abs(task.start - terms.start));
    for (std::size_t a = 0; a < kScalesCount; ++a)
      logs[a * tasks.size() + i] = shift + static_cast<float>(weight + std::log(kScaleWeights[a]));
  }
  for (const Observation& seen : observations) {
    const auto f = static_cast<std::size_t>(seen.share);
    const auto progress = static_cast<float>((seen.progress - terms.start) / (1 - terms.start));
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      const int above = seen.rate - lowest_shift;
      const Shifts mean = along_shifts(tasks[i]->mean[f], above), weight = along_shifts(tasks[i]->weight[f], above),
                   norm = along_shifts(tasks[i]->norm[f], above);
      for (std::size_t a = 0; a < kScalesCount; ++a)
        logs[a * tasks.size() + i] -=
            static_cast<float>(kTemper) *
            ((((progress - static_cast<float>(kScales[a]) * mean).square() * weight).min(kMostOfOne)) + norm);
    }
  }
  float most = -INFINITY;
  for (const Shifts& x : logs) most = std::max(most, x.maxCoeff());
  double sum = 0;
  for (Shifts& x : logs) {
    x = (x - most).exp();
    sum += static_cast<double>(x.sum());
  }

  // Samples at even steps through the weights.
  progress_ = MatrixXd(kRates * kShares, kSamples);
  variance_ = VectorXd::Zero(kRates * kShares);
  failing_ = VectorXd::Zero(kRates);
  VectorXd misfit = VectorXd::Zero(kRates * kShares);
  const double span = 1 - terms.start;
  std::size_t hypothesis = 0;
  int b = 0;
  double passed = static_cast<double>(logs[0][0]);
  for (int m = 0; m < kSamples; ++m) {
    const double wanted = (m + 0.5) / kSamples * sum;
    while (passed < wanted && (hypothesis + 1 < logs.size() || b + 1 < kShifts)) {
      if (++b == kShifts) b = 0, ++hypothesis;
      passed += static_cast<double>(logs[hypothesis][b]);
    }
    const Prior::Task& task = *tasks[hypothesis % tasks.size()];
    const double factor = kScales[hypothesis / tasks.size()];
    for (int k = 0; k < kRates; ++k) {
      const int u = std::clamp(lowest_ + k - (lowest_shift + b) + Prior::kHalfWidth, 0, Prior::kPlaces - 1);
      failing_[k] += static_cast<double>(task.fails[u]) / kSamples;
      for (int f = 0; f < kShares; ++f) {
        const auto share = static_cast<std::size_t>(f);
        const int row = k * kShares + f;
        const double off = span * factor * static_cast<double>(task.misfit[share][u]);
        const double p = terms.start + span * factor * static_cast<double>(task.mean[share][u]);
        progress_(row, m) = std::min(1.0, p) + off * misfits()(row, m);
        misfit[row] += off / kSamples;
        variance_[row] += span * span * static_cast<double>(task.variance[share][u]) / kSamples;
      }
    }
  }
  if (!observations.empty()) condition(observations, misfit);
}

/// Each sample plus what the observations say beyond it (Matheron's rule; J. Wilson et al., Efficiently sampling
/// functions from Gaussian process posteriors, ICML 2020).
void Landscape::condition(const std::vector<Observation>& observations, const VectorXd& misfit) {
  const auto n = static_cast<Eigen::Index>(observations.size());
  std::vector<int> rows;
  for (const Observation& seen : observations)
    rows.push_back(std::clamp(place(seen.rate), 0, kRates - 1) * kShares + seen.share);
  const auto row = [&](Eigen::Index i) { return rows[static_cast<std::size_t>(i)]; };
  const auto covariance = [&](int one, int other) {
    return misfit[one] * misfit[other] * alike_rates(one / kShares - other / kShares) *
           alike_shares(one % kShares - other % kShares);
  };
  MatrixXd between(n, n), runs = MatrixXd::Zero(n, n);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index j = 0; j < n; ++j) {
      const Observation &one = observations[static_cast<std::size_t>(i)],
                        &other = observations[static_cast<std::size_t>(j)];
      between(i, j) = covariance(row(i), row(j));
      if (one.rate == other.rate && one.start == other.start)
        runs(i, j) = alike(std::abs(one.share - other.share)) * std::sqrt(variance_[row(i)] * variance_[row(j)]);
    }
  runs.diagonal().array() += 1e-9;
  const MatrixXd by_run = runs.llt().matrixL();
  MatrixXd draws(n, kSamples);
  for (Eigen::Index i = 0; i < n; ++i) draws.row(i) = noise().row(i % noise().rows());
  const MatrixXd noises = by_run * draws;
  MatrixXd beyond(n, kSamples);
  for (Eigen::Index i = 0; i < n; ++i)
    beyond.row(i) =
        observations[static_cast<std::size_t>(i)].progress - progress_.row(row(i)).array() - noises.row(i).array();
  const MatrixXd solved = (between + runs).llt().solve(beyond);
  MatrixXd to_all(kRates * kShares, n);
  for (int r = 0; r < kRates * kShares; ++r)
    for (Eigen::Index i = 0; i < n; ++i) to_all(r, i) = covariance(r, row(i));
  progress_ += to_all * solved;
}

}  // namespace etamax
