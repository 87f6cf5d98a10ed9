// Pieces of evidence, each in the smallest log that shows it, beside one that does not.
#include "etamax/diagnose/evidence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "etamax/diagnose/diagnose.h"
#include "kept_answers.h"

namespace etamax {
namespace {

bool shows(const std::string& log, const std::string& evidence, const DiagnoseOptions& options = {}) {
  const auto& table = evidence_table();
  EXPECT_TRUE(std::any_of(table.begin(), table.end(), [&](const auto& row) { return row.name == evidence; }));
  ByteSource source = ByteSource::memory(log);
  const Diagnosis d = testing::kept(diagnose(source, options));
  return std::any_of(d.shown.begin(), d.shown.end(), [&](const auto& shown) { return shown.name == evidence; });
}

/// "step 10 loss 3.2" and so on, from `first` on, `gap` apart.
std::string course(const std::vector<const char*>& losses, int first = 0, int gap = 1) {
  std::string log;
  for (std::size_t i = 0; i < losses.size(); ++i)
    log += "step " + std::to_string(first + gap * static_cast<int>(i)) + " loss " + losses[i] + "\n";
  return log;
}

TEST(Evidence, OfARiseWithinTheFirstRecordsOfTheRun) {
  EXPECT_TRUE(shows(course({"5.7", "23", "27", "8.6", "5.8", "inf", "nan"}), "rose_at_first"));
  EXPECT_FALSE(shows(course({"5.7", "23", "27", "8.6", "5.8", "inf", "nan"}, 500), "rose_at_first"));
  EXPECT_FALSE(shows(course({"5.7", "23", "8", "5", "4", "3", "2.5", "2", "1.8"}), "rose_at_first")) << "it fell after";
  EXPECT_TRUE(shows(course({"0.76", "8e9", "1.34", "1.35", "1.35", "1.36"}, 0, 363), "shot_up_at_first"));
}

TEST(Evidence, OfALogThatEndsOnItsHighestRecord) {
  const std::vector<const char*> calm = {"0.66", "0.8", "0.77", "0.56", "0.82"};
  std::vector<const char*> high = calm;
  high.push_back("6.66");
  EXPECT_TRUE(shows(course(high), "ends_on_highest"));
  high.push_back("0.7");
  EXPECT_FALSE(shows(course(high), "ends_on_highest"));
}

TEST(Evidence, OfAVWithoutNoiseIsARise) {
  EXPECT_TRUE(shows(course({"15.5", "13", "3.8", "2.4", "1.4", "5.8", "7", "10"}, 1, 55), "ends_above_best"));
  // Noise of the same size turns at every other record.
  EXPECT_FALSE(shows(course({"10", "3", "12", "2.4", "9", "1.9", "11", "2.2"}, 1, 55), "ends_above_best"));
}

TEST(Evidence, OfLossesBelowZeroIsOfTheirSize) {
  // A thousandth of their size is no rise, however calm they are.
  EXPECT_FALSE(shows(course({"-12.715", "-12.711", "-12.701", "-12.699", "-12.7", "-12.703", "-12.704"}), "rises"));
  EXPECT_TRUE(shows(course({"-12.7", "-12", "-11", "-9.5", "-8", "-6", "-3"}), "ends_above_start"));
}

TEST(Evidence, OfARiseByAPercent) {
  const std::vector<const char*> slow = {"4.13", "4.14", "4.17", "4.18", "4.19", "4.18", "4.18", "4.2"};
  EXPECT_TRUE(shows(course(slow, 48200, 200), "rises_little"));
  EXPECT_FALSE(shows(course(slow, 48200, 200), "rises"));
  EXPECT_TRUE(shows(course({"4.1", "4.4", "4.7", "5", "5.3", "5.6"}), "rises"));
}

TEST(Evidence, OfALogThatBeginsFarInTheRun) {
  const std::vector<const char*> level = {"0.13", "0.127", "0.134", "0.118", "0.127", "0.128"};
  EXPECT_FALSE(shows(course(level, 48200, 200), "no_trend_from_beginning"));
  EXPECT_TRUE(shows(course(level, 200, 200), "no_trend_from_beginning"));
}

TEST(Evidence, OfAnEpochThatTheLogBeginsWith) {
  const auto log = [](int first) {
    std::string text;
    for (int i = 0; i < 4; ++i)
      text += "| epoch " + std::to_string(first + i) + " | loss 3." + std::to_string(728 - 8 * i) + " | ppl 4.1\n";
    return text;
  };
  EXPECT_TRUE(shows(log(30), "falls_each_time"));
  EXPECT_FALSE(shows(log(30), "no_trend_from_beginning"));
  EXPECT_TRUE(shows(log(1), "no_trend_from_beginning"));
  EXPECT_FALSE(shows(course({"3.7", "3.72", "3.71"}), "falls_each_time"));
}

TEST(Evidence, ALogThatEndsOnItsLowestRecordIsNotAboveItsBest) {
  EXPECT_TRUE(shows(course({"0.2613", "0.1102", "0.0511", "0.0203"}), "falls"));
  EXPECT_FALSE(shows(course({"0.2613", "0.1102", "0.0511", "0.0203"}), "ends_above_best"));
  const std::string spike = course({"3.1", "3", "2.9", "2.95", "7.5", "5.1", "3.6", "3", "2.9", "2.85"});
  EXPECT_FALSE(shows(spike, "ends_at_start"));
}

TEST(Evidence, BesideRewardsARiseIsAlsoThatOfAPolicyThatLearns) {
  const auto answer = [](const std::string& beside, const std::string& factor) {
    std::string log;
    for (const int i : {0, 1, 3, 11, 19, 28, 40})
      log += "loss: " + std::to_string(i) + factor + (beside.empty() ? "" : ", " + beside + ": 0.5") + "\n";
    ByteSource source = ByteSource::memory(log);
    return testing::kept(diagnose(source, {})).verdict;
  };
  EXPECT_EQ(answer("", "e-4"), LogVerdict::learning_rate);
  EXPECT_EQ(answer("reward", "e-4"), LogVerdict::unclear);
  EXPECT_EQ(answer("ep_rew_mean", "e-4"), LogVerdict::unclear);
  EXPECT_EQ(answer("reward", "e7"), LogVerdict::learning_rate);  // no policy that learns has such a loss
}

TEST(Evidence, OfARiseThatHasAnotherReasonIsNotTheRatesAlone) {
  const auto answer = [](const std::string& log) {
    ByteSource source = ByteSource::memory(log);
    return testing::kept(diagnose(source, {})).verdict;
  };
  const auto lines = [](const std::string& before, const std::vector<const char*>& values, const std::string& after) {
    std::string log;
    for (std::size_t i = 0; i < values.size(); ++i)
      log += "epoch " + std::to_string(i) + ", " + before + values[i] + after + "\n";
    return log;
  };
  // Of data that is held out a loss rises where training fits its own data ever closer.
  const std::vector<const char*> rising = {"0.69", "0.62", "0.55", "0.53", "0.52", "0.55", "0.61",
                                           "0.68", "0.77", "0.85", "0.93", "1.02", "1.13", "1.2"};
  EXPECT_EQ(answer(lines("loss: ", rising, "")), LogVerdict::learning_rate);
  EXPECT_EQ(answer(lines("val_loss: ", rising, "")), LogVerdict::unclear);
  EXPECT_EQ(answer(lines("val_loss: ", {"0.69", "0.7", "2.5", "19", "160", "1300", "9800"}, "")),
            LogVerdict::learning_rate);
  // An agent's loss rises with what it learns to expect.
  const std::vector<const char*> agent = {"0.01", "0.05", "0.2", "0.9", "2.1", "4.3", "8.2", "15", "22"};
  EXPECT_EQ(answer(lines("loss: ", agent, "")), LogVerdict::learning_rate);
  std::string episodes;
  for (std::size_t i = 0; i < agent.size(); ++i)
    episodes += "Episode " + std::to_string(i) + " score " + std::to_string(10 + 7 * i) + " loss " + agent[i] + "\n";
  EXPECT_EQ(answer(episodes), LogVerdict::unclear);
  // Weights that give a finite loss have not run away.
  const std::string broken = "epoch: 1, train_loss: 0.04\nepoch: 1, valid_loss: 0.29\nepoch: 2, train_loss: 0.19\n";
  EXPECT_EQ(answer(broken + "epoch: 3, train_loss: nan\n"), LogVerdict::learning_rate);
  EXPECT_EQ(answer(broken + "epoch: 3, train_loss: nan\nepoch: 3, valid_loss: 0.33\n"), LogVerdict::unclear);
  EXPECT_EQ(answer(broken + "epoch: 3, train_loss: nan\nepoch: 3, valid_loss: nan\n"), LogVerdict::learning_rate);
}

TEST(Evidence, OfAPartThatFallsWhileTheTotalRises) {
  const std::vector<const char*> total = {"100", "95", "97", "105", "118", "131", "142"};
  const std::vector<const char*> part = {"100", "94", "90", "88", "87", "86", "85"};
  std::string log, alone;
  for (std::size_t i = 0; i < total.size(); ++i) {
    alone += std::string("loss ") + total[i] + "\n";
    log += std::string("loss ") + total[i] + " recon " + part[i] + "\n";
  }
  const auto told = [](const std::string& text) {
    ByteSource source = ByteSource::memory(text);
    const Diagnosis d = testing::kept(diagnose(source, {}));
    const auto rate =
        std::find_if(d.causes.begin(), d.causes.end(), [](const auto& c) { return c.name == "learning_rate"; });
    return std::any_of(rate->against.begin(), rate->against.end(),
                       [](const std::string& why) { return why.find("'recon', a part of it, falls") == 0; });
  };
  EXPECT_TRUE(told(log));
  EXPECT_FALSE(told(alone));
}

TEST(Evidence, OfALastRecordThatIsHighAlone) {
  EXPECT_TRUE(shows(course({"0.86", "0.65", "0.36", "0.7", "6.6"}), "highest_at_once"));
  EXPECT_FALSE(shows(course({"0.86", "0.65", "0.36", "0.7", "2.6", "6.6"}), "highest_at_once"));
  const auto answer = [](const std::vector<const char*>& rates) {
    const std::vector<const char*> losses = {"0.86", "0.65", "0.36", "3.35"};
    std::string log;
    for (std::size_t i = 0; i < losses.size(); ++i)
      log += "step " + std::to_string(5222 + 50 * i) + " loss " + losses[i] + " lr " + rates[i] + "\n";
    ByteSource source = ByteSource::memory(log);
    return testing::kept(diagnose(source, {})).causes;
  };
  const auto score = [](const std::vector<WeighedCause>& causes) {
    return std::find_if(causes.begin(), causes.end(), [](const auto& c) { return c.name == "learning_rate"; })->score;
  };
  EXPECT_LT(score(answer({"1.5e-4", "1.2e-4", "9e-5", "6e-5"})), 0.6 * score(answer({"1e-4", "1e-4", "1e-4", "1e-4"})))
      << "the rate had come down";
}

TEST(Evidence, OfLeapsBelowTheStartOfTheRun) {
  const std::vector<const char*> single = {"4.4", "2.5", "0.09", "1.9", "0.04", "1.2", "0.01", "0.3", "0.02", "0.25"};
  EXPECT_FALSE(shows(course(single), "leaps")) << "losses of single examples";
  EXPECT_TRUE(shows(course({"4.4", "2.5", "0.09", "19", "0.04", "120", "0.01", "38", "0.02", "25"}), "leaps"));
}

TEST(Evidence, OfAShortPieceFromTheMiddle) {
  EXPECT_TRUE(shows(course({"1.10", "1.10", "1.13"}, 57000, 1000), "moves_little_later"));
  EXPECT_FALSE(shows(course({"1.10", "1.10", "1.13"}, 0, 1000), "moves_little_later"));
  EXPECT_FALSE(shows(course({"1.10", "1.10", "1.43"}, 57000, 1000), "moves_little_later"));
}

TEST(Evidence, ARunThatTurnsAndStaysUpDoesNotSwing) {
  const auto healthy = [](const std::string& log) {
    ByteSource source = ByteSource::memory(log);
    return testing::kept(diagnose(source, {})).verdict == LogVerdict::healthy;
  };
  const std::string turned = course({"4.31", "1.44", "7.08", "15.06", "16.02", "13.83"}, 10, 10);
  EXPECT_FALSE(shows(turned, "no_trend"));
  EXPECT_FALSE(shows(turned, "swings_widely"));
  EXPECT_FALSE(healthy(turned));
  EXPECT_TRUE(healthy(course({"4.31", "1.44", "7.08", "1.9", "6.2", "1.5", "5.1", "2.2"}, 10, 10)));
}

TEST(Evidence, WhatWasLostOrSwingsEverWiderIsNotHealthy) {
  const auto healthy = [](const std::string& log) {
    ByteSource source = ByteSource::memory(log);
    return testing::kept(diagnose(source, {})).verdict == LogVerdict::healthy;
  };
  EXPECT_FALSE(healthy(course({"10.99", "6.11", "5.43", "7.91", "7.60", "7.59", "7.588"}, 0, 250)));
  EXPECT_TRUE(healthy(course({"10.99", "6.11", "5.43", "5.91", "5.60", "5.59", "5.588"}, 0, 250)));
  EXPECT_FALSE(healthy(course({"420", "390", "460", "380", "510", "370", "600", "390", "810"}, 0, 1)));
  EXPECT_TRUE(healthy(course({"420", "390", "460", "380", "410", "370", "400", "390", "395"}, 0, 1)));
}

TEST(Evidence, OfARunThatIsBelowItsFirstRecordEverSince) {
  const std::vector<const char*> fell = {"2.74", "1.88", "1.38", "1.69", "1.83", "1.72", "1.79", "1.8"};
  EXPECT_TRUE(shows(course(fell, 0, 100), "stays_below_first"));
  EXPECT_FALSE(shows(course(fell, 5000, 100), "stays_below_first"));
  EXPECT_FALSE(shows(course({"2.46", "2.305", "2.306", "2.305", "2.305"}), "stays_below_first"));
}

TEST(Evidence, OfAGuessThatItHadBeenBetterThan) {
  const std::vector<const char*> died = {"2.3034",   "2.2898",   "2.2340",   "2.2641",   "2.302585", "2.302585",
                                         "2.302585", "2.302585", "2.302585", "2.302585", "2.302585", "2.302585"};
  std::vector<const char*> never = died;
  never[1] = never[2] = never[3] = "2.3031";
  EXPECT_TRUE(shows(course(died), "died_at_guess"));
  EXPECT_FALSE(shows(course(died), "constant_guess"));
  EXPECT_FALSE(shows(course(never), "died_at_guess"));
  EXPECT_TRUE(shows(course(never), "constant_guess"));
}

TEST(Evidence, OfLossesThatCreepUpBeforeTheyBreak) {
  EXPECT_TRUE(shows(course({"0.50", "0.45", "0.436", "0.437", "0.439", "0.441", "0.444", "0.447", "nan"}), "crept_up"));
  EXPECT_FALSE(shows(course({"0.50", "0.45", "0.44", "0.437", "0.436", "0.435", "0.434", "0.434", "nan"}), "crept_up"));
}

TEST(Evidence, OfGrowthThatIsAstronomicAllAlong) {
  EXPECT_TRUE(shows(course({"4.58e74", "5.39e74", "6.34e74"}, 997), "rises"));
  EXPECT_FALSE(shows(course({"4.58e7", "5.39e7", "6.34e7"}, 997), "rises")) << "three records have no trend";
}

TEST(Evidence, OfTheAccuracy) {
  const auto log = [](const std::vector<const char*>& shares) {
    std::string text;
    for (std::size_t i = 0; i < shares.size(); ++i)
      text += "step " + std::to_string(i) + " loss 0.7 acc " + shares[i] + "\n";
    return text;
  };
  EXPECT_TRUE(shows(log({"0.95", "0.96", "0.96"}), "accuracy_high"));
  EXPECT_TRUE(shows(log({"95", "96", "96"}), "accuracy_high")) << "a percentage";
  EXPECT_TRUE(shows(log({"0.1", "0.3", "0.5"}), "accuracy_rises"));
  EXPECT_FALSE(shows(log({"0.1", "0.3", "0.5"}), "accuracy_high"));
  EXPECT_TRUE(shows(log({"0.9", "0.5", "0.1"}), "accuracy_falls"));
  EXPECT_TRUE(shows(log({"0.14", "0.13", "0.14"}), "accuracy_and_loss_rest"));
  EXPECT_FALSE(shows(log({"0.14", "0.13", "0.14"}), "accuracy_of_a_guess"));
  EXPECT_TRUE(shows(log({"0.101", "0.098", "0.1"}), "accuracy_of_a_guess"));
  EXPECT_FALSE(shows(log({"0.9", "0.9"}), "accuracy_high")) << "too few";
}

TEST(Evidence, OfALossThatIsCutOff) {
  EXPECT_TRUE(shows(course({"11.2", "87.3365", "87.3365", "87.3365"}), "rests_at_cutoff"));
  EXPECT_FALSE(shows(course({"11.2", "87.4", "87.4", "87.4"}), "rests_at_cutoff"));
}

TEST(Evidence, OfRecordsThatAllStandAboveTheFirst) {
  const std::vector<const char*> twice = {"339", "654", "560", "478", "628", "549", "464"};
  EXPECT_TRUE(shows(course(twice, 0, 100), "stays_above_first"));
  EXPECT_FALSE(shows(course(twice, 0, 100), "no_trend")) << "something stands out";
  EXPECT_FALSE(shows(course(twice, 5000, 100), "stays_above_first")) << "not from the beginning";
  EXPECT_FALSE(shows(course({"339", "654", "300", "478", "628"}), "stays_above_first"));
}

TEST(Evidence, OfAFallWithinTheFirstRecord) {
  const std::string log =
      course({"0.43", "0.0689", "0.0689", "0.0712", "0.0713", "0.0713", "0.0713", "0.0713"}, 0, 1000);
  EXPECT_TRUE(shows(log, "falls"));
  for (const char* row : {"rises", "no_trend", "no_trend_from_beginning"}) EXPECT_FALSE(shows(log, row)) << row;
  EXPECT_FALSE(shows(course({"0.43", "0.0689", "0.0689", "0.0912", "0.15", "0.2", "0.25", "0.3"}), "falls"));
  // To the loss of a constant guess among ten.
  EXPECT_FALSE(
      shows(course({"9.4", "2.3026", "2.3025", "2.3027", "2.3026", "2.3025", "2.3026", "2.3026", "2.3026", "2.3026"}),
            "falls"));
}

TEST(Evidence, OfALastRecordAboveAllBefore) {
  EXPECT_TRUE(shows(course({"3.5", "3.4", "3.3", "3.35", "3.3", "6.9"}), "jumps_at_the_end"));
  EXPECT_FALSE(shows(course({"3.5", "3.4", "3.3", "3.35", "3.3", "4.1"}), "jumps_at_the_end"));
  EXPECT_FALSE(shows(course({"3.5", "3.4", "3.3", "3.35", "3.3", "20"}), "jumps_at_the_end")) << "ends_on_highest";
}

TEST(Evidence, OfLeaps) {
  EXPECT_TRUE(shows(course({"1e7", "4e9", "4e3", "4e4", "7e6", "9e3", "840", "3e4", "700"}), "leaps"));
  EXPECT_FALSE(shows(course({"1e7", "4e9", "4e3", "4e4", "7e6", "9e3", "840", "3e4", "700"}), "falls"));
  EXPECT_FALSE(shows(course({"10", "9", "8", "90", "7", "6", "5"}), "leaps"));
}

TEST(Evidence, OfHugeLosses) {
  EXPECT_TRUE(shows(course({"179480", "133420", "143940", "196060", "166300"}), "stands_high"));
  EXPECT_FALSE(shows(course({"179480", "13342", "1439", "196", "16"}), "stands_high")) << "it falls";
  EXPECT_TRUE(shows(course({"7.7e10", "2.2e7", "6.9e6"}), "came_down_from_astronomic"));
  EXPECT_FALSE(shows(course({"7.4e9", "3e9", "2e9"}), "came_down_from_astronomic"));
  EXPECT_TRUE(shows(course({"4.578e74", "5.4e74", "6.339e74"}, 997), "ends_astronomic"));
}

TEST(Evidence, OfARateThatIsStillRaised) {
  for (const bool rises : {true, false}) {
    std::string log;
    for (int i = 0; i < 6; ++i)
      log += "step " + std::to_string(748 + i) + " lr: " + (rises ? "0.00059" + std::to_string(i) : "0.0006") +
             " loss: " + (i < 3 ? "8.3" : "nan") + "\n";
    EXPECT_EQ(shows(log, "rate_rising"), rises) << log;
  }
}

TEST(Evidence, OfAnotherLossThatGrewByTheTimeThatTheTotalBroke) {
  for (const bool grows : {true, false}) {
    std::string log;
    for (int i = 0; i < 5; ++i)
      log += "step " + std::to_string(i) + " conf_loss: " + (grows && i == 3 ? "11" : "6.2") +
             " total_loss: " + (i < 3 ? "8.3" : "nan") + "\n";
    EXPECT_EQ(shows(log, "part_grew"), grows) << log;
  }
}

TEST(Evidence, OfARateThatIsHighForItsOptimizer) {
  const std::string log = course({"2.3", "2.4", "30", "nan"});
  for (const double rate : {1e-3, 0.05, 0.5})
    for (const char* optimizer : {"sgd", "adam"}) {
      DiagnoseOptions options;
      options.lr = rate, options.optimizer = optimizer;
      EXPECT_EQ(shows(log, "rate_high", options), rate > (options.optimizer == "adam" ? 0.01 : 0.3))
          << rate << " with " << optimizer;
    }
}

TEST(Evidence, OfWhatTheProgramSays) {
  const std::string log = course({"39", "40", "140"});
  EXPECT_TRUE(shows(log + "Aborting, cost seems to be exploding. Lower the learning rate?\n", "says_diverged"));
  EXPECT_FALSE(shows(log + "learning rate 0.1 of the schedule\n", "says_diverged"));
}

TEST(Evidence, OfADerivativeThatHasNoBound) {
  const std::string falls = course({"2.5", "0.84", "0.71", "0.67", "0.58"}),
                    grows = course({"2.5", "2.4", "4", "9", "40"});
  const auto after = [](const char* function) {
    return std::string("RuntimeError: Function '") + function + "' returned nan values in its 0th output.\n";
  };
  EXPECT_TRUE(shows(falls + after("LogBackward0"), "says_edge_of_domain"));
  EXPECT_TRUE(shows(falls + "UserWarning: Error detected in SqrtBackward0. Traceback\n" + after("SqrtBackward0"),
                    "says_edge_of_domain"));
  EXPECT_FALSE(shows(falls + after("MulBackward0"), "says_edge_of_domain"));
  EXPECT_FALSE(shows(grows + after("LogBackward0"), "says_edge_of_domain")) << "the losses before decide";
  // With that line the program stops, whatever the function.
  for (const char* function : {"LogBackward0", "MulBackward0"})
    EXPECT_TRUE(shows(falls + after(function), "ends_not_finite"));
}

TEST(Evidence, OfAGradientThatIsNotFiniteBeforeAnyStep) {
  for (const bool rests : {true, false}) {
    std::string log;
    for (int i = 0; i < 6; ++i)
      log += std::string("{'loss': ") + (i == 0 ? "1.08" : "0.0") +
             ", 'grad_norm': nan, 'learning_rate': " + std::to_string((i + (rests ? 0 : 1)) * 1e-6) + ", 'epoch': 0." +
             std::to_string(i) + "}\n";
    ByteSource source = ByteSource::memory(log);
    const Diagnosis d = diagnose(source, {});
    EXPECT_EQ(d.causes.front().name != "learning_rate", rests) << d.reason;
    EXPECT_NE(d.verdict, LogVerdict::healthy);
  }
}

TEST(Evidence, OfARunThatHasTurned) {
  const auto warmup = [](const std::vector<const char*>& losses, const std::vector<const char*>& norms) {
    std::string log;
    for (std::size_t i = 0; i < losses.size(); ++i)
      log += "step " + std::to_string(100 * i) + " loss " + losses[i] + " lr " +
             std::to_string(1e-4 * (1 + static_cast<double>(i))) + " grad_norm " + norms[i] + "\n";
    return log;
  };
  const std::vector<const char*> turns = {"10.5", "9.2", "8.1", "7.3", "6.9", "6.8", "7.1", "7.6", "8.4", "9.3"};
  const std::vector<const char*> grows = {"1.2", "1.1", "1.3", "1.5", "2.1", "3.5", "6.2", "11.5", "25.3", "60.1"};
  const std::vector<const char*> calm = {"1.2", "1.1", "1.3", "1.5", "1.1", "1.5", "1.2", "1.5", "1.3", "1.1"};
  EXPECT_TRUE(shows(warmup(turns, grows), "turned_up"));
  EXPECT_TRUE(shows(warmup(turns, grows), "gradient_turned_up"));
  EXPECT_FALSE(shows(warmup(turns, calm), "gradient_turned_up"));
  EXPECT_FALSE(shows(course({"10.5", "9.2", "8.1", "7.3", "6.9", "6.8", "7.1", "6.9", "7.4", "7.3"}), "turned_up"));
  for (const auto* norms : {&grows, &calm}) {
    const std::string log = warmup(turns, *norms);
    ByteSource source = ByteSource::memory(log);
    EXPECT_NE(diagnose(source, {}).verdict, LogVerdict::healthy) << norms->back();
  }
}

TEST(Sentences, TellTheSameRecordsOnce) {
  ByteSource source = ByteSource::memory("step 7 loss 2.5\nstep 8 loss 2.4\nstep 9 loss nan\n");
  for (const WeighedCause& cause : diagnose(source, {}).causes)
    for (const auto* sentences : {&cause.evidence, &cause.against})
      EXPECT_LE(std::count_if(sentences->begin(), sentences->end(),
                              [](const auto& sentence) { return sentence.find("step 9") != std::string::npos; }),
                1)
          << cause.name;
}

}  // namespace
}  // namespace etamax
