#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "etamax/tune/landscape.h"

namespace etamax {

/// How far the runs are that were made.
class RunsMade {
 public:
  struct State {
    int share = -1;     ///< the last that was seen
    bool lost = false;  ///< it cannot be carried on
  };
  void add(int rate, int start, int share, bool lost);
  State state(int rate, int start) const;
  const std::map<std::pair<int, int>, State>& all() const { return states_; }

 private:
  std::map<std::pair<int, int>, State> states_;  ///< by rate and start
};

/// What a search may ask for, and spend.
struct Means {
  int starts = 1;       ///< seeds
  int first_share = 0;  ///< the shortest runs
  std::int64_t run = 1, left = 0;
  /// What it costs at most to see a run at `share` that was last seen at `from`; -1: from its beginning.
  std::function<std::int64_t(int from, int share)> cost;
};

/// The rate with the least expected share of the progress lost, below the lowest rate that failed unless `most_lost`
/// more is lost by that.
int best_place(const Landscape& landscape, std::optional<int> lowest_failing);

struct Choice {
  int rate = 0, start = 0, share = 0;
  bool confirms = false;  ///< asked for as the rate to recommend should be seen at the horizon
};

/// The run that lowers the expected loss of the decision most for what it costs: the knowledge gradient (P. Frazier,
/// W. Powell, S. Dayanik, The knowledge-gradient policy for correlated normal beliefs, 2009). What it takes to see the
/// rate `best` at the horizon is kept back. None where nothing that can be paid would change the answer.
std::optional<Choice> next_run(const Landscape& landscape, const RunsMade& made, const Means& means, int best);

}  // namespace etamax
