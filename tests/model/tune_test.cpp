// tune: what it spends, that it carries on, what it refuses, and that its answer holds.
#include "etamax/tune/tune.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numbers>

#include "../refusal.h"
#include "../sealed_state.h"
#include "../temporary_folder.h"
#include "etamax/core/error.h"
#include "etamax/model/setup.h"
#include "etamax/tune/trial_run.h"
#include "tensors.h"

namespace etamax {
namespace {

using testing::expect_in;
using testing::expect_refused;
using testing::refusal;

using Tune = testing::WithFolder;

/// As the command line asks.
struct TuneRequest {
  ModelSetup setup = {.validation = 0.2};
  TuneOptions options;
  std::unique_ptr<ModelProblem> problem() const {
    ModelSetup seeded = setup;
    seeded.seed = options.seed;
    return make_problem(seeded);
  }
};

Tuning tune(const TuneRequest& request) { return tune(*request.problem(), request.options); }

TuneRequest digits(long steps, int64_t batch_size = 64) {
  TuneRequest request;
  request.setup.model = "mlp:64-32-10:tanh";
  request.options.steps = steps;
  request.options.batch_size = batch_size;
  return request;
}

/// All of an answer but what it took.
std::string without_cost(const Tuning& tuning) {
  auto json = nlohmann::ordered_json::parse(to_json(tuning));
  json.erase("cost");
  return json.dump(1);
}

/// The training of a request, and single runs of it.
class Task {
 public:
  explicit Task(const TuneRequest& request)
      : options_(request.options), problem_(request.problem()), terms_(terms_of(*problem_, options_)) {
    problem_->objective().set_parameters(problem_->start(options_.seed));
    start_loss_ = problem_->objective().loss();
  }
  ModelProblem& problem() { return *problem_; }
  RunRecord run(double lr, std::uint64_t seed, long steps) {
    return TrialRun(*problem_, options_, terms_, start_loss_, lr, seed, 0).train_to(steps);
  }

