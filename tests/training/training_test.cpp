// The loop, the verdict of a run, and the search for the largest trainable rate.
#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <cmath>
#include <numbers>
#include <random>

#include "../problem/least_squares.h"
#include "etamax/core/progress.h"
#include "etamax/problem/rule_run.h"
#include "etamax/training/search.h"
#include "etamax/training/short_runs.h"

namespace etamax {
namespace {

TEST(Schedule, IsPytorchs) {
  // CosineAnnealingLR(T_max = T), LinearLR(1, 0, T), and LinearLR's warmup from 1/W.
  for (const long step : {0L, 1L, 30L, 99L}) {
    const double t = static_cast<double>(step);
    EXPECT_DOUBLE_EQ((Schedule{"constant", 100, 0}.factor(step)), 1);
    EXPECT_NEAR((Schedule{"cosine", 100, 0}.factor(step)), (1 + std::cos(std::numbers::pi * t / 100)) / 2, 1e-15);
    EXPECT_NEAR((Schedule{"linear", 100, 0}.factor(step)), 1 - t / 100, 1e-15);
  }
  EXPECT_DOUBLE_EQ((Schedule{"constant", 100, 10}.factor(0)), 0.1);
  EXPECT_DOUBLE_EQ((Schedule{"constant", 100, 10}.factor(9)), 1);
}

TEST(LossTrace, KeepsEveryStrideThLoss) {
  LossTrace trace;
  for (long step = 0; step < 10000; ++step) trace.add(step, static_cast<double>(step));
  EXPECT_LE(trace.losses.size(), 2000u);
  EXPECT_GT(trace.losses.size(), 900u);
  for (std::size_t i = 0; i < trace.losses.size(); ++i)
    ASSERT_EQ(trace.losses[i], static_cast<double>(static_cast<long>(i) * trace.stride));
}

TEST(Training, InPartsIsTheSameAsInOne) {
  testing::LeastSquares f(20, 3, 1), g(20, 3, 1);
  DenseProblem a(f, make_optimizer("adam", {})), b(g, make_optimizer("adam", {}));
  const TrainingSettings settings{0.05, {"cosine", 40, 5}, 1e9};
  Training whole(a.run({6, 2}), settings), parts(b.run({6, 2}), settings);
  whole.train_to(40);
  std::vector<long> shown;
  for (const long to : {1L, 17L, 40L}) {
    parts.train_to(to, [&](const Training::Shown& now) { return shown.push_back(now.step), true; });
    EXPECT_EQ(parts.steps(), to);
    g.set_parameters(dense(Eigen::Vector3d(9, 9, 9)));  // somebody else uses the objective
  }
  EXPECT_EQ(shown.size(), 40u);
  EXPECT_EQ(shown.back(), 40);
  EXPECT_EQ(entries(whole.run().parameters()), entries(parts.run().parameters()));
  EXPECT_EQ(whole.trace().losses, parts.trace().losses);
}

// A short run is the loop's own training: the same schedule, warmup and clip.
TEST(ShortRun, HasScheduleWarmupAndClip) {
  testing::LeastSquares f(20, 3, 1), g(20, 3, 1);
  DenseProblem a(f, make_optimizer("gd", {})), b(g, make_optimizer("gd", {}));
  ShortRunSettings settings;
  settings.steps = 40;
  settings.schedule = {"cosine", 40, 5};
  settings.clip = 0.5;
  const RunRecord run = short_run(a, 0.1, {0, f.parameters(), f.loss(), false}, settings);
  RunSettings clipped;
  clipped.clip = 0.5;
  Training training(b.run(clipped), {0.1, {"cosine", 40, 5}, 1e9});
  training.train_to(40);
  EXPECT_EQ(*run.loss, g.loss());
  settings.clip.reset();
  EXPECT_NE(*short_run(a, 0.1, {0, f.parameters(), f.loss(), false}, settings).loss, g.loss());
}

TEST(Training, EndsWhereTheLossIsLostOrTheWatcherSaysSo) {
  testing::LeastSquares f(20, 3, 1);
  DenseProblem problem(f, make_optimizer("gd", {}));
  Training lost(problem.run({}), {10, {"constant", 100}, 1e6});
  lost.train_to(100);
  ASSERT_TRUE(lost.lost().has_value());
  EXPECT_GT(*lost.lost(), 1e6);
  EXPECT_LT(lost.steps(), 100);
  const long steps = lost.steps();
  lost.train_to(100);
  EXPECT_EQ(lost.steps(), steps);
  f.set_parameters(problem.start(0));
  Training watched(problem.run({}), {0.01, {"constant", 100}, 1e6});
  watched.train_to(100, [](const Training::Shown& now) { return now.step < 7; });
  EXPECT_EQ(watched.steps(), 7);
  Training interrupted(problem.run({}), {0.01, {"constant", 100}, 1e6, [](double done) { return done < 0.5; }});
  EXPECT_THROW(interrupted.train_to(100), Interrupted);
}

TEST(Training, IsSteeredStepByStep) {
  struct Steers final : Steering {
    std::vector<double> asked;
    double rate(const etamax::Run& run, double lr) override {
      asked.push_back(lr);
      return run.steps() == 1 ? lr / 2 : lr;
    }
    void stepped(etamax::Run& run) override {
      if (run.steps() == 3) run.move(dense(Eigen::Vector3d(1, 0, -1)));
    }
  } steers;
  testing::LeastSquares f(20, 3, 1);
  DenseProblem problem(f, make_optimizer("gd", {}));
  Training training(problem.run({}), {0.1, {"linear", 4}, 1e6, {}, &steers});
  training.train_to(4);
  Eigen::VectorXd x = Eigen::Vector3d::Zero();
  for (const double lr : {0.1, 0.075 / 2, 0.05}) x -= lr * f.gradient_at(x);
  x += Eigen::Vector3d(1, 0, -1);
  x -= 0.025 * f.gradient_at(x);
  EXPECT_LT((entries(training.run().parameters()) - x).norm(), 1e-14);
  EXPECT_LT((entries(f.parameters()) - x).norm(), 1e-14);
  ASSERT_EQ(steers.asked.size(), 4u);
  EXPECT_DOUBLE_EQ(steers.asked[1], 0.075);
}

constexpr double kBaseline = 2.3;

RunRecord run_of(double start, std::vector<double> losses) {
  RunRecord run;
  run.lr = 1;
  run.steps = static_cast<long>(losses.size()) - 1;
  run.start_loss = start;
  run.loss = losses.back();
  run.losses = std::move(losses);
  return run;
}

TEST(Verdict, OfARunBesideTheBest) {
  struct Case {
    double start, end, best, trains_at;
    Verdict verdict;
    bool slow = false;
  };
  for (const Case& c : {
           Case{2.4, 0.1, 0.05, 1, Verdict::trains},       // most of what the best reaches
           {2.4, 1.5, 0.05, 0.5, Verdict::unclear},        // less than half of it, above a rate that trains
           {2.4, 1.5, 0.05, 2, Verdict::unclear, true},    // and below one
           {2.4, 2.3, 0.05, 0.5, Verdict::collapses},      // where a constant is, though a lower rate trains
           {2.4, 2.3, 2.2, 0, Verdict::unclear, true},     // nobody has learnt anything: no collapse
           {2.31, 2.3, 2.3, 0, Verdict::unclear, true},    //
           {2.31, 2.29, 2.28, 0, Verdict::unclear, true},  //
           {0.2, 0.1, 0.1, 1, Verdict::trains},            // has learnt already
           {0.2, 0.25, 0.1, 0.5, Verdict::unclear},        // and gets worse
           {0.1, 0.09, 0.05, 1, Verdict::trains},          //
           {0.1, 0.2, 0.05, 0.5, Verdict::unclear},        //
           {2.1, 2.0, 1.95, 1, Verdict::trains},           // better than a constant from the first, on noisy targets
           {15.0, 5.0, 5.0, 0, Verdict::unclear, true},    // far below where it began, and still worse than a constant
           {15, 2.1, 2.1, 0, Verdict::unclear, true},      // below it, but not clearly
           {15, 1.9, 1.9, 1, Verdict::trains},             //
           {15, 1.9, 0.5, 1, Verdict::unclear, true},      // half of the way from the constant to the best, not less
           {15, 1.3, 0.5, 1, Verdict::trains},             //
           {2.4, 4.0, 0.05, 0.5, Verdict::unclear},        // high, but not rising
           {15, 15.1, 4, 0.5, Verdict::unclear},           //
           {15, 2.31, 0.5, 0.5, Verdict::collapses},       //
       }) {
    RunRecord run = run_of(c.start, {c.start, c.end, c.end, c.end, c.end});
    judge(run, {kBaseline, c.best, c.trains_at});
    EXPECT_EQ(to_string(run.verdict), to_string(c.verdict))
        << c.start << " to " << c.end << ", best " << c.best << ": " << run.reason;
    EXPECT_EQ(run.slow, c.slow) << c.start << " to " << c.end << ", best " << c.best << ": " << run.reason;
  }
  RunRecord rising = run_of(2.4, {2.4, 3, 4, 6, 9, 14, 20, 30});
  judge(rising, {kBaseline, 0.05, 0});
  EXPECT_EQ(rising.verdict, Verdict::diverges);
  // A spike on the way is not slowness, whatever higher rates do.
  RunRecord spiked = run_of(2.4, {2.4, 1.5, 0.8, 0.4, 0.3, 0.2, 4, 2.2, 2.1, 2.0});
  judge(spiked, {kBaseline, 0.05, 2});
  EXPECT_EQ(spiked.verdict, Verdict::unclear);
  EXPECT_FALSE(spiked.slow);
  EXPECT_NE(spiked.reason.find("did not stay there"), std::string::npos) << spiked.reason;
  RunRecord stuck = run_of(2.4, {2.4, 40, 30, 9, 2.4, 2.3, 2.3, 2.3, 2.3, 2.3, 2.3, 2.3, 2.3, 2.3, 2.3, 2.3});
  judge(stuck, {kBaseline, 2.3, 0});  // no other trains, but it has been far above
  EXPECT_EQ(stuck.verdict, Verdict::collapses);
}

/// Over any runs: what trains ends clearly below a constant, and nothing that ends above one does.
TEST(Verdict, NothingTrainsThatEndsAboveAConstant) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> log_loss(-3, 4);
  int trained = 0;
  for (int i = 0; i < 2000; ++i) {
    std::vector<RunRecord> runs;
    const double start = std::exp(log_loss(random));
    for (int k = 0; k < 6; ++k) {
      std::vector<double> losses = {start};
      for (int step = 0; step < 9; ++step) losses.push_back(std::exp(log_loss(random)));
      runs.push_back(run_of(start, losses));
      runs.back().lr = std::exp2(k);
    }
    judge_all({&runs}, kBaseline);
    double best = INFINITY;
    for (const RunRecord& run : runs) best = std::min(best, *run.loss);
    for (const RunRecord& run : runs) {
      EXPECT_FALSE(run.slow && run.verdict != Verdict::unclear);
      if (run.verdict != Verdict::trains) continue;
      ++trained;
      EXPECT_LT(*run.loss, run.start_loss);
      EXPECT_LT(*run.loss, kBaseline);
      if (start < kBaseline) continue;
      EXPECT_LE(*run.loss, 0.85 * kBaseline);
      EXPECT_LE(*run.loss, (kBaseline + best) / 2 * (1 + 1e-12));
    }
  }
  EXPECT_GT(trained, 500);
}

TEST(Verdict, OfARunByItselfIsWhetherItsTrainingLossFell) {
  RunRecord run;
  run.loss = 5;
  run.start_loss = 2;
  run.training_loss = 1;
  judge(run, {2.3, {}, 0});
  EXPECT_EQ(run.verdict, Verdict::trains);
  run.training_loss = 2;
  judge(run, {2.3, {}, 0});
  EXPECT_EQ(run.verdict, Verdict::unclear);
  RunRecord lost;  // what the run itself has shown stays
  lost.verdict = Verdict::diverges;
  judge(lost, {2.3, {}, 0});
  EXPECT_EQ(lost.verdict, Verdict::diverges);
}

/// On made-up landscapes, where a rate trains up to a limit.
TEST(RateSearch, FindsTheLimitToHalfAnOctaveFromAnywhere) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> log_rate(-8, 8);
  for (int i = 0; i < 1000; ++i) {
    const double first = std::exp2(log_rate(random)), limit = first * std::exp2(log_rate(random));
    double works = 0, fails = INFINITY;
    int asked = 0;
    RateSearch search;
    search.first = first;
    search.doubling = i % 2 == 0;
    search.trains = [&](double lr) {
      ++asked;
      (lr < limit ? works : fails) = lr < limit ? std::max(works, lr) : std::min(fails, lr);
      return std::optional(lr < limit);
    };
    search.known = [&](double) {
      return RateBracket{works > 0 ? std::optional(works) : std::nullopt,
                         std::isfinite(fails) ? std::optional(fails) : std::nullopt};
    };
    const RateBracket found = find_largest_trainable_rate(search);
    ASSERT_TRUE(found.trains && found.fails) << first << " " << limit;
    EXPECT_LT(*found.trains, limit);
    EXPECT_GE(*found.fails, limit);
    EXPECT_LE(*found.fails / *found.trains, std::sqrt(2.0) * 1.001);
    EXPECT_LE(asked, 15);
  }
}

