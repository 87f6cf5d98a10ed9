// Layouts that were met in threads, beyond those of reader_test.cpp.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/diagnose/diagnose.h"
#include "etamax/diagnose/format.h"
#include "etamax/diagnose/number.h"
#include "kept_answers.h"

namespace etamax {
namespace {

Diagnosis diagnosed(const std::string& log, const DiagnoseOptions& options = {}) {
  ByteSource source = ByteSource::memory(log);
  return testing::kept(diagnose(source, options));
}

std::vector<double> values(const Diagnosis& d) {
  std::vector<double> all;
  for (const LogSeries::Sample& s : d.loss.samples) all.push_back(s.value);
  return all;
}

std::vector<double> steps(const Diagnosis& d) {
  std::vector<double> all;
  for (const LogSeries::Sample& s : d.loss.samples) all.push_back(s.step);
  return all;
}

using Numbers = std::vector<double>;

DiagnoseOptions chosen(const std::string& column) {
  DiagnoseOptions options;
  options.column = column;
  return options;
}

TEST(Layout, ABoxOfTwoColumnsIsARecord) {
  std::string log;
  for (const int i : {1, 2, 3})
    log += "---------------------------\n| rollout/      |           |\n|    ep_rew_mean | 2" + std::to_string(i) +
           "       |\n| train/        |           |\n|    iterations | " + std::to_string(i) + " |\n|    loss   | " +
           std::to_string(7 - i) + ".5 |\n";
  const Diagnosis ruled = diagnosed(log + "---------------------------\n");
  EXPECT_EQ(ruled.log.format, "text");
  EXPECT_EQ(ruled.log.loss_column, "loss");
  EXPECT_EQ(ruled.log.step_column, "iterations");
  EXPECT_EQ(values(ruled), (Numbers{6.5, 5.5, 4.5}));
  EXPECT_EQ(values(diagnosed(log)), (Numbers{6.5, 5.5, 4.5}));  // it breaks off
  EXPECT_EQ(values(diagnosed("| iter | 1 |\n| loss | 3 |\n| iter | 2 |\n| loss | 2 |\n")), (Numbers{3, 2}));
  EXPECT_EQ(diagnosed("| epoch | loss |\n|---|---|\n| 1 | 3 |\n| 2 | 2 |\n").log.format, "csv");
}

TEST(Layout, ACountWithALossAndItsMean) {
  const Diagnosis d = diagnosed(
      "300: 12.5, 13.5 avg, 0.001000 rate, 3.2 seconds, 19200 images\nRegion Avg IOU: 0.3, Obj: 0.5, count: 3\n"
      "301: 14.5, 13.6 avg loss, 0.001000 rate, 3.2 seconds, 19264 images, 2.1 hours left\n"
      "302: -nan, -nan avg loss, 0.001000 rate, 3.2 seconds, 19328 images, 2.1 hours left\n");
  EXPECT_EQ(d.log.loss_column, "loss");
  EXPECT_EQ(steps(d), (Numbers{300, 301, 302}));
  EXPECT_EQ(d.loss.samples[1].value, 14.5);
  EXPECT_TRUE(std::isnan(d.loss.samples[2].value));
  EXPECT_EQ(d.lr, 0.001);
}

TEST(Layout, ATableBetweenOtherLines) {
  for (const std::string header :
       {"***train_loss,train_acc***", "| train_loss | train_acc |", "train_loss\ttrain_acc"}) {
    std::string log;
    for (int epoch = 1; epoch <= 3; ++epoch)
      log += "Epoch: 0" + std::to_string(epoch) + " | Epoch Time: 0m 58s\n" + header + "\n" +
             std::to_string(6 - epoch) + ".5\t3.25\n";
    const Diagnosis d = diagnosed(log);
    EXPECT_EQ(d.log.loss_column, "train_loss") << header;
    EXPECT_EQ(values(d), (Numbers{5.5, 4.5, 3.5})) << header;
  }
  // Words in a row are no header of a line of other numbers.
  EXPECT_EQ(diagnosed("the loss is below\n1 2 3\nstep 1 loss 5\nstep 2 loss 4\n").loss.samples.size(), 2u);
}

TEST(Layout, ATableWithBarsSlashesOrLabels) {
  EXPECT_EQ(values(diagnosed("G error / D error\n0.75 / 0.5\n1.5 / 0.25\n")), (Numbers{0.75, 1.5}));
  EXPECT_EQ(
      values(diagnosed("D_loss  acc  G_loss\n0.5 | 100 | 6.25 | 2 days, 12:04\n0.25 | 100 | 5 | 2 days, 12:05\n")),
      (Numbers{0.5, 0.25}));
  const Diagnosis yolo = diagnosed(
      "  Epoch  gpu_mem  box  obj  total  labels\n  3/99  5.5G  0.05  0.01  0.5  26: 100%|##| 2/2 [12:51<00:00, 2.62s/it]\n"
      "  Class  Images: 100%|##| 5/5 [01:15<00:00]\n  all  787  2054  0.7\n"
      "  4/99  5.5G  0.05  0.01  0.25  26: 100%|##| 2/2 [12:51<00:00, 2.62s/it]\n");
  EXPECT_EQ(yolo.log.loss_column, "total");
  EXPECT_EQ(values(yolo), (Numbers{0.5, 0.25}));
  const Diagnosis labels = diagnosed(
      "Testing for epoch 1:\n\nAll is saved now.\nGo on.\nAnd on.\ncomponent | loss | aux_loss\n-----\ngenerator (train) | 8.5 | 2.25\ndiscriminator (train) | 1.5 | 1.25\n"
      "generator (train) | 9.5 | 2.5\ndiscriminator (train) | 1.25 | 1\n");
  EXPECT_EQ(labels.log.loss_column, "generator (train) loss");
  EXPECT_EQ(values(labels), (Numbers{8.5, 9.5}));
}

TEST(Layout, ColumnsWithoutNames) {
  const Diagnosis d = diagnosed("  0/89  5.61G  0.5  0.25\n  1/89  5.61G  0.25  0.125\n  2/89  5.61G  0.125  0.1\n");
  EXPECT_EQ(values(d), (Numbers{0.5, 0.25, 0.125}));
  EXPECT_EQ(steps(d), (Numbers{0, 1, 2}));
  EXPECT_EQ(values(diagnosed("INFO:x:Train Epoch: 1 [5%]\nINFO:x:[3.5, 1.5, 2.5]\nINFO:x:[3.25, 1.5, 2.5]\n")),
            (Numbers{3.5, 3.25}));
  EXPECT_EQ(values(diagnosed("314.5....... 128/500 ....] ETA: 0ms\n684.25...... 256/500 ....] ETA: 1m\n")),
            (Numbers{314.5, 684.25}));
}

TEST(Layout, TheLossesOfARunInAList) {
  const Diagnosis d = diagnosed("{'0.03': {'costs': [0.75,\n   0.5,\n   0.625, 1.5,\n 6]}}\nstep 3\n");
  EXPECT_EQ(d.log.loss_column, "costs");
  EXPECT_EQ(values(d), (Numbers{0.75, 0.5, 0.625, 1.5, 6}));
  EXPECT_EQ(values(diagnosed("loss_history: [5, 4, 3, 2, 1]\n")), (Numbers{5, 4, 3, 2, 1}));
  // A few in a list are several losses.
  EXPECT_EQ(values(diagnosed("step 1 loss: [5.5, 4]\nstep 2 loss: [3.5, 2]\n")), (Numbers{5.5, 3.5}));
}

TEST(Layout, DecimalCommas) {
  EXPECT_EQ(values(diagnosed("Epoch: 0, Cross-Entropy: 0,75, LR: 0,01\nEpoch: 1, Cross-Entropy: 0,5, LR: 0,01\n")),
            (Numbers{0.75, 0.5}));
  EXPECT_EQ(values(diagnosed("step;loss\n1;0,75\n2;0,5\n3;0,375\n")), (Numbers{0.75, 0.5, 0.375}));
  double value = 0;
  EXPECT_EQ(read_decimal("1,024 MB", value), 5u);  // groups of digits
  EXPECT_EQ(value, 1024);
  EXPECT_EQ(read_decimal("-1,193,476.25, 2", value), 13u);
  EXPECT_EQ(value, -1193476.25);
  EXPECT_EQ(read_decimal("100,200,300", value), 3u);  // or a list
  EXPECT_EQ(read_decimal("1,024,5", value), 1u);
  EXPECT_EQ(read_decimal("1,0245", value), 6u);  // no group: 1.0245
  EXPECT_EQ(read_decimal("1,2,3", value), 1u);   // a list
  EXPECT_EQ(read_decimal("-0,5 ", value), 4u);
  EXPECT_EQ(value, -0.5);
}

TEST(Layout, DigitsInGroupsWithUnderscoresOrApostrophes) {
  const Numbers falling = {1'020'000.5, 20'000, 300};
  EXPECT_EQ(values(diagnosed("step 1 loss: 1_020_000.5\nstep 2 loss: 20_000.00\nstep 3 loss: 300\n")), falling);
  EXPECT_EQ(values(diagnosed("step 1 loss: 1'020'000.5\nstep 2 loss: 20'000\nstep 3 loss: 300\n")), falling);
  EXPECT_EQ(values(diagnosed("step,loss\n1,1_020_000.5\n2,20_000\n3,300\n")), falling);
  EXPECT_EQ(values(diagnosed("{'loss': '20_000', 'step': '1'}\n{'loss': '2.5', 'step': '2'}\n")),
            (Numbers{20'000, 2.5}));
  double value = 0;
  EXPECT_EQ(read_number("20'000'", value), 6u) << "a quote behind it";
  EXPECT_EQ(value, 20'000);
  EXPECT_EQ(read_number("2.5'000", value), 3u) << "groups stand before the point";
}

TEST(Layout, DigitsInOtherGroupsAreSaid) {
  for (const std::string log :
       {"step 1 loss: 9\nstep 2 loss: 20_00\nstep 3 loss: 300\n",
        "step 1 loss: 9\nstep 2 loss: 20'00\nstep 3 loss: 300\n", "step,loss\n1,9\n2,20_00\n3,300\n"}) {
    const Diagnosis d = diagnosed(log);
    EXPECT_EQ(values(d), (Numbers{9, 300})) << log;
    ASSERT_FALSE(d.log.remarks.empty()) << log;
    EXPECT_NE(d.log.remarks.front().find("20"), std::string::npos) << d.log.remarks.front();
    EXPECT_NE(d.log.remarks.front().find("left out"), std::string::npos) << d.log.remarks.front();
  }
}

/// "step,c0,c1,...,LAST" and two rows.
std::string wide_table(int others, const std::string& name, const std::string& last) {
  std::string header = "step", rows[2] = {"1", "2"};
  for (int i = 0; i < others; ++i) {
    header += "," + name + std::to_string(i);
    for (std::string& row : rows) row += ",7";
  }
  return header + "," + last + "\n" + rows[0] + ",0.5\n" + rows[1] + ",0.25\n";
}

TEST(Layout, ALossAfterManyColumns) {
  const Diagnosis far = diagnosed(wide_table(2000, "reward_", "loss"));
  EXPECT_EQ(far.log.loss_column, "loss");
  EXPECT_EQ(values(far), (Numbers{0.5, 0.25}));
  const auto says = [](const Diagnosis& d, const std::string& words) {
    return std::any_of(d.log.remarks.begin(), d.log.remarks.end(),
                       [&](const std::string& remark) { return remark.find(words) != std::string::npos; });
  };
  EXPECT_TRUE(says(far, "more than 1000 columns")) << "what was not looked at is said";
  EXPECT_EQ(values(diagnosed(wide_table(2000, "reward_", "x"), chosen("x"))), (Numbers{0.5, 0.25}));
  EXPECT_TRUE(says(diagnosed(wide_table(200, "loss_", "loss")), "'loss' and those after it") ||
              says(diagnosed(wide_table(200, "loss_", "loss")), "and those after it are left out"));
  EXPECT_TRUE(says(diagnosed(wide_table(5000, "loss_", "z")), "more than 4096 cells"));
}

TEST(Layout, ATableOfLongLines) {
  // Neither its names nor two of its rows are in the first 64 KiB.
  std::string log = "loss";
  for (int i = 0; i < 20000; ++i) log += ",column" + std::to_string(i);
  for (const char* loss : {"4", "3", "2.5", "2.25"}) {
    log += std::string("\n") + loss;
    for (int i = 0; i < 20000; ++i) log += "," + std::to_string(i % 7);
  }
  EXPECT_EQ(values(diagnosed(log + "\n")), (Numbers{4, 3, 2.5, 2.25}));
  std::string row = "9.5";  // a series on one line
  for (int i = 1; i < 20000; ++i) row += ", " + std::to_string(9.5 / i);
  EXPECT_EQ(diagnosed(row).log.records, 20000);
}

TEST(Layout, ANumberWithItsOwnNameIsNoCell) {
  const Diagnosis d = diagnosed("#1, Train loss: 0.1455\n#2, Train loss: 0.0844\n#3, Train loss: 0.0634\n");
  EXPECT_EQ(values(d), (Numbers{0.1455, 0.0844, 0.0634}));
  EXPECT_EQ(values(diagnosed("1; loss=0.5\n2; loss=0.4\n3; loss=0.3\n")), (Numbers{0.5, 0.4, 0.3}));
  // A time, or a name above it, is none.
  EXPECT_EQ(values(diagnosed("10:30:01,0.5\n10:30:02,0.4\n10:30:03,0.3\n")), (Numbers{0.5, 0.4, 0.3}));
  EXPECT_EQ(values(diagnosed("loss,note\n0.5,try: 1\n0.4,try: 2\n")), (Numbers{0.5, 0.4}));
}

TEST(Layout, LossesThatOnlyATagNames) {
  const Diagnosis gan = diagnosed(
      "94: [D] real 0.5 fake 0.25 q -0.5  [G] fake 2.5 reg 0.125\n95: [D] real 0.75 fake 0.25 q -0.5  [G] fake 3 reg 0.125\n");
  EXPECT_EQ(gan.log.loss_column, "D real");
  EXPECT_EQ(values(gan), (Numbers{0.5, 0.75}));
  EXPECT_EQ(values(diagnosed("94: [D] real 0.5 [G] fake 2.5\n95: [D] real 0.75 [G] fake 3\n", chosen("G fake"))),
            (Numbers{2.5, 3}));
}

TEST(Layout, AnObjectiveThatTrainingRaises) {
  const std::string line = "LOG Average objective function for 'output' for minibatches ";
  const Diagnosis d = diagnosed(line + "0-9 is -35.5 over 100 frames.\n" + line + "10-19 is -4.25 over 100 frames.\n");
  EXPECT_EQ(values(d), (Numbers{35.5, 4.25}));
  ASSERT_FALSE(d.log.remarks.empty());
  EXPECT_NE(d.log.remarks.front().find("its negative is taken for the loss"), std::string::npos);
}

TEST(Layout, TheOnlyColumnIsTheLossAndThatIsSaid) {
  const Diagnosis d = diagnosed("{u'ner': 117.5}\n{u'ner': 9.5}\n{u'ner': 0.25}\n");
  EXPECT_EQ(values(d), (Numbers{117.5, 9.5, 0.25}));
  ASSERT_FALSE(d.log.remarks.empty());
  EXPECT_NE(d.log.remarks.front().find("'ner'"), std::string::npos);
  EXPECT_THROW(diagnosed("{'ner': 117.5, 'pos': 3}\n{'ner': 9.5, 'pos': 2}\n"), InputError) << "which of them?";
}

TEST(Layout, LinesThatRanTogether) {
  EXPECT_EQ(values(diagnosed("Epoch: 1 - loss: 5.5 - acc: 0.5:  0%| 1/42622.97Epoch: 2 - loss: 4.5 - acc: 0.5:  0%|")),
            (Numbers{5.5, 4.5}));
  EXPECT_EQ(values(diagnosed("step 1 loss 5 (step 0.3 s)\nstep 2 loss 4 (step 0.3 s)\n")), (Numbers{5, 4}));
}

TEST(Layout, NamesInBracketsAndOfGans) {
  EXPECT_EQ(values(diagnosed(
                "[Epoch] 0, [Training error] 2.5, [Duration] 56\n[Epoch] 1, [Training error] 2, [Duration] 5\n")),
            (Numbers{2.5, 2}));
  EXPECT_EQ(values(diagnosed("(epoch: 1, iters: 100) D_A: 0.25 G_A: 0.5\n(epoch: 1, iters: 200) D_A: 0.5 G_A: 0.25\n")),
            (Numbers{0.25, 0.5}));
}

TEST(Layout, ALogWithoutALossIsUnclear) {
  for (const std::string log : {"step,accuracy\n1,0.5\n2,0.6\n", "Mean Reward: 2.3\nMean Reward: 4.1\n"}) {
    const Diagnosis d = diagnosed(log);
    EXPECT_EQ(d.verdict, LogVerdict::unclear);
    EXPECT_EQ(d.reason.find("No loss was found in the log: it has"), 0u) << d.reason;
    EXPECT_TRUE(d.loss.samples.empty());
  }
}

TEST(Layout, AnEpochAndAPositionInItAsTwoFractions) {
  const Diagnosis d = diagnosed("[1/25][300/400] Loss: 22.5\n[1/25][400/400] Loss: 21\n[2/25][100/400] Loss: 20\n");
  EXPECT_EQ(values(d), (Numbers{22.5, 21, 20}));
  EXPECT_EQ(steps(d), (Numbers{300, 400, 500}));
  const Diagnosis dated = diagnosed("[05/11 10:00:00] iter: 20 loss: 3\n[05/11 10:00:07] iter: 40 loss: 2\n");
  EXPECT_EQ(steps(dated), (Numbers{20, 40}));
}

TEST(Layout, AValueAfterIs) {
  const Diagnosis d =
      diagnosed("step 10, total loss is 6.06 , reg_loss is 0.5\nstep 20, total loss is 5 , reg_loss is 0.5\n");
  EXPECT_EQ(values(d), (Numbers{6.06, 5}));
}

TEST(Layout, AProgressBarThatGoesBackByBackspaces) {
  const Diagnosis d = diagnosed("1/3 [=>..] - loss: 3.5\b\b\b\b2/3 [==>.] - loss: 2.5\b\b\b\b3/3 [====] - loss: 1.5\n");
  EXPECT_EQ(values(d), (Numbers{3.5, 2.5, 1.5}));
}

TEST(Layout, AMeasureOfValidationWhereNothingElseIsALoss) {
  const Diagnosis d =
      diagnosed("| Epoch | Val (%) | LR |\n|---|---|---|\n| 1 | 7 | 1e-4 |\n| 2 | 6 | 1e-4 |\n| 3 | 5 | 1e-4 |\n");
  EXPECT_EQ(d.log.loss_column, "Val (%)");
}

TEST(Layout, ALastRecordOfARestartDoesNotEraseTheRun) {
  std::string log;
  for (const int i : {20, 40, 60, 80, 0}) log += "Score at iteration " + std::to_string(i) + " is 2.5\n";
  const Diagnosis d = diagnosed(log);
  EXPECT_EQ(steps(d), (Numbers{20, 40, 60, 80}));
  ASSERT_EQ(d.log.remarks.size(), 1u);
  EXPECT_NE(d.log.remarks[0].find("its single record is left out"), std::string::npos) << d.log.remarks[0];
}

TEST(Layout, AValueBehindAnArrow) {
  EXPECT_EQ(values(diagnosed("Epoch 021 | D Loss >> -0.4516\nEpoch 022 | D Loss >> -0.4560\n")),
            (Numbers{-0.4516, -0.4560}));
  EXPECT_EQ(values(diagnosed("epoch 1 loss -> 2.5\nepoch 2 loss => 2\nepoch 3 loss --> 1.5\n")),
            (Numbers{2.5, 2, 1.5}));
}

TEST(Layout, AValueThatOnlyACounterStandsBefore) {
  const Diagnosis d = diagnosed(
      "Iter    1: 0.245190  <- Start\nIter  100: 0.115349  (53% improvement)\nIter 1600: 0.075390\nIter 1700: 0.0818\n");
  EXPECT_EQ(values(d), (Numbers{0.245190, 0.115349, 0.075390, 0.0818}));
  EXPECT_EQ(steps(d), (Numbers{1, 100, 1600, 1700}));
  EXPECT_EQ(values(diagnosed("epoch 0 => 2.4\nepoch 1 => 1.2\nepoch 2 => 0.9\n")), (Numbers{2.4, 1.2, 0.9}));
  // What has a name is no loss.
  EXPECT_EQ(diagnosed("Mean Reward: 2.3\nMean Reward: 4.1\nMean Reward: 5.4\n").verdict, LogVerdict::unclear);
}

TEST(Layout, BareNumbersBelowALineThatNamesTheRate) {
  for (const char* line : {"Learning rate: 1000.0\n", "lr=1000\n", "learning rate = 1000\n"}) {
    const Diagnosis d = diagnosed(line + std::string("19.1456\n6911.57\n2495077.5\n900722944.0\n3.2516e11\n"));
    EXPECT_EQ(values(d), (Numbers{19.1456, 6911.57, 2495077.5, 900722944.0, 3.2516e11})) << line;
    EXPECT_EQ(d.lr, 1000) << line;
    EXPECT_EQ(d.verdict, LogVerdict::learning_rate) << line;
  }
}

TEST(Layout, ATableOnItsSide) {
  const Diagnosis d = diagnosed(
      "| step | 10 | 20 | 30 | 40 | ... | 160 | mean |\n|---|---|---|---|---|---|---|---|\n"
      "| loss | 4.31 | **1.44** | 7.08 | 15.06 | ... | 13.83 | **11.18** |\n");
  EXPECT_EQ(values(d), (Numbers{4.31, 1.44, 7.08, 15.06, 13.83}));
  EXPECT_EQ(steps(d), (Numbers{10, 20, 30, 40, 160}));
}

TEST(Layout, PartsOfWhichThereIsATotal) {
  const Diagnosis d = diagnosed(
      "Iteration 0 :\ntotal cost = 9000\ncontent cost = 80\nstyle cost = 7000\n"
      "Iteration 20 :\ntotal cost = 8000\ncontent cost = 90\nstyle cost = 6000\n");
  EXPECT_EQ(d.log.loss_column, "total cost");
  EXPECT_EQ(values(d), (Numbers{9000, 8000}));
}

TEST(Layout, ASingleLossIsNotTakenBeforeAnErrorWithACourse) {
  const Diagnosis d =
      diagnosed("[0,     0] RMSE: 8.5\n[0,  1000] RMSE: 8\n[0,  2000] RMSE: 7.5\nTRAINING RMSE loss: 8\n");
  EXPECT_EQ(values(d), (Numbers{8.5, 8, 7.5}));
}

TEST(Layout, TheScoreOfAnEpisodeIsNoPartOfTheLossesName) {
  const Diagnosis d =
      diagnosed("Episode 0 score 10 loss 0.5\nEpisode 1 score 12 loss 0.4\nEpisode 2 score 20 loss 0.3\n");
  EXPECT_EQ(values(d), (Numbers{0.5, 0.4, 0.3}));
}

TEST(LastWords, OfAProgramThatStopsAsTheLossIsNoNumberAreARecord) {
  const std::string run = "step 1 loss 2.5\nstep 2 loss 2.4\nstep 3 loss 2.3\n";
  for (const char* words :
       {"FloatingPointError: Loss became infinite or NaN", "Loss is nan, stopping training",
        "NanLossDuringTrainingError: NaN loss during training.",
        "FloatingPointError: Minimum loss scale reached (0.0001). Your loss is probably exploding."}) {
    const Diagnosis d = diagnosed(run + words + "\n");
    ASSERT_EQ(d.loss.samples.size(), 4u) << words;
    EXPECT_TRUE(std::isnan(d.loss.samples.back().value));
    ASSERT_EQ(d.log.remarks.size(), 1u);
    EXPECT_NE(d.log.remarks[0].find("one more record"), std::string::npos) << d.log.remarks[0];
    EXPECT_EQ(diagnosed(run + words + "\nstep 4 loss 2.2\n").loss.samples.size(), 4u) << "it went on after " << words;
  }
}

}  // namespace
}  // namespace etamax
