#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "etamax/tune/ledger.h"
#include "etamax/tune/terms.h"

namespace etamax {

/// What the ledger lacks: thrown where a replay comes to its end, caught by decide().
struct Missing {
  TuningRequest request;
};

inline bool works(const RunRecord& t) { return t.verdict == Verdict::trains; }
/// Lost to the learning rate: not merely slow.
inline bool fails(const RunRecord& t) { return t.verdict == Verdict::diverges || t.verdict == Verdict::collapses; }

/// The policy's way through a ledger from its beginning: it asks for one result after the other, and pays for each.
class Replay {
 public:
  Replay(const TuningTerms& terms, const Ledger& ledger);

  const TuningTerms& terms() const { return terms_; }
  const Budget& budget() const { return budget_; }
  const std::vector<RunRecord>& trials() const { return trials_; }  ///< in the order in which they were asked for

  /// Rates stand on a grid of quarters of an octave, place 0 at the first rate.
  static constexpr int kOctave = 4;
  double rate(int k) const;
  int place(double lr) const;
  void set_first_rate(double lr) { first_rate_ = lr; }
  double first_rate() const { return first_rate_; }

  /// The result of a run of that rate's first `steps` steps; none where the budget does not pay for it and for what is
  /// reserved. Throws Missing.
  std::optional<RunRecord> evaluate(int k, std::uint64_t seed, long warmup, long steps, const std::string& purpose);
  /// Of the first seed, without warmup.
  std::optional<RunRecord> evaluate(int k, long steps, const std::string& purpose) {
    return evaluate(k, terms_.seed, 0, steps, purpose);
  }
  /// While it lives, so much must be left of the budget.
  class Reserve {
   public:
    Reserve(Replay& replay, std::int64_t units) : replay_(replay), before_(replay.reserved_) {
      replay.reserved_ = units;
    }
    ~Reserve() { replay_.reserved_ = before_; }
    Reserve(const Reserve&) = delete;
    Reserve& operator=(const Reserve&) = delete;

   private:
    Replay& replay_;
    std::int64_t before_;
  };

  /// Both throw Missing. They cost what they cost, whether they find anything or not.
  const StartFinding& start(const EdgeRequest& request, std::int64_t cost);
  const std::vector<EdgeAtStep>& warmup_edges(const WarmupEdgesRequest& request, std::int64_t cost);
  std::int64_t edge_cost() const { return edge_cost_; }

  /// The lowest rate that was lost, or did not learn where a lower one did; with any seed.
  std::optional<int> lowest_that_fails() const;

 private:
  const TuningTerms& terms_;
  const Ledger& ledger_;
  Budget budget_;
  double first_rate_ = 0;
  std::int64_t reserved_ = 0, edge_cost_ = 0;
  std::map<std::tuple<int, std::uint64_t, long>, RunRecord> last_;  ///< by place on the grid, seed, warmup
  std::vector<RunRecord> trials_;
};

}  // namespace etamax