 private:
  TuneOptions options_;
  std::unique_ptr<ModelProblem> problem_;
  TuningTerms terms_;
  double start_loss_ = 0;
};

TEST_F(Tune, EveryUnitIsAccountedForAndTheBudgetHolds) {
  for (const double budget : {2.0, 2.4, 3.0})
    for (const int64_t batch : {0, 100}) {
      TuneRequest request = digits(64, batch);
      request.options.budget = budget;
      const Tuning t = tune(request);
      // By hand: 1,438 examples train, 359 are held out; a step's gradient is 3 an example, judging a run is one pass
      // of those held out, a second one where the loss is half of chance level or more, and at the horizon, or with all
      // in one batch, one of the others. With all in one batch a run is looked at on the way as well, for 2% of what
      // its steps cost: 359 / (0.02 * 3 * 1,438) is 4.2, so after every 5 steps.
      const std::int64_t train = t.training_examples, held = t.validation_examples, size = batch > 0 ? batch : train;
      EXPECT_EQ(train + held, 1797);
      EXPECT_EQ(t.budget.run, 3 * size * 64 + train + 2 * held);
      EXPECT_EQ(t.budget.limit, static_cast<std::int64_t>(budget * static_cast<double>(t.budget.run)));
      std::int64_t units = t.budget.edge;
      std::map<std::tuple<double, std::uint64_t, long>, long> made;
      for (const RunRecord& trial : t.trials) {
        long& before = made[{trial.lr, trial.seed, trial.warmup_steps}];
        std::int64_t wanted = held + (trial.loss && *trial.loss >= 0.5 * *t.chance_loss ? held : 0) +
                              (trial.steps == 64 || size == train ? train : 0);
        for (long step = before + 1; step < trial.steps; ++step)
          if (size == train && step % 5 == 0) wanted += held;
        for (long step = before; step < trial.steps; ++step) {
          const std::int64_t at = step % ((train + size - 1) / size) * size;  // the last batch of an epoch is smaller
          wanted += 3 * std::min(size, train - at);
        }
        if (trial.verdict != Verdict::diverges) {
          EXPECT_EQ(trial.units, wanted) << trial.lr << " " << trial.steps;
        }
        before = trial.steps;
        units += trial.units;
      }
      EXPECT_EQ(units, t.budget.spent);
      EXPECT_LE(t.budget.spent, t.budget.limit);
      EXPECT_GT(t.trials.size(), 4u);
      EXPECT_TRUE(t.lr_recommended.has_value()) << t.lr_recommended_reason;
    }
}

/// With batches, and with all at once, where runs are looked at on the way.
class TuneCarriesOn : public testing::WithFolder, public ::testing::WithParamInterface<int64_t> {};
INSTANTIATE_TEST_SUITE_P(Tune, TuneCarriesOn, ::testing::Values(64, 0),
                         [](const auto& i) { return i.param > 0 ? "batches" : "all_at_once"; });

TEST_P(TuneCarriesOn, ToTheSameAnswer) {
  TuneRequest request = digits(64, GetParam());
  const std::string whole = without_cost(tune(request));
  request.options.state = path("state.json");
  EXPECT_EQ(without_cost(tune(request)), whole);
  EXPECT_EQ(without_cost(tune(request)), whole);  // all of it from the file
  // Stopped after so many results, as a killed process leaves it.
  const auto full = nlohmann::ordered_json::parse(std::ifstream(path("state.json")));
  for (std::size_t kept : {0u, 1u, 5u, 9u}) {
    auto json = full;
    auto& trials = json["trials"];
    while (trials.size() > kept) trials.erase(trials.size() - 1);
    if (kept == 0) json["edge"] = nullptr;
    file("state.json", testing::sealed_state(json));
    EXPECT_EQ(without_cost(tune(request)), whole) << kept;
  }
  // Stopped by the user.
  std::filesystem::remove(path("state.json"));
  int asked = 0;
  request.options.progress = [&](double) { return ++asked < 60; };
  EXPECT_TRUE(tune(request).partial);
  request.options.progress = {};
  EXPECT_EQ(without_cost(tune(request)), whole);
}

TEST_F(Tune, AStateOfAnotherJobIsRefusedByWhatDiffers) {
  TuneRequest request = digits(64);
  request.options.state = path("state.json");
  tune(request);
  const auto refused = [&](auto change, const std::string& reason) {
    TuneRequest other = request;
    change(other);
    expect_refused("state", reason, [&] { tune(other); });
  };
  refused([](TuneRequest& r) { r.options.steps = 70; }, "steps is 64, here 70");
  refused([](TuneRequest& r) { r.setup.model = "mlp:64-16-10:tanh"; }, "model is mlp:64-32-10:tanh");
  refused([](TuneRequest& r) { r.setup.optimizer = "adam"; }, "optimizer is gd, here adam");
  refused([](TuneRequest& r) { r.options.seed = 1; }, "seed is 0, here 1");
}

TEST_F(Tune, RefusesWhatCannotBeTuned) {
  const auto refused = [&](auto change, const std::string& field, const std::string& reason) {
    TuneRequest request = digits(64);
    change(request);
    expect_refused(field, reason, [&] { tune(request); });
  };
  refused([](TuneRequest& r) { r.options.steps = 1; }, "steps", "1 is not at least 16");
  refused([](TuneRequest& r) { r.options.budget = 0.5; }, "budget", "is the smallest that may do");
  refused([](TuneRequest& r) { r.options.budget = NAN; }, "budget", "");
  refused([](TuneRequest& r) { r.options.seeds = 0; }, "seeds", "0");
  refused([](TuneRequest& r) { r.setup.validation = 0.95; }, "validation", "0.95");
  refused([](TuneRequest& r) { r.options.schedule = "cosign"; }, "schedule", "'cosign'");
  refused([](TuneRequest& r) { r.options.batch_size = 1500; }, "batch_size", "1500");
  const std::string rare = file("rare.csv", "x,y\n1,0\n2,0\n3,0\n4,1\n5,1\n6,1\n7,2\n");
  refused(
      [&](TuneRequest& r) {
        r.setup.data = "csv:" + rare;
        r.setup.model = "linear";
        r.setup.loss = "cross_entropy";
        r.options.batch_size = 0;
      },
      "validation", "class 2 has one example only");
}

TEST_F(Tune, TheSmallestBudgetThatIsNamedIsAccepted) {
  TuneRequest request = digits(64);
  request.options.budget = 0.1;
  const std::string said = refusal([&] { tune(request); });
  request.options.budget = std::stod(said.substr(said.find("; ") + 2));
  EXPECT_TRUE(tune(request).lr_recommended.has_value());
}

TEST_F(Tune, WhatNeverTrainsGetsNoRate) {
  // The inputs are all the same: no rate makes the outputs depend on them.
  std::string text = "x,y\n";
  for (int i = 0; i < 40; ++i) text += "0," + std::to_string(i % 2) + "\n";
  TuneRequest request;
  request.setup.model = "mlp:1-8-2:relu";
  request.setup.data = "csv:" + file("constant.csv", text);
  request.setup.loss = "cross_entropy";
  request.options.steps = 32;
  const Tuning t = tune(request);
  EXPECT_FALSE(t.lr_recommended.has_value());
  expect_in("no rate trained", t.lr_recommended_reason);
  EXPECT_TRUE(t.code.empty());
  EXPECT_LE(t.budget.spent, t.budget.limit);
}

TEST_F(Tune, ItsRateIsNearTheBestOfAGridAndHoldsForOtherSeeds) {
  const TuneRequest request = digits(120);
  const Tuning t = tune(request);
  ASSERT_TRUE(t.lr_recommended.has_value());
  Task task(request);
  const auto mean_loss = [&](double lr) {
    double sum = 0;
    for (const std::uint64_t seed : {10, 11, 12}) {
      const RunRecord trial = task.run(lr, seed, 120);
      if (trial.verdict != Verdict::trains) return std::numeric_limits<double>::infinity();
      sum += *trial.loss / 3;
    }
    return sum;
  };
  double best = INFINITY;
  for (double lr = 0.01; lr < 10; lr *= std::numbers::sqrt2) best = std::min(best, mean_loss(lr));
  EXPECT_LT(mean_loss(*t.lr_recommended), 1.25 * best) << *t.lr_recommended;
  if (t.lr_interval) {
    EXPECT_LT((*t.lr_interval)[0], (*t.lr_interval)[1]);
    // The best rate may lie between the largest that trained and the smallest that did not.
    EXPECT_LE((*t.lr_interval)[1], t.trainable.lr.upper.value_or(INFINITY));
  }
  EXPECT_LT(*t.lr_recommended, t.trainable.lr.upper.value_or(INFINITY));
  ASSERT_TRUE(t.expected_loss.has_value()) << t.expected_loss_reason;
  EXPECT_NEAR(std::log(*t.expected_loss / mean_loss(*t.lr_recommended)), 0, 0.4);
}

TEST_F(Tune, WhatIsRecommendedWasNeverSeenToFail) {
  for (const char* optimizer : {"gd", "adam", "lion"})
    for (const long steps : {16, 24, 40, 100})
      for (const int64_t batch : {0, 300})
        for (const double budget : {2.5, 3.0, 5.0}) {
          TuneRequest request = digits(steps, batch);
          request.setup.model = optimizer == std::string("gd") ? "mlp" : "mlp:64-16-10:relu";
          request.setup.optimizer = optimizer;
          request.options.budget = budget;
          const std::string job = fmt::format("{}, {} steps, batch {}, budget {}", optimizer, steps, batch, budget);
          Tuning t;
          try {
            t = tune(request);
          } catch (const InputError& e) {
            expect_in("is the smallest that may do", e.what());  // so short a run costs little beside its judging
            continue;
          }
          EXPECT_LE(t.budget.spent, t.budget.limit) << job;
          if (!t.lr_recommended) continue;
          EXPECT_LT(*t.lr_recommended, t.trainable.lr.upper.value_or(INFINITY)) << job;
          for (const RunRecord& trial : t.trials)
            if (trial.lr == *t.lr_recommended && trial.warmup_steps == 0) {
              EXPECT_NE(trial.verdict, Verdict::diverges)
                  << job << ", after " << trial.steps << " steps of seed " << trial.seed;
            }
          ASSERT_TRUE(t.expected_loss && t.expected_loss_spread && t.failure_probability) << job;
          EXPECT_GT(*t.expected_loss, 0) << job;
          EXPECT_GT(*t.expected_loss_spread, 0) << job;
          EXPECT_GE(*t.failure_probability, 0) << job;
          EXPECT_LE(*t.failure_probability, 1) << job;
        }
}

/// Full-batch logistic regression on standardized columns, which overfits: the held-out loss of a rate turns.
TuneRequest overfitting(std::uint64_t seed) {
  TuneRequest request;
  request.setup.model = "linear";
  request.setup.data = "breast_cancer";
  request.options.steps = 200;
  request.setup.loss = "bce";
  request.setup.standardize = true;
  request.options.seed = seed;
  return request;
}

TEST_F(Tune, WhereTheHeldOutLossTurnsTheRateIsThatOfTheHorizon) {
  for (const std::uint64_t seed : {0, 100, 200}) {
    const TuneRequest request = overfitting(seed);
    const Tuning t = tune(request);
    ASSERT_TRUE(t.lr_recommended && t.expected_loss);
    Task task(request);
    double best = INFINITY;
    for (double lr = 0.02; lr < 40; lr *= std::pow(2, 0.25)) {
      const RunRecord trial = task.run(lr, seed, 200);
      if (trial.verdict == Verdict::trains) best = std::min(best, *trial.loss);
    }
    // The expected loss is a forecast where the rate itself was not run to the end.
    EXPECT_LT(*task.run(*t.lr_recommended, seed, 200).loss, 1.05 * best) << seed << ": " << *t.lr_recommended;
    EXPECT_NEAR(*t.expected_loss, best, *t.expected_loss_spread) << seed;
    const auto longest =
        std::find_if(t.trials.begin(), t.trials.end(), [&](const RunRecord& x) { return x.steps == 200; });
    ASSERT_NE(longest, t.trials.end());
    EXPECT_LE(longest->lowest->loss, *longest->loss);
  }
}

TEST_F(Tune, InputsOfUnlikeScalesComeBeforeEveryRate) {
  TuneRequest request = overfitting(0);
  EXPECT_TRUE(tune(request).inputs.empty());
  request.setup.standardize = false;
  const Tuning t = tune(request);
  EXPECT_FALSE(t.inputs.empty());
  EXPECT_EQ(t.answer.front().find("Standardize the inputs first: " + unlike_scales(t.inputs)), 0u) << t.answer.front();
  EXPECT_EQ(nlohmann::ordered_json::parse(to_json(t))["inputs"].size(), t.inputs.size());
}

TEST_F(Tune, TheEdgeAlongAWarmupIsThatOfTheWeightsThere) {
  TuneRequest request = overfitting(100);
  request.options.budget = 5;
  const Tuning t = tune(request);
  ASSERT_TRUE(t.lr_recommended && t.edge.lr.lower);
  ASSERT_GT(*t.lr_recommended, *t.edge.lr.lower);
  ASSERT_EQ(t.warmup_edges.size(), 3u);
  // By hand: gradient descent in 64 bit, and the Hessian X' diag(s (1 - s)) X / n.
  Task task(request);
  const Dataset& data = task.problem().training_data();
  const int64_t n = data.examples();
  const auto with_ones = [](const torch::Tensor& x) {
    return torch::cat({x.to(torch::kDouble), torch::ones({x.size(0), 1}, torch::kDouble)}, 1);
  };
  const torch::Tensor x = with_ones(data.inputs), y = data.targets.to(torch::kDouble).flatten();
  const Rows rows = task.problem().objective().sample(t.edge_examples / 3, 101);
  const torch::Tensor sampled = with_ones(data.inputs.index_select(0, row_numbers(rows)));
  torch::Tensor w = tensor_of(task.problem().start(100)).to(torch::kDouble).clone();
  const long warmup = t.warmup_edges.back().step;
  std::size_t next = 0;
  for (long step = 1; step <= warmup; ++step) {
    const double lr = *t.lr_recommended * static_cast<double>(step) / static_cast<double>(warmup);
    w = w - lr * x.t().mv(torch::sigmoid(x.mv(w)) - y) / static_cast<double>(n);
    if (step != t.warmup_edges[next].step) continue;
    const torch::Tensor s = torch::sigmoid(sampled.mv(w));
    const torch::Tensor hessian =
        sampled.t().mm(sampled * (s * (1 - s)).unsqueeze(1)) / static_cast<double>(sampled.size(0));
    const double edge = 2 / std::get<0>(torch::linalg_eigh(hessian)).max().item<double>();
    const Interval& found = t.warmup_edges[next++].edge;
    EXPECT_GT(edge, *found.lower * (1 - 1e-3)) << step;
    EXPECT_LT(edge, *found.upper * (1 + 1e-3)) << step;
  }
  EXPECT_EQ(next, 3u);
  expect_in("along a warmup", t.warmup_reason);
  TuneRequest kept = request;  // and carried on from a file
  kept.options.state = path("state.json");
  const std::string whole = without_cost(t);
  EXPECT_EQ(without_cost(tune(kept)), whole);
  EXPECT_EQ(without_cost(tune(kept)), whole);
}

}  // namespace
}  // namespace etamax