TEST(RateSearch, EndsWhereARateBetweenTheEndsIsNeither) {
  RateSearch search;
  search.first = 1;
  int asked = 0;
  search.trains = [&](double lr) -> std::optional<bool> {
    if (++asked > 100) throw std::runtime_error("it asks for ever");
    return lr < 3;
  };
  search.known = [](double) { return RateBracket{1, 4}; };  // 2 falls, but slowly
  const RateBracket found = find_largest_trainable_rate(search);
  EXPECT_EQ(found.trains, 1);
  EXPECT_EQ(found.fails, 4);
  EXPECT_LT(asked, 10);
}

TEST(RateSearch, EndsWhereNothingTrainsEverythingDoesOrNothingMayBeSpent) {
  RateSearch search;
  search.first = 1;
  int asked = 0;
  double best = 0;
  search.known = [&](double) { return RateBracket{best > 0 ? std::optional(best) : std::nullopt, {}}; };
  search.trains = [&](double) { return ++asked, std::optional(false); };
  EXPECT_FALSE(find_largest_trainable_rate(search).trains.has_value());
  EXPECT_EQ(asked, 15);
  search.trains = [&](double lr) { return best = lr, std::optional(true); };
  const RateBracket all = find_largest_trainable_rate(search);
  EXPECT_EQ(all.trains, std::exp2(14));
  EXPECT_FALSE(all.fails.has_value());
  best = asked = 0;
  search.trains = [&](double) -> std::optional<bool> { return ++asked, std::nullopt; };
  find_largest_trainable_rate(search);
  EXPECT_EQ(asked, 1);
}

