// A file is replaced as a whole, or not at all.
#include "etamax/files/replace_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

#include "../refusal.h"
#include "../temporary_folder.h"

namespace etamax {
namespace {

namespace fs = std::filesystem;
using testing::expect_in;
using testing::refusal;

class ReplaceFile : public testing::WithFolder {
 protected:
  static std::string content(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  std::ptrdiff_t entries() const { return std::distance(fs::directory_iterator(folder_), fs::directory_iterator()); }
};

TEST_F(ReplaceFile, WritesANewOneAndOneThatIsThere) {
  const std::string bytes("one\0two\n", 8), long_text(3 << 20, 'x');
  for (const std::string& text : {bytes, long_text, std::string()}) {
    replace_file("output", path("a"), text);
    EXPECT_EQ(content(path("a")), text);
  }
  EXPECT_EQ(entries(), 1);
}

TEST_F(ReplaceFile, KeepsPermissionsAndFollowsALink) {
  replace_file("output", path("a"), "1");
  fs::permissions(path("a"), fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("a", path("link"));
  replace_file("output", path("link"), "2");
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(content(path("a")), "2");
  EXPECT_EQ(fs::status(path("a")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(entries(), 2);
}

TEST_F(ReplaceFile, RefusesAndLeavesNothing) {
  const auto refused = [&](const std::string& name) { return refusal([&] { replace_file("state", name, "1"); }); };
  EXPECT_EQ(refused(path("no/such/a")),
            "state: '" + path("no/such/a") + "' cannot be written: No such file or directory");
  EXPECT_EQ(refused(folder_.string()), "state: '" + folder_.string() + "' cannot be written: it is a folder");
  EXPECT_EQ(refused("/dev/null"), "state: '/dev/null' cannot be written: it is no plain file");
  expect_in("File name too long", refused(path(std::string(300, 'a'))));
  EXPECT_EQ(refused(""), "state: '' cannot be written");
  EXPECT_EQ(entries(), 0);
}

TEST_F(ReplaceFile, WhatTheMachineDoesNotLetBeWrittenIsNoFaultOfTheInput) {
  replace_file("state", path("a"), "before");
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit small{4, limit.rlim_max};
  const auto signal_before = std::signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  std::string said;
  try {
    replace_file("state", path("a"), "longer than that");
  } catch (const EnvironmentError& e) {
    said = e.what();
  }
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, signal_before);
  EXPECT_EQ(said, "'" + path("a") + "' cannot be written: File too large");
  EXPECT_EQ(content(path("a")), "before");
  EXPECT_EQ(entries(), 1);
}

TEST_F(ReplaceFile, IsWholeWhenSeveralWriteAtOnce) {
  std::vector<std::thread> writers;
  for (char c = 'a'; c < 'e'; ++c)
    writers.emplace_back([this, c] {
      for (int k = 0; k < 10; ++k) replace_file("output", path("a"), std::string(100000, c));
    });
  for (std::thread& writer : writers) writer.join();
  const std::string left = content(path("a"));
  EXPECT_EQ(left, std::string(100000, left.at(0)));
  EXPECT_EQ(entries(), 1);
}

}  // namespace
}  // namespace etamax
