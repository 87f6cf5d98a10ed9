// The policy on recorded tasks of the part to learn from, each kept out of what was learned: a sample of bench/tune's
// zoo.
#include "../../bench/tune/recorded.h"

#include <gtest/gtest.h>

#include <cmath>

#include "etamax/tune/policy.h"

namespace etamax {
namespace {

TEST(RecordedTasks, AreTunedWithinTheBudgetAndTheSameTwice) {
  const std::string zoo = ETAMAX_SOURCE_DIR "/bench/tune/zoo";
  const std::vector<ZooTask> tasks = zoo_tasks(zoo, "learn");
  ASSERT_GT(tasks.size(), 50u);
  double sum = 0;
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
      ++answers;
      none += !t.lr_recommended;
      if (!t.lr_recommended) continue;
      // What the starts that no tuning has seen make of it.
      TuningTerms judged = terms;
      const RunRecord run = task.run({*t.lr_recommended, 0, 0, terms.horizon}, judged, 0, 1);
      double best = *terms.constant_loss;
      for (int k = -60; k < 20; ++k) {
        const RunRecord other = task.run({rate_of(k), 0, 0, terms.horizon}, judged, 0, 1);
        if (other.loss) best = std::min(best, *other.loss);
      }
      sum += (std::min(run.loss.value_or(INFINITY), *terms.constant_loss) - best) / (*terms.constant_loss - best);
    }
  }
  EXPECT_EQ(none, 0);
  EXPECT_LT(sum / answers, 0.12);  // against the luckiest rate of one start
}

}  // namespace
}  // namespace etamax