/// The search from where the objective is.
Analysis searched(Problem& problem, double around, long starts, std::int64_t batch_size = 0) {
  ShortRunSettings settings;
  settings.batch_size = batch_size;
  settings.baseline = problem.objective().baseline();
  const Starts from = starts_of(problem, 0, starts, settings);
  Analysis answer;
  TrainableSearch(problem, from, settings).search(around, {}, answer);
  return answer;
}

TEST(LargestTrainable, OfALeastSquaresProblemIsItsEdge) {
  testing::LeastSquares f(60, 4, 8);
  const double lambda = f.hessian().eigenvalues().real().maxCoeff();
  DenseProblem problem(f, make_optimizer("gd", {}));
  const Eigen::VectorXd before = entries(f.parameters());
  for (const double around : {0.01, 2 / lambda, 300.0}) {
    const Analysis a = searched(problem, around, 3);
    ASSERT_TRUE(a.trainable.lr.lower && a.trainable.lr.upper) << a.trainable.reason;
    EXPECT_LE(*a.trainable.lr.lower, 2 / lambda);
    EXPECT_GE(*a.trainable.lr.upper, 2 / lambda);
    for (std::size_t i = 1; i < a.runs.size(); ++i) EXPECT_LT(a.runs[i - 1].lr, a.runs[i].lr);
    EXPECT_EQ(a.trainable.starts, 1) << "all examples in each step, and no other weights: nothing differs";
    EXPECT_TRUE(a.other_starts.empty());
    ASSERT_TRUE(a.recommended.has_value());
    EXPECT_LE(a.recommended->lr, *a.trainable.lr.lower / std::sqrt(2.0) * 1.001);
  }
  EXPECT_EQ(entries(f.parameters()), before);
}

