// Layouts that were met in threads, beyond those of reader_test.cpp.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "etamax/diagnose/diagnose.h"
#include "etamax/diagnose/format.h"
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

TEST(LastWords, OfAProgramThatStopsAsTheLossIsNoNumberAreARecord) {
  const std::string run = "step 1 loss 2.5\nstep 2 loss 2.4\nstep 3 loss 2.3\n";
  for (const char* words : {"FloatingPointError: Loss became infinite or NaN", "Loss is nan, stopping training",
                            "NanLossDuringTrainingError: NaN loss during training."}) {
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
