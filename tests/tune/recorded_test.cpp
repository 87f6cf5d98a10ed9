// The policy on recorded tasks of the part to learn from, each kept out of what was learned: a sample of bench/tune's
// zoo.
#include "../../bench/tune/recorded.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/statistics.h"
#include "etamax/tune/policy.h"

namespace etamax {
namespace {

TEST(RecordedTasks, AreTunedWithinTheBudgetAndTheSameTwice) {
  const std::string zoo = ETAMAX_SOURCE_DIR "/bench/tune/zoo";
  const std::vector<ZooTask> tasks = zoo_tasks(zoo, "learn");
  ASSERT_GT(tasks.size(), 50u);
  std::vector<double> lost;
  int answers = 0, none = 0;
  for (std::size_t i = 0; i < tasks.size(); i += 7) {
    SCOPED_TRACE(tasks[i].id());
    const RecordedTask task(zoo, tasks[i]);
    const Prior prior = Prior::learned().without(tasks[i].name);
    EXPECT_LT(prior.tasks().size(), Prior::learned().tasks().size());
    for (const double budget : {2.0, 3.0}) {
      const TuningTerms terms = task.terms(budget, 0);
      Ledger ledger;
      for (int asked = 0;; ++asked) {
        ASSERT_LT(asked, 200);
        const auto next = decide(terms, ledger, prior), again = decide(terms, ledger, prior);
        const auto* request = std::get_if<TuningRequest>(&next);
        if (!request) break;
        if (std::holds_alternative<EdgeRequest>(*request)) {
          ledger.add(*request, task.start(0));
          continue;
        }
        const auto* trial = std::get_if<TrialRequest>(request);
        if (!trial || trial->warmup_steps > 0) break;  // not recorded
        EXPECT_EQ(trial->lr, std::get<TrialRequest>(std::get<TuningRequest>(again)).lr);
        EXPECT_EQ(trial->steps, std::get<TrialRequest>(std::get<TuningRequest>(again)).steps);
        ledger.add(*request, task.run(*trial, terms, ledger.made_before(*trial), 0));
      }
      const Tuning t = decide_now(terms, ledger, prior);
      EXPECT_LE(t.budget.spent, t.budget.limit);
      // A lost run counts as a constant. The best rate is chosen with one half of the starts that no search has seen,
      // and measured with the other, both ways: a lowest of noisy means flatters itself.
      const auto mean_loss = [&](double lr, int from) {
        double mean = 0;
        for (int start = from; start < from + 3; ++start)
          mean += std::min(task.end_loss(lr, start), *terms.constant_loss) / 3;
        return mean;
      };
      const auto reference = [&](int chosen_with, int measured_with) {
        double least = INFINITY, at = 0;
        for (int k = -60; k < 20; ++k)
          if (const double mean = mean_loss(rate_of(k), chosen_with); mean < least) least = mean, at = rate_of(k);
        return mean_loss(at, measured_with);
      };
      const double best = (reference(3, 6) + reference(6, 3)) / 2;
      if (best > 0.95 * *terms.constant_loss) continue;  // nothing to learn
      ++answers;
      none += !t.lr_recommended;
      if (!t.lr_recommended) continue;
      const double found = (mean_loss(*t.lr_recommended, 3) + mean_loss(*t.lr_recommended, 6)) / 2;
      lost.push_back((found - best) / (*terms.constant_loss - best));
    }
  }
  EXPECT_EQ(none, 0);
  ASSERT_GT(answers, 10);
  // Among these are tasks on which it does badly: raw columns, a deep network (docs/tune.md).
  EXPECT_LT(mean(lost), 0.12);
  EXPECT_LT(median(lost), 0.03);
}

}  // namespace
}  // namespace etamax
