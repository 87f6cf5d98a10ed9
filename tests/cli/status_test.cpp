// What is said to somebody who waits: what, how far, how long; seldom enough, and wiped out.
#include "status.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace etamax::apps {
namespace {

class StatusTest : public ::testing::Test {
 protected:
  Status::Medium medium(bool terminal, int width = 80) {
    return {[this](std::string_view text) { said_ += text; }, terminal, width, [this] { return now_; }};
  }
  const std::string& said() const { return said_; }

  std::string said_;
  double now_ = 0;
};

const WorkDone kNineProducts(0.1, [] { return std::string("9 products"); });

TEST_F(StatusTest, IsALineEachHalfMinuteInAFile) {
  Status status(true, medium(false));
  status.stage("curvature");
  for (now_ = 0; now_ < 95; now_ += 0.25) status.progress(kNineProducts);
  EXPECT_EQ(said(),
            "etamax: curvature: 9 products, 0:30\n"
            "etamax: curvature: 9 products, 1:00\n"
            "etamax: curvature: 9 products, 1:30\n");
}

TEST_F(StatusTest, RewritesItsLineOnATerminalAndWipesItOut) {
  {
    Status status(true, medium(true));
    status.stage("curvature");
    now_ = 0.25;
    status.progress(kNineProducts);  // not yet worth a line
    now_ = 24;
    status.progress(kNineProducts);
    status.progress(kNineProducts);  // too soon after the last
    now_ = 3723;
    status.progress(0.42);
  }
  EXPECT_EQ(said(), "\r\033[Kcurvature: 9 products, 0:24\r\033[Kcurvature: 42%, 1:02:03\r\033[K");
}

TEST_F(StatusTest, FitsTheTerminal) {
  Status status(true, medium(true, 30));
  status.stage("the run that fails below the edge");
  now_ = 5;
  status.progress(kNineProducts);
  EXPECT_EQ(said(), "\r\033[Kthe run that fails belo, 0:05");
}

TEST_F(StatusTest, SaysNothingWhenQuietNorOfWhatIsDoneAtOnce) {
  Status quiet(false, medium(false)), quick(true, medium(true));
  quick.stage("runs");
  quick.progress(kNineProducts);
  quick.clear();
  now_ = 100;
  quiet.stage("runs");
  quiet.progress(kNineProducts);
  EXPECT_EQ(said(), "");
}

TEST_F(StatusTest, EndsNoWorkWhereItCannotBeWritten) {
  const int full = open("/dev/full", O_WRONLY), errors = dup(STDERR_FILENO);
  if (full < 0) GTEST_SKIP() << "there is no /dev/full here";
  dup2(full, STDERR_FILENO);
  for (const bool terminal : {true, false}) {
    Status status(true, {put_status, terminal, 80, [this] { return now_; }});
    status.stage("curvature");
    now_ += 40;
    EXPECT_NO_THROW(status.progress(kNineProducts));
    EXPECT_NO_THROW(status.clear());
  }
  dup2(errors, STDERR_FILENO);
  for (const int file : {full, errors}) close(file);
}

TEST_F(StatusTest, WaitsForNobodyWhoReads) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  fcntl(ends[1], F_SETFL, O_NONBLOCK);
  while (write(ends[1], "x", 1) == 1) {
  }
  fcntl(ends[1], F_SETFL, 0);
  const int errors = dup(STDERR_FILENO);
  dup2(ends[1], STDERR_FILENO);
  const unsigned patience = 5;  // seconds, after which the program is ended
  alarm(patience);
  {
    Status status(true, {put_status, true, 80, [this] { return now_; }});
    status.stage("curvature");
    now_ += 40;
    status.progress(kNineProducts);
  }
  alarm(0);
  dup2(errors, STDERR_FILENO);
  for (const int file : {ends[0], ends[1], errors}) close(file);
}

TEST_F(StatusTest, SaysNoTimeOfNothing) {
  Status status(true, medium(true));
  now_ = 5;
  status.progress(0);
  EXPECT_EQ(said(), "");
}

TEST_F(StatusTest, MakesNoWordsThatNobodyReads) {
  Status status(true, medium(false));
  int made = 0;
  for (now_ = 0; now_ < 29; ++now_) status.progress({0.5, [&] { return ++made, std::string(); }});
  EXPECT_EQ(made, 0);
}

}  // namespace
}  // namespace etamax::apps