TEST(LargestTrainable, IsThatOfEveryStartAndSoIsTheRateToUse) {
  testing::LeastSquares f(60, 4, 8);
  DenseProblem problem(f, make_optimizer("gd", {}));
  const Eigen::VectorXd before = entries(f.parameters());
  const Analysis a = searched(problem, 0.1, 4, 3);
  EXPECT_EQ(entries(f.parameters()), before);
  EXPECT_EQ(a.trainable.starts, 4);
  EXPECT_EQ(a.trainable.starts_about, "order of the examples");
  ASSERT_TRUE(a.trainable.lr.lower && a.trainable.lr.upper && a.recommended) << a.trainable.reason;
  const StartCount lower = starts_at(a, *a.trainable.lr.lower), upper = starts_at(a, *a.trainable.lr.upper);
  EXPECT_EQ(lower.train, 4);
  EXPECT_EQ(lower.of, 4);
  EXPECT_EQ(upper.train, 0);
  EXPECT_EQ(upper.of, 4);
  const StartCount use = starts_at(a, a.recommended->lr);
  EXPECT_EQ(use.train, 8) << "as many starts again as are usual";
  EXPECT_EQ(use.of, 8);
}

double mean_loss_at(const Analysis& a, double lr) {
  double sum = 0;
  for (const auto* runs : {&a.runs, &a.other_starts})
    for (const RunRecord& run : *runs)
      if (run.lr == lr) sum += *run.loss;
  return sum / static_cast<double>(starts_at(a, lr).of);
}

