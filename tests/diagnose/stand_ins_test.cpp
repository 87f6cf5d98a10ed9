// What programs print in the place of single losses, and answers that would be wrong where nobody knew it.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "etamax/diagnose/diagnose.h"
#include "kept_answers.h"

namespace etamax {
namespace {

Diagnosis diagnosed(const std::string& log) {
  ByteSource source = ByteSource::memory(log);
  return testing::kept(diagnose(source, {}));
}

using Numbers = std::vector<double>;

Numbers values(const Diagnosis& d) {
  Numbers all;
  for (const LogSeries::Sample& s : d.loss.samples) all.push_back(s.value);
  return all;
}

/// "NAME 0.3" and so on, a line each.
std::string lines(const std::string& name, const std::vector<const char*>& losses) {
  std::string log;
  for (std::size_t i = 0; i < losses.size(); ++i)
    log += "epoch " + std::to_string(i) + " " + name + " " + losses[i] + "\n";
  return log;
}

bool remarks(const Diagnosis& d, const std::string& words) {
  for (const std::string& remark : d.log.remarks)
    if (remark.find(words) != std::string::npos) return true;
  return false;
}

TEST(StandIns, AZeroOfTheTrainerBesideGradientsThatAreNotFiniteIsNaNFromTheFirstRecordOn) {
  const auto log = [](const std::string& norm) {
    std::string text;
    for (const char* epoch : {"0.01", "0.02", "0.03", "0.04"})
      text += "{'loss': 0.0, 'grad_norm': " + norm + ", 'learning_rate': 5e-05, 'epoch': " + epoch + "}\n";
    return text;
  };
  const Diagnosis broken = diagnosed(log("nan"));
  EXPECT_EQ(broken.verdict, LogVerdict::unclear) << broken.reason;
  for (const double v : values(broken)) EXPECT_TRUE(std::isnan(v));
  EXPECT_TRUE(remarks(broken, "writes NaN"));
  // Without a gradient that broke, nothing says that they are not zeros; but nothing is well, either.
  EXPECT_EQ(values(diagnosed(log("0.5"))), (Numbers{0, 0, 0, 0}));
  EXPECT_NE(diagnosed(log("0.5")).verdict, LogVerdict::healthy);
}

TEST(StandIns, ASumThatIsNeverSetBackHasTheLossesAsItsIncreases) {
  const Diagnosis d = diagnosed(lines("loss", {"500", "900", "1200", "1450", "1650"}));
  EXPECT_EQ(values(d), (Numbers{500, 400, 300, 250, 200}));
  EXPECT_TRUE(remarks(d, "its increases are taken for the losses"));
  EXPECT_EQ(d.verdict, LogVerdict::healthy) << d.reason;
  // Growth by more each time is none, nor one that begins from another level, nor one that comes to rest.
  for (const std::vector<const char*>& other : {std::vector<const char*>{"2.3", "3.5", "5", "6.9", "9.2"},
                                                {"50", "51", "52", "53", "54"},
                                                {"2.3", "4", "5.5", "6.5", "7.2", "7.5"}})
    EXPECT_FALSE(remarks(diagnosed(lines("loss", other)), "increases")) << other.back();
}

TEST(StandIns, AZeroBeforeTheFirstStepIsLeftOut) {
  const Diagnosis d = diagnosed(lines("loss", {"0", "4.5", "4.25", "4"}));
  EXPECT_EQ(values(d), (Numbers{4.5, 4.25, 4}));
  EXPECT_TRUE(remarks(d, "left out"));
  EXPECT_EQ(values(diagnosed(lines("loss", {"0", "0", "4.25", "4"}))).size(), 4u) << "two of them are no accident";
}

TEST(StandIns, AnObjectiveThatIsRaisedIsNamedBySeveralWords) {
  for (const char* name : {"ELBO:", "log-likelihood:", "objective:"})
    EXPECT_EQ(values(diagnosed(lines(name, {"-9", "-7", "-5"}))), (Numbers{9, 7, 5})) << name;
  EXPECT_EQ(values(diagnosed(lines("loss", {"-9", "-7", "-5"}))), (Numbers{-9, -7, -5}));
}

TEST(Players, OneThatLosesEverMoreIsNoHealthyRun) {
  const auto log = [](const char* of_the_generator) {
    const double falls[] = {0.69, 0.52, 0.0034, 2e-5, 1e-6};
    std::istringstream rises(of_the_generator);
    std::string text, value;
    for (const double d : falls) {
      rises >> value;
      text += "[D loss: " + std::to_string(d) + "] [G loss: " + value + "]\n";
    }
    return text;
  };
  const Diagnosis lost = diagnosed(log("0.71 1.01 8.7 14.7 22.7"));
  EXPECT_NE(lost.verdict, LogVerdict::healthy) << lost.reason;
  const auto collapse = std::find_if(lost.causes.begin(), lost.causes.end(),
                                     [](const WeighedCause& cause) { return cause.name == "collapse"; });
  ASSERT_NE(collapse, lost.causes.end());
  EXPECT_NE(collapse->evidence.at(0).find("'G loss' rises from 0.71 to 22.7"), std::string::npos);
  EXPECT_EQ(diagnosed(log("0.71 1.01 2.7 1.9 2.2")).verdict, LogVerdict::healthy);
}

TEST(Players, TheLossOfOneMayRiseWhileTheyLearn) {
  std::string gan, one;
  const char* generator[] = {"0.7", "1.7", "2.7", "3.7", "4.7", "5.2"};
  for (int i = 0; i < 6; ++i) {
    gan += "epoch " + std::to_string(i) + " generator loss " + generator[i] + " discriminator loss 0.2\n";
    one += "epoch " + std::to_string(i) + " loss " + generator[i] + "\n";
  }
  EXPECT_EQ(diagnosed(one).verdict, LogVerdict::learning_rate);
  EXPECT_NE(diagnosed(gan).verdict, LogVerdict::learning_rate);
}

TEST(Answers, OfLogsInWhichNothingIsAsItShouldBeAreNotThatNothingIsWrong) {
  // Epochs between 4e9 and 700; a classifier that stands at twice its start; a last record that is twice all before.
  for (const std::vector<const char*>& losses :
       {std::vector<const char*>{"2.9e7", "4.4e9", "3.8e3", "4.3e4", "6.8e6", "9.8e3", "840", "3580", "770", "22552",
                                 "719"},
        {"2.3", "4.61", "4.58", "4.7", "4.61", "4.63"},
        {"339", "654", "560", "478", "628", "549", "464", "472", "539", "574"},
        {"3.5", "3.4", "3.3", "3.35", "3.3", "6.9"},
        {"3.3", "6.9"},
        {"0", "0", "0", "0"}})
    EXPECT_NE(diagnosed(lines("loss", losses)).verdict, LogVerdict::healthy) << losses[0] << " to " << losses.back();
}

TEST(Answers, OfAMebibyteInOneLineComeAtOnce) {
  std::string log;
  for (int i = 0; i < 20000; ++i) log += "Epoch: " + std::to_string(i) + " - loss: 5.5 - acc: 0.5:  0%| 1/42622.97";
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_GT(diagnosed(log).log.records, 10000);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(4))
      << "its words are looked at again and again";
}

TEST(Answers, ASettingIsNoLoss) {
  std::string log;
  for (const char* beta : {"0.1", "0.2", "0.3", "0.4"}) log += std::string("beta: ") + beta + " recon: 5 kl: 2\n";
  EXPECT_EQ(diagnosed(log).log.loss_column, "recon");
}

}  // namespace
}  // namespace etamax
