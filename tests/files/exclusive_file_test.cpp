// One process at a time has a file, however often it is replaced.
#include "etamax/files/exclusive_file.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <filesystem>

#include "../refusal.h"
#include "../temporary_folder.h"

namespace etamax {
namespace {

namespace fs = std::filesystem;
using testing::expect_refused;

class ExclusiveFiles : public testing::WithFolder {
 protected:
  ExclusiveFile open(const std::string& name = "a") const { return {"state", path(name), 100, "is in use"}; }
  /// What another one who wants it is told.
  std::string told() const {
    try {
      open();
    } catch (const EnvironmentError& e) {
      return e.what();
    }
    return "(it is free)";
  }
};

TEST_F(ExclusiveFiles, KeepOthersOutUntilTheyAreClosed) {
  const std::string in_use = "'" + path("a") + "': is in use";
  {
    ExclusiveFile mine = open();
    EXPECT_EQ(mine.content(), "");
    EXPECT_EQ(told(), in_use);
    for (const char* text : {"1", "22", "333"}) {
      mine.replace(text);
      EXPECT_EQ(told(), in_use);
    }
    const ExclusiveFile moved = std::move(mine);
    EXPECT_EQ(told(), in_use);
  }
  EXPECT_EQ(open().content(), "333");
  EXPECT_EQ(entries(), 1);
}

TEST_F(ExclusiveFiles, OfAProcessThatDiedAreFree) {
  const pid_t child = fork();
  if (child == 0) {
    ExclusiveFile theirs = open();
    theirs.replace("theirs");
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(open().content(), "theirs");
}

/// A process without standard streams writes none of its messages to the file.
TEST_F(ExclusiveFiles, AreNoStandardStream) {
  const pid_t child = fork();
  if (child == 0) {
    for (const int stream : {0, 1, 2}) close(stream);
    ExclusiveFile mine = open();
    const bool before = write(1, "x", 1) > 0 || write(2, "x", 1) > 0;
    mine.replace("1");
    _exit(before || write(1, "x", 1) > 0 || write(2, "x", 1) > 0);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(content("a"), "1");
}

/// Each of several processes adds one to the number in the file, over and over: none is lost.
TEST_F(ExclusiveFiles, LoseNothingWhereManyWantThem) {
  constexpr int kProcesses = 6, kTimes = 15;
  file("a", "0");
  for (int process = 0; process < kProcesses; ++process)
    if (fork() == 0) {
      for (int done = 0; done < kTimes;) try {
          ExclusiveFile mine = open();
          mine.replace(std::to_string(std::stoi(mine.content()) + 1));
          ++done;
        } catch (const EnvironmentError&) {
          usleep(100);
        }
      _exit(0);
    }
  for (int process = 0; process < kProcesses; ++process) {
    int status = -1;
    wait(&status);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(open().content(), std::to_string(kProcesses * kTimes));
  EXPECT_EQ(entries(), 1);
}

TEST_F(ExclusiveFiles, LeadThroughLinksAndLeaveNothingThatIsEmpty) {
  fs::create_symlink("real", path("link"));
  { const ExclusiveFile unfilled = open("link"); }
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(entries(), 1);
  open("link").replace("1");
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(open("real").content(), "1");
  file("empty", "");
  { const ExclusiveFile unfilled = open("empty"); }
  EXPECT_TRUE(fs::exists(path("empty")));  // it was not made here
}

TEST_F(ExclusiveFiles, RefuseWhatIsNoPlainFile) {
  fs::create_directory(path("folder"));
  ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
  file("large", std::string(101, 'x'));
  expect_refused("state", "it is a folder", [&] { open("folder"); });
  expect_refused("state", "it is no plain file", [&] { open("fifo"); });
  expect_refused("state", "it is no plain file", [&] { ExclusiveFile("state", "/dev/null", 100, ""); });
  expect_refused("state", "larger than the 100 bytes", [&] { open("large"); });
  expect_refused("state", "No such file or directory", [&] { open("no/such/folder"); });
  expect_refused("state", "No such file or directory", [&] { ExclusiveFile("state", "", 100, ""); });
  expect_refused("state", "", [&] { open("large/file"); });
}

}  // namespace
}  // namespace etamax
