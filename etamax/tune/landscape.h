#pragma once

#include <Eigen/Core>
#include <vector>

#include "etamax/tune/prior.h"

namespace etamax {

/// A run's progress after a share of the horizon. Rates are half octaves: 2^(rate / 2).
struct Observation {
  int rate = 0;
  int start = 0;  ///< the number of the seed, from 0
  int share = 0;  ///< of kShares
  double progress = 0;
};

/// What a landscape is asked of.
struct LandscapeTerms {
  UsualRate usual;
  double expected_octave = 0;  ///< of the best rate
  bool full_batch = false, decays = false;
  double start = 0;  ///< progress before the first step
};

/// How progress depends on rate and share of the horizon, by what was observed: samples of its posterior distribution.
/// A mixture of the recorded tasks, shifted in the rate and scaled in the progress, each a Gaussian process around its
/// mean (docs/tune.md). The same observations give the same samples.
class Landscape {
 public:
  static constexpr int kSamples = 64;
  static constexpr int kSpan = 24;  ///< half octaves around the expected rate where the best one may be
  static constexpr int kRates = 2 * (kSpan + 6) + 1;

  Landscape(const Prior& prior, const LandscapeTerms& terms, const std::vector<Observation>& observations);

  int rate(int place) const { return lowest_ + place; }
  int place(int rate) const { return rate - lowest_; }

  /// The expected progress over starts, of each sample, at place * kShares + share: rows of kSamples columns.
  const Eigen::MatrixXd& progress() const { return progress_; }
  double at(int place, int share, int sample) const { return progress_(place * kShares + share, sample); }
  /// By how much one start differs from that.
  double variance(int place, int share) const { return variance_(place * kShares + share); }
  /// The share of the progress of the best rate that a rate loses, at the horizon: kRates rows, kSamples columns.
  const Eigen::MatrixXd& lost() const { return lost_; }
  /// Of all starts, those that end no better than a constant at that rate.
  double failing(int place) const { return failing_(place); }

  /// How alike the noise of one run is a share of the horizon further on.
  static double alike(int shares_on);

 private:
  void draw(const Prior& prior, const LandscapeTerms& terms, const std::vector<Observation>& observations);
  void condition(const std::vector<Observation>& observations, const Eigen::VectorXd& misfit);

  int lowest_ = 0;
  Eigen::MatrixXd progress_, lost_;
  Eigen::VectorXd variance_, failing_;
};

}  // namespace etamax