TEST(LargestTrainable, StandsAgainstEveryRunThatWasMade) {
  // On batches the lowest loss is that of a low rate, which is tried late: it changes what counts as training.
  for (unsigned seed = 0; seed < 300; ++seed) {
    testing::LeastSquares f(20 + 7 * (seed % 5), 2 + seed % 9, seed);
    DenseProblem problem(f, make_optimizer("sgd", {{"momentum", seed % 3 == 0 ? 0.9 : 0.0}}));
    const Analysis a = searched(problem, std::exp2(static_cast<double>(seed % 11) - 5), 1 + seed % 3, 1 + seed % 4);
    SCOPED_TRACE(seed);
    if (a.trainable.lr.lower) {
      const StartCount lower = starts_at(a, *a.trainable.lr.lower);
      EXPECT_EQ(lower.train, lower.of);
    }
    if (a.trainable.lr.upper) {
      EXPECT_EQ(starts_at(a, *a.trainable.lr.upper).train, 0);
    }
    if (a.recommended) {
      const StartCount use = starts_at(a, a.recommended->lr);
      EXPECT_EQ(use.train, use.of);
      EXPECT_EQ(a.recommended->starts.train, use.train);
      for (const RunRecord& run : a.runs) {
        const StartCount there = starts_at(a, run.lr);
        const bool low_enough = !a.trainable.lr.upper || run.lr <= *a.trainable.lr.lower / std::sqrt(2.0);
        if (low_enough && there.of == use.of && there.train == there.of) {
          EXPECT_LE(a.recommended->mean_loss, mean_loss_at(a, run.lr) * (1 + 1e-12))
              << run.lr << ", not " << a.recommended->lr;
        }
      }
    }
  }
}

/// exp(x): it falls for ever, at every rate.
class Falls final : public DenseObjective {
 public:
  Falls() : DenseObjective(Eigen::VectorXd::Zero(1)) {}
  double value(const Eigen::VectorXd& x) override { return std::exp(x[0]); }
  Eigen::VectorXd gradient_at(const Eigen::VectorXd& x) override { return x.array().exp(); }
  Eigen::VectorXd product(const Eigen::VectorXd& x, const Eigen::VectorXd& v) override {
    return x.array().exp() * v.array();
  }
};

TEST(LargestTrainable, WithoutAnUpperEndIsSaidToHaveNone) {
  Falls f;
  DenseProblem problem(f, make_optimizer("gd", {}));
  const Analysis a = searched(problem, 2, 3);
  ASSERT_TRUE(a.trainable.lr.lower.has_value());
  EXPECT_FALSE(a.trainable.lr.upper.has_value());
  EXPECT_NE(a.trainable.reason.find("no upper end was found: every rate up to"), std::string::npos);
  EXPECT_GT(*a.trainable.lr.lower, 1e11);  // forty octaves were asked
  EXPECT_TRUE(a.recommended.has_value());
}

}  // namespace
}  // namespace etamax
