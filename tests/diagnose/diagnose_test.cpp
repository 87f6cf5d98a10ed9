// Fits against closed forms, verdicts on logs whose answer is known, and the article's slip.
#include "etamax/diagnose/diagnose.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/error.h"
#include "etamax/diagnose/edge.h"
#include "etamax/diagnose/growth.h"
#include "kept_answers.h"
#include "training.h"

namespace etamax {
namespace {

Diagnosis diagnosed(const std::string& log, const DiagnoseOptions& options = {}) {
  ByteSource source = ByteSource::memory(log);
  return testing::kept(diagnose(source, options));
}

TEST(Article, TheNumbersPrintedForLearningRate1_2AreThoseOf1_1) {
  for (const std::string log : {"step,x,lr\n0,-1,1.2\n1,1.2,1.2\n2,-1.44,1.2\n3,1.728,1.2\n", "-1, 1.2, -1.44, 1.728\n",
                                "-1\n1.2\n-1.44\n1.728\n"}) {
    DiagnoseOptions options;
    options.expression = "x^2";
    options.lr = 1.2;
    const Diagnosis d = diagnosed(log, options);
    EXPECT_EQ(d.verdict, LogVerdict::learning_rate);
    ASSERT_TRUE(d.implied_lr && d.lr_edge && d.multiplier && d.lr_suggested) << d.reason;
    EXPECT_NEAR(*d.implied_lr, 1.1, 1e-9);
    EXPECT_NEAR(d.lr_edge->value, 1, 1e-9);
    EXPECT_NEAR(d.multiplier->value, -1.2, 1e-9);
    EXPECT_NEAR(d.lr_suggested->value, 0.5, 1e-9);
  }
  // Without the function, lr 1.1 and the multiplier -1.2 give the same edge: 2 lr / (1 - rho).
  DiagnoseOptions options;
  options.lr = 1.1;
  EXPECT_NEAR(diagnosed("-1, 1.2, -1.44, 1.728\n", options).lr_edge.value().value, 1, 1e-9);
}

TEST(ImpliedCurvature, InvertsTheRecurrenceOfEveryRule) {
  for (const OptimizerSpec& spec : optimizers()) {
    if (spec.recurrence == nullptr) continue;
    const HyperparameterValues values = hyperparameter_values(spec, {});
    for (const double lambda : {0.3, 2.0, 50.0}) {
      const double lr = 1.3 * stability_edge(spec, values, lambda).value();
      const double rho = -spectral_radius(spec, values, lr, lambda);  // above the edge a root has left through -1
      EXPECT_NEAR(implied_curvature(spec, values, lr, rho).value() / lambda, 1, 1e-9) << spec.name;
    }
  }
}

TEST(Growth, IsExactWithoutNoiseAndItsIntervalHoldsTheTruthWithIt) {
  std::vector<double> t, y;
  for (int i = 0; i < 12; ++i) t.push_back(5 * i), y.push_back(0.01 * std::pow(1.44, 5 * i));
  const auto exact = fit_growth(t, y);
  ASSERT_TRUE(exact);
  EXPECT_NEAR(exact->factor(), 1.44, 1e-9);
  testing::Random random(5);
  int covered = 0;
  constexpr int kTrials = 400;
  for (int trial = 0; trial < kTrials; ++trial) {
    for (int i = 0; i < 12; ++i) y[static_cast<std::size_t>(i)] = std::exp(0.1 * 5 * i + 0.2 * random.normal());
    const auto fit = fit_growth(t, y, 12);
    ASSERT_TRUE(fit);
    const auto [low, high] = fit->interval();
    covered += low <= std::exp(0.1) && std::exp(0.1) <= high ? 1 : 0;
  }
  // 95%, and three standard errors of the count.
  EXPECT_GE(covered, 0.95 * kTrials - 3 * std::sqrt(kTrials * 0.95 * 0.05));
}

/// Gradient descent without noise on a linear model with squared loss, whose edge is 2 / lambda_max exactly.
TEST(GradientDescent, TheImpliedEdgeIsWithinOnePercent) {
  const testing::Digits digits = testing::read_digits(ETAMAX_DIGITS);
  const double lambda = testing::linear_curvature(digits, 150);
  for (const double factor : {1.02, 1.05, 1.2, 1.6})
    for (const int interval : {1, 3}) {
      testing::TrainingSetup setup;
      setup.hidden = 0, setup.loss = testing::LossKind::squared, setup.batch = 0, setup.examples = 150;
      const double lr = factor * 2 / lambda;
      setup.rate = [lr](long) { return lr; };
      std::string log = "step,loss,lr\n";
      const auto records = testing::train(digits, setup, 1200);
      for (std::size_t i = 0; i < records.size(); i += static_cast<std::size_t>(interval))
        log += fmt::format("{},{:.8g},{}\n", i, records[i].loss, lr);
      const Diagnosis d = diagnosed(log);
      EXPECT_EQ(d.verdict, LogVerdict::learning_rate) << d.reason;
      ASSERT_TRUE(d.lr_edge) << factor << ": " << d.lr_edge_reason;
      EXPECT_NEAR(d.lr_edge->value * lambda / 2, 1, 0.01) << factor << " every " << interval;
    }
}

std::string course(const std::vector<double>& losses) {
  std::string log = "step,loss\n";
  for (std::size_t i = 0; i < losses.size(); ++i) log += fmt::format("{},{}\n", i, losses[i]);
  return log;
}

std::vector<double> falling(int n) {
  std::vector<double> losses;
  testing::Random random(3);
  for (int i = 0; i < n; ++i) losses.push_back(0.4 + 1.9 * std::exp(-i / 40.0) + 0.02 * random.normal());
  return losses;
}

TEST(Verdict, OfPlainCases) {
  std::vector<double> losses = falling(200);
  EXPECT_EQ(diagnosed(course(losses)).verdict, LogVerdict::healthy);

  for (int i = 0; i < 40; ++i) losses.push_back(0.42 + 0.05 * std::pow(1.5, i));
  Diagnosis d = diagnosed(course(losses));
  EXPECT_EQ(d.verdict, LogVerdict::learning_rate) << d.reason;
  EXPECT_NEAR(d.onset_step.value(), 200, 4);
  EXPECT_NEAR(d.growth_per_step.value().value, 1.5, 0.02);

  losses = falling(200);
  for (int i = 0; i < 10; ++i) losses.push_back(NAN);
  d = diagnosed(course(losses));
  EXPECT_EQ(d.verdict, LogVerdict::not_learning_rate) << d.reason;
  EXPECT_EQ(d.onset_step.value(), 199);

  losses = falling(100);
  losses.push_back(45);
  losses.push_back(20);
  for (int i = 0; i < 100; ++i) losses.push_back(2.3026);
  d = diagnosed(course(losses));
  EXPECT_EQ(d.verdict, LogVerdict::collapse) << d.reason;

  d = diagnosed(course(std::vector<double>(50, NAN)));
  EXPECT_NE(d.verdict, LogVerdict::learning_rate) << d.reason;  // the rate may have done it in the step before
  EXPECT_EQ(d.causes.front().name, "data_or_bug");
}

TEST(Verdict, ZerosThatStandForNaNAreTakenForIt) {  // the Hugging Face Trainer with logging_nan_inf_filter
  for (const char* norm : {"nan", "0.5"}) {
    std::string log;
    const std::vector<double> losses = falling(40);
    for (int i = 0; i < 50; ++i)
      log += i < 40 ? fmt::format("{{'loss': {:.4f}, 'grad_norm': 1.25, 'epoch': 0.1}}\n",
                                  losses[static_cast<std::size_t>(i)])
                    : fmt::format("{{'loss': 0.0, 'grad_norm': {}, 'epoch': 0.1}}\n", norm);
    const Diagnosis d = diagnosed(log);
    const bool taken = std::string(norm) == "nan";
    EXPECT_EQ(d.verdict == LogVerdict::healthy, !taken) << d.reason;
    EXPECT_EQ(d.log.remarks.size(), taken ? 1u : 0u);
    EXPECT_EQ(d.onset_step.value_or(-1), taken ? 39 : -1);
  }
}

TEST(Verdict, ASpikeThatCameBackIsInTheSentence) {
  std::vector<double> losses = falling(200);
  losses[120] = 6.5;
  const Diagnosis d = diagnosed(course(losses));
  EXPECT_NE(d.reason.find("once as high as 6.5 at step 120"), std::string::npos) << d.reason;
}

TEST(Verdict, ALossScaleThatCollapsesNamesTheOverflow) {
  std::string log = "step,loss,loss_scale\n";
  const std::vector<double> losses = falling(100);
  for (int i = 0; i < 120; ++i)
    log += fmt::format("{},{},{}\n", i, i < 100 ? losses[static_cast<std::size_t>(i)] : INFINITY,
                       i < 100 ? 65536 : 65536 / std::pow(2, i - 99));
  const Diagnosis d = diagnosed(log);
  EXPECT_EQ(d.verdict, LogVerdict::not_learning_rate) << d.reason;
  EXPECT_EQ(d.cause, "overflow");
}

bool shows(const Diagnosis& d, const std::string& evidence) {
  return std::any_of(d.shown.begin(), d.shown.end(), [&](const ShownEvidence& e) { return e.name == evidence; });
}

std::string with_weights(const std::vector<testing::StepRecord>& records) {
  std::string log = "step,loss,weight_norm\n";
  for (std::size_t i = 0; i < records.size(); ++i)
    log += fmt::format("{},{:.5g},{:.5g}\n", i, records[i].loss, records[i].weight_norm);
  return log;
}

TEST(Weights, ThatGrowWithTheLossSpeakForTheLearningRate) {
  const testing::Digits digits = testing::read_digits(ETAMAX_DIGITS);
  testing::TrainingSetup setup;
  setup.hidden = 0, setup.loss = testing::LossKind::squared, setup.batch = 0, setup.examples = 150;
  const double lr = 1.2 * 2 / testing::linear_curvature(digits, 150);
  setup.rate = [lr](long) { return lr; };
  const Diagnosis d = diagnosed(with_weights(testing::train(digits, setup, 60)));
  EXPECT_EQ(d.verdict, LogVerdict::learning_rate) << d.reason;
  EXPECT_TRUE(shows(d, "weights_grew")) << to_json(d);
}

TEST(Alternation, OfALossThatOvershootsInTurnSpeaksForTheLearningRate) {
  const testing::Digits digits = testing::read_digits(ETAMAX_DIGITS);
  testing::TrainingSetup setup;
  setup.unit = testing::Unit::relu, setup.batch = 0, setup.examples = 150;
  for (const double lr : {26.0, 0.05}) {
    setup.rate = [lr](long) { return lr; };
    const Diagnosis d = diagnosed(with_weights(testing::train(digits, setup, 150)));
    EXPECT_EQ(shows(d, "alternates"), lr > 1) << to_json(d);
  }
}

TEST(Weights, ThatStayAsTheyWereSpeakAgainstIt) {
  const testing::Digits digits = testing::read_digits(ETAMAX_DIGITS);
  testing::TrainingSetup setup;
  setup.rate = [](long) { return 0.05; };
  setup.half_precision = true, setup.loss_scale = 256, setup.overflow_step = 150;
  Diagnosis d = diagnosed(with_weights(testing::train(digits, setup, 180)));
  EXPECT_EQ(d.cause, "overflow") << d.reason;
  EXPECT_TRUE(shows(d, "weights_survived")) << to_json(d);

  setup = {};
  setup.rate = [](long) { return 0.05; };
  setup.bad_step = 150, setup.bad_factor = NAN;
  d = diagnosed(with_weights(testing::train(digits, setup, 180)));
  EXPECT_EQ(d.verdict, LogVerdict::not_learning_rate) << d.reason;
  EXPECT_TRUE(shows(d, "weights_held")) << to_json(d);
}

TEST(Throughput, ThatChangesAtTheOnsetSpeaksForTheSurroundings) {
  const std::vector<double> losses = falling(100);
  for (const bool changes : {false, true}) {
    std::string log = "step,loss,samples_per_second\n";
    testing::Random random(7);
    for (int i = 0; i < 140; ++i) {
      const double speed = (changes && i >= 100 ? 300 : 1000) * std::exp(0.05 * random.normal());
      log += fmt::format("{},{},{}\n", i, i < 100 ? losses[static_cast<std::size_t>(i)] : 9.0, speed);
    }
    const Diagnosis d = diagnosed(log);
    EXPECT_EQ(shows(d, "speed_changed"), changes) << to_json(d);
  }
}

TEST(Verdict, LongLogsAreJudgedByTheirMoment) {
  std::string log = "step,loss\n";
  for (int i = 0; i < 300000; ++i) {
    const double growth = i < 150000 ? 0 : 0.01 * std::pow(1.3, i - 150000);
    log += growth > 1e12 ? fmt::format("{},nan\n", i)
                         : fmt::format("{},{:.5g}\n", i, 0.5 + std::exp(-i / 20000.0) + growth + 0.01 * std::sin(i));
  }
  const Diagnosis d = diagnosed(log);
  EXPECT_EQ(d.verdict, LogVerdict::learning_rate) << d.reason;
  EXPECT_NEAR(d.onset_step.value(), 150000, 12);
  EXPECT_NEAR(d.growth_per_step.value().value, 1.3, 0.01);
}

TEST(Verdict, ARestartIsSaidAndWhatItRepeatsLeftOut) {
  std::string log = course(falling(150));
  const std::vector<double> again = falling(100);
  for (int i = 50; i < 100; ++i) log += fmt::format("{},{}\n", i, again[static_cast<std::size_t>(i)]);
  const Diagnosis d = diagnosed(log);
  EXPECT_EQ(d.log.records, 100);
  ASSERT_EQ(d.log.remarks.size(), 1u);
  EXPECT_NE(d.log.remarks[0].find("go backwards once, the last time from 149 to 50"), std::string::npos)
      << d.log.remarks[0];
}

/// A network of ReLU units with a squared loss: it grows faster than exponentially, and is gone in some steps.
TEST(Verdict, GrowthThatAcceleratesIsTheLearningRate) {
  const std::string losses[] = {"85.2", "1042", "1.2e7", "1.96e19", "inf"};
  std::string log;
  for (int i = 0; i < 8; ++i) log += fmt::format("step {}: loss {}\n", i, losses[std::min(i, 4)]);
  const Diagnosis d = diagnosed(log);
  EXPECT_EQ(d.verdict, LogVerdict::learning_rate) << d.reason;
  EXPECT_EQ(d.onset_step.value_or(-1), 0);
  EXPECT_TRUE(shows(d, "accelerates"));
  EXPECT_FALSE(d.lr_suggested);
  EXPECT_NE(d.next.find("divide the rate by 10 until it holds"), std::string::npos) << d.next;
}

/// The multiplier is at least the square root of the growth of the loss: 1 + it is the curvature times the rate.
TEST(Advice, WithoutAnEdgeIsTheBoundThatTheGrowthImpliesOrASearch) {
  std::string log;
  for (int i = 0; i < 8; ++i) log += fmt::format("step {} loss {:.6g}\n", i, std::pow(100, i));
  DiagnoseOptions options;
  Diagnosis d = diagnosed(log, options);
  ASSERT_EQ(d.verdict, LogVerdict::learning_rate) << d.reason;
  EXPECT_FALSE(d.lr_suggested);
  EXPECT_NE(d.next.find("With gd the rate must be below 0.18 times the one in use"), std::string::npos) << d.next;
  options.optimizer = "sgd";
  options.settings = {{"momentum", 0.9}};
  d = diagnosed(log, options);  // 1 + 0.9 + 10 + 0.9 / 10 = 11.99 in place of 11, and an edge of 3.8 in place of 2
  EXPECT_NE(d.next.find("With sgd the rate must be below 0.32 times"), std::string::npos) << d.next;
  for (const bool adaptive : {false, true}) {  // neither records nor Adam tell
    options = {};
    if (adaptive) options.optimizer = "adam";
    std::string text = log;
    if (!adaptive)
      for (std::size_t at; (at = text.find("step")) != std::string::npos;) text.replace(at, 6, "");
    d = diagnosed(text, options);
    EXPECT_EQ(d.next.find("must be below"), std::string::npos) << d.next;
    EXPECT_NE(d.next.find("divide the rate by 10 until it holds"), std::string::npos) << d.next;
    EXPECT_FALSE(d.lr_suggested);
  }
}

TEST(Verdict, APieceOfAHealthyRunIsHealthyOrUnclear) {
  for (const std::string log :
       {"loss: 4.68\nloss: 4.64\nloss: 4.55\nloss: 4.43\nloss: 4.36\nloss: 4.3\nloss: 4.21\nloss: 4.14\n",
        "step 380 loss 3.31\nstep 390 loss 3.42\nstep 400 loss 3.37\nstep 410 loss 3.21\nstep 420 loss "
        "3.21\nstep 430 loss 3.27\nstep 440 loss 3.14\n"}) {
    const Diagnosis d = diagnosed(log);
    EXPECT_TRUE(d.verdict == LogVerdict::healthy || d.verdict == LogVerdict::unclear) << d.reason;
    EXPECT_LT(d.score, 0.97);
  }
}

TEST(Verdict, NaNInTheFirstRecordOfUnknownStepsIsUndecidedAndSaysWhatWouldDecide) {
  const Diagnosis d = diagnosed("epoch 1 loss nan\nepoch 2 loss nan\nepoch 3 loss nan\n");
  EXPECT_EQ(d.verdict, LogVerdict::unclear) << d.reason;
  EXPECT_NE(d.next.find("every step"), std::string::npos) << d.next;
  EXPECT_NE(d.next.find("a tenth of the rate"), std::string::npos) << d.next;
}

TEST(Verdict, APrintedZeroIsNoNaNWithoutTheTrainersMarks) {
  std::string log;
  for (int i = 0; i < 40; ++i) log += fmt::format("Epoch {} Loss: {:.4f}\n", i, 2.3 * std::exp(-i));
  const Diagnosis d = diagnosed(log);
  EXPECT_TRUE(d.log.remarks.empty()) << d.log.remarks[0];
  EXPECT_NE(d.verdict, LogVerdict::not_learning_rate) << d.reason;
}

TEST(Verdict, NoScoreClaimsCertaintyAndThatOfFewRecordsLess) {
  std::string log;
  for (int i = 0; i < 300; ++i) log += fmt::format("step {} loss {}\n", i, 2 + std::exp(0.1 * i));
  EXPECT_LT(diagnosed(log).score, 0.99);
  EXPECT_LT(diagnosed("step 0 loss 1\nstep 1 loss 30\nstep 2 loss 1e5\nstep 3 loss 1e12\n").score, 0.9);
}

TEST(Interruption, GivesWhatWasReadByThenOrThrows) {
  const std::string log = course(falling(200));
  for (const bool early : {false, true}) {
    std::size_t at = 0;
    int asked = 0;
    ByteSource source("parts", [&](char* to, std::size_t room) {
      const std::size_t n = std::min({room, std::size_t{100}, log.size() - at});
      std::copy_n(log.data() + at, n, to);
      at += n;
      return n > 0 ? n : ByteSource::kNoneYet;  // goes on for ever
    });
    DiagnoseOptions options;
    options.format = "csv";
    options.progress = [&](double) { return early ? false : ++asked < 1000; };
    if (early) {
      EXPECT_THROW(diagnose(source, options), Interrupted);
    } else {
      const Diagnosis d = diagnose(source, options);
      EXPECT_TRUE(d.partial);
      EXPECT_EQ(d.log.records, 200);
      EXPECT_EQ(d.verdict, LogVerdict::healthy);
    }
  }
}

TEST(Refusals, NameWhatIsWrong) {
  const auto refusal = [](const std::string& log, const DiagnoseOptions& options) -> std::string {
    try {
      diagnosed(log, options);
    } catch (const InputError& e) {
      return e.what();
    }
    return "accepted";
  };
  const std::string log = course(falling(20));
  DiagnoseOptions options;
  options.lr = -1;
  EXPECT_NE(refusal(log, options).find("lr: -1 is not a positive finite number"), std::string::npos);
  options = {};
  options.column = "lss";
  EXPECT_NE(refusal(log, options).find("did you mean 'loss'?"), std::string::npos);
  options = {};
  options.format = "cvs";
  EXPECT_NE(refusal(log, options).find("did you mean csv?"), std::string::npos);
  options = {};
  options.expression = "x*y";
  EXPECT_NE(refusal("-1, 1.2, -1.44\n", options).find("has 2 variables"), std::string::npos);
}

/// Where every record is the same, nothing moves or nothing is measured: that is not called healthy.
TEST(Diagnose, WhatIsTheSameInEveryRecordTellsNothing) {
  for (const std::string loss : {"0.35977894", "0.35", "12.5"})
    for (const int records : {2, 3, 9, 40}) {
      std::string log;
      for (int k = 0; k < records; ++k) log += "step " + std::to_string(k) + " loss " + loss + "\n";
      ByteSource source = ByteSource::memory(log);
      const Diagnosis d = testing::kept(diagnose(source, {}));
      EXPECT_EQ(d.verdict, LogVerdict::unclear) << loss << " " << records << ": " << d.reason;
    }
}

}  // namespace
}  // namespace etamax
