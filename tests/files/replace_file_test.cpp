// A file is replaced as a whole, or not at all.
#include "etamax/files/replace_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "../refusal.h"
#include "../temporary_folder.h"
#include "etamax/files/exclusive_file.h"
#include "etamax/files/file_keeper.h"
#include "etamax/files/input_file.h"

namespace etamax {
namespace {

namespace fs = std::filesystem;
using testing::expect_in;
using testing::refusal;

using ReplaceFile = testing::WithFolder;

TEST_F(ReplaceFile, WritesANewOneAndOneThatIsThere) {
  const std::string bytes("one\0two\n", 8), long_text(3 << 20, 'x');
  for (const std::string& text : {bytes, long_text, std::string()}) {
    replace_file("output", path("a"), text);
    EXPECT_EQ(content("a"), text);
  }
  EXPECT_EQ(entries(), 1);
}

TEST_F(ReplaceFile, KeepsPermissionsAndFollowsALink) {
  replace_file("output", path("a"), "1");
  fs::permissions(path("a"), fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("a", path("link"));
  replace_file("output", path("link"), "2");
  EXPECT_TRUE(fs::is_symlink(path("link")));
  EXPECT_EQ(content("a"), "2");
  EXPECT_EQ(fs::status(path("a")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(entries(), 2);
}

TEST_F(ReplaceFile, RefusesAndLeavesNothing) {
  const auto refused = [&](const std::string& name) { return refusal([&] { replace_file("state", name, "1"); }); };
  EXPECT_EQ(refused(path("no/such/a")),
            "state: '" + path("no/such/a") + "' cannot be written: No such file or directory");
  EXPECT_EQ(refused(folder_.string()), "state: '" + folder_.string() + "' cannot be written: it is a folder");
  EXPECT_EQ(refused(path("none/")), "state: '" + path("none/") + "' cannot be written: No such file or directory");
  EXPECT_EQ(refused(file("plain", "") + "/a"), "state: '" + path("plain/a") + "' cannot be written: Not a directory");
  fs::create_symlink("loop", path("loop"));
  expect_in("Too many levels of symbolic links", refused(path("loop")));
  expect_in("File name too long", refused(path(std::string(300, 'a'))));
  EXPECT_EQ(refused(""), "state: '' cannot be written: No such file or directory");
  // The system would write to the file whose name ends before it.
  const std::string whole = path("plain") + std::string("\0.csv", 5);
  const std::string words = "state: '" + path("plain") + "\\x00.csv' names no file: it holds a byte of value 0";
  EXPECT_EQ(refused(whole), words);
  EXPECT_EQ(refusal([&] { check_replaceable("state", whole); }), words);
  EXPECT_EQ(refusal([&] { ExclusiveFile("state", whole, 1, "in use"); }), words);
  EXPECT_EQ("state: " + refusal([&] { InputFile file(whole); }), words);
  EXPECT_EQ(entries(), 2);
}

TEST_F(ReplaceFile, IsRefusedBeforeTheWork) {
  const auto refused = [&](const std::string& name) { return refusal([&] { check_replaceable("output", name); }); };
  const auto cannot = [&](const std::string& name, const std::string& why) {
    EXPECT_EQ(refused(path(name)), "output: '" + path(name) + "' cannot be written: " + why);
    EXPECT_NE(refusal([&] { replace_file("output", path(name), "1"); }), "") << name;
  };
  fs::create_directory(path("folder"));
  fs::create_symlink("folder", path("to_folder"));
  fs::create_symlink("no/such", path("dangling"));
  fs::create_symlink("loop", path("loop"));
  file("plain", "");
  cannot("no/such/a", "there is no folder '" + path("no/such") + "'");
  cannot("folder", "it is a folder");
  cannot("to_folder", "it is a folder");
  cannot("dangling", "there is no folder '" + path("no") + "'");
  cannot("loop", "Too many levels of symbolic links");
  cannot("plain/a", "Not a directory");
  cannot(std::string(300, 'a'), "File name too long");
  for (const char* const name : {"plain", "folder/new", "new"}) check_replaceable("output", path(name));
  check_replaceable("output", "/dev/null");
  EXPECT_EQ(entries(), 5);
  if (!fs::exists("/proc/self/fd")) return;
  for (const char* const name : {"/proc/x", "/proc/self/fd/x"}) EXPECT_NE(refused(name), "") << name;
  const int read_only = open("/dev/null", O_RDONLY);
  expect_in("open for reading only", refused("/proc/self/fd/" + std::to_string(read_only)));
  close(read_only);
}

TEST_F(ReplaceFile, IsRefusedBeforeTheWorkInAFolderThatWasDeleted) {
  const fs::path before = fs::current_path();
  fs::create_directory(path("gone"));
  fs::current_path(path("gone"));
  fs::remove(path("gone"));
  const std::string said = refusal([&] { check_replaceable("output", "a"); });
  fs::current_path(before);
  EXPECT_EQ(said, "output: 'a' cannot be written: there is no folder '.'");
}

TEST_F(ReplaceFile, LeadsThroughLinksToWhatIsNotThereYet) {
  fs::create_directory(path("folder"));
  fs::create_symlink("folder/b", path("link"));
  fs::create_symlink(path("link"), path("outer"));
  replace_file("output", path("outer"), "1");
  EXPECT_TRUE(fs::is_symlink(path("outer")) && fs::is_symlink(path("link")));
  EXPECT_EQ(content("folder/b"), "1");
}

TEST_F(ReplaceFile, TouchesNoNameThatAUserHas) {
  replace_file("output", path("a"), "1");
  const std::string mine = ".etamax-" + std::to_string(getpid()) + "-";
  for (int k = 0; k < 50; ++k) {
    const std::string name = path(mine + std::to_string(k) + ".part");
    if (k % 2)
      fs::create_symlink("elsewhere", name);
    else
      std::ofstream(name) << "the user's";
  }
  replace_file("output", path("a"), "2");
  EXPECT_EQ(content("a"), "2");
  EXPECT_EQ(content(mine + "48.part"), "the user's");
  EXPECT_FALSE(fs::exists(path("elsewhere")));
  EXPECT_EQ(entries(), 51);
}

TEST_F(ReplaceFile, GivesANewFileTheModeOfTheMaskAndTakesLongNames) {
  const mode_t before = umask(027);
  const std::string name = path(std::string(255, 'n'));
  replace_file("output", name, "1");
  umask(before);
  EXPECT_EQ(static_cast<unsigned>(fs::status(name).permissions()), 0640u);
}

TEST_F(ReplaceFile, KeepsTheOwner) {
  if (getuid() != 0) GTEST_SKIP() << "only root may give a file away";
  replace_file("output", path("a"), "1");
  ASSERT_EQ(chown(path("a").c_str(), 1234, 2345), 0);
  replace_file("output", path("a"), "2");
  struct stat status {};
  ASSERT_EQ(stat(path("a").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 1234u);
  EXPECT_EQ(status.st_gid, 2345u);
}

std::string list_of(std::initializer_list<std::array<std::uint32_t, 3>> entries) {  // tag, permissions, user
  std::string list("\2\0\0\0", 4);
  for (const auto& [tag, permissions, user] : entries)
    for (const auto& [number, bytes] : {std::pair(tag, 2), std::pair(permissions, 2), std::pair(user, 4)})
      for (int k = 0; k < bytes; ++k) list += static_cast<char>(number >> (8 * k) & 255);
  return list;
}

std::string attribute(const std::string& path, const char* name) {
  char value[1000];
  const ssize_t size = getxattr(path.c_str(), name, value, sizeof value);
  return size < 0 ? "none: " + std::to_string(errno) : std::string(value, static_cast<std::size_t>(size));
}

TEST_F(ReplaceFile, KeepsAttributesAndTheAccessList) {
  constexpr std::uint32_t kNobody = 0xffffffff;
  const std::string list =
      list_of({{1, 6, kNobody}, {2, 4, 1234}, {4, 0, kNobody}, {0x10, 4, kNobody}, {0x20, 0, kNobody}});
  const auto set = [](const std::string& at, const char* name, const std::string& value) {
    return setxattr(at.c_str(), name, value.data(), value.size(), 0) == 0;
  };
  const std::string a = file("a", "1");
  if (!set(a, "user.note", "kept") || !set(a, "system.posix_acl_access", list))
    GTEST_SKIP() << "no such attributes here";
  struct stat before {
  }, after{};
  ASSERT_EQ(stat(a.c_str(), &before), 0);
  replace_file("output", a, "2");
  ASSERT_EQ(stat(a.c_str(), &after), 0);
  EXPECT_EQ(content("a"), "2");
  EXPECT_NE(before.st_ino, after.st_ino);
  EXPECT_EQ(before.st_mode, after.st_mode);
  EXPECT_EQ(attribute(a, "user.note"), "kept");
  EXPECT_EQ(attribute(a, "system.posix_acl_access"), list);
  // What the folder gives to new files, one that was there does not get.
  const std::string b = file("b", "1");
  ASSERT_TRUE(set(folder_.string(), "system.posix_acl_default", list));
  replace_file("output", b, "2");
  EXPECT_EQ(attribute(b, "system.posix_acl_access"), "none: " + std::to_string(ENODATA));
  replace_file("output", path("new"), "1");
  EXPECT_NE(attribute(path("new"), "system.posix_acl_access").find("\2\0", 4), std::string::npos);
}

TEST_F(ReplaceFile, KeepsAttributesThatOnlyRootSeesOrSets) {
  const std::string a = file("a", "1");
  for (const char* name : {"trusted.note", "security.note"})
    if (setxattr(a.c_str(), name, "kept", 4, 0) != 0) GTEST_SKIP() << "no such attributes here";
  // It vouches for the old content: the kernel takes it from a file that is written in.
  constexpr unsigned char kRights[20] = {0, 0, 0, 2};
  const bool vouches = setxattr(a.c_str(), "security.capability", kRights, sizeof kRights, 0) == 0;
  replace_file("output", a, "2");
  EXPECT_EQ(content("a"), "2");
  for (const char* name : {"trusted.note", "security.note"}) EXPECT_EQ(attribute(a, name), "kept") << name;
  if (vouches) {
    EXPECT_EQ(attribute(a, "security.capability"), "none: " + std::to_string(ENODATA));
  }
}

/// As a user who may write in the file but not in its folder, and may not give files away.
TEST_F(ReplaceFile, RefusesWhatCouldOnlyBeDoneByHalves) {
  if (getuid() != 0) GTEST_SKIP() << "only root can be another user";
  ASSERT_EQ(chmod(file("theirs", "old").c_str(), 0666), 0);
  fs::create_directory(path("folder"));
  ASSERT_EQ(chmod(file("folder/a", "old").c_str(), 0666), 0);
  fs::permissions(folder_, fs::perms::all);
  const pid_t child = fork();
  if (child == 0) {
    if (setgid(1234) != 0 || setuid(1234) != 0 || access(folder_.c_str(), W_OK) != 0) _exit(9);
    const auto said = [&](const std::string& name) -> std::string {
      std::string before_work;
      try {
        check_replaceable("output", path(name));
      } catch (const EnvironmentError& e) {
        before_work = e.what();
      }
      try {
        replace_file("output", path(name), "new");
      } catch (const EnvironmentError& e) {
        return e.what() == before_work ? before_work : "said too late";
      }
      return "";
    };
    const bool owner = said("theirs").ends_with("its owner and group cannot be kept: Operation not permitted");
    const bool place =
        said("folder/a")
            .ends_with("its folder takes no new file, and it is only replaced as a whole: Permission denied");
    _exit(!owner + 2 * !place);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  if (WEXITSTATUS(status) == 9) GTEST_SKIP() << "no other user comes to this folder";
  EXPECT_EQ(status, 0);
  EXPECT_EQ(content("theirs"), "old");
  EXPECT_EQ(content("folder/a"), "old");
  EXPECT_EQ(entries(), 2);
}

TEST_F(ReplaceFile, WritesToPipesAndDevicesAndKeepsThem) {
  ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
  const std::string long_text(1 << 20, 'x');
  std::string read;
  std::thread reader([&] { read = content("fifo"); });
  replace_file("output", path("fifo"), long_text);
  reader.join();
  EXPECT_EQ(read, long_text);
  EXPECT_TRUE(fs::is_fifo(path("fifo")));
  replace_file("output", "/dev/null", "1");
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(ReplaceFile, WritesToAFileThatIsOpenAlready) {
  const int open_file = open(path("a").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (!fs::exists("/proc/self/fd")) GTEST_SKIP() << "no /proc";
  fs::create_symlink("/proc/self/fd/" + std::to_string(open_file), path("link"));
  replace_file("output", path("link"), "by the link, ");
  ASSERT_EQ(write(open_file, "by the number", 13), 13);
  close(open_file);
  EXPECT_EQ(content("a"), "by the link, by the number");
}

/// Neither kills the process, and a signal that comes later is not lost.
TEST_F(ReplaceFile, AReaderThatGoesAwayAndADeviceThatIsFullAreErrors) {
  const auto said = [](const std::string& name, const std::string& text) -> std::string {
    try {
      replace_file("output", name, text);
    } catch (const EnvironmentError& e) {
      return e.what();
    }
    return "";
  };
  if (fs::exists("/dev/full")) {
    EXPECT_EQ(said("/dev/full", "1"), "'/dev/full' cannot be written: No space left on device");
  }
  ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
  std::thread reader([&] { close(open(path("fifo").c_str(), O_RDONLY)); });
  const std::string told = said(path("fifo"), std::string(1 << 20, 'x'));
  reader.join();
  EXPECT_EQ(told, "'" + path("fifo") + "' cannot be written: Broken pipe");
}

TEST_F(ReplaceFile, ASignalEndsTheWaitForAReader) {
  ASSERT_EQ(mkfifo(path("fifo").c_str(), 0600), 0);
  struct sigaction ring {
  }, before{};
  ring.sa_handler = [](int) {};
  sigaction(SIGALRM, &ring, &before);
  const itimerval soon{{0, 50'000}, {0, 50'000}}, never{};
  setitimer(ITIMER_REAL, &soon, nullptr);
  EXPECT_THROW(replace_file("output", path("fifo"), "1"), Interrupted);
  setitimer(ITIMER_REAL, &never, nullptr);
  sigaction(SIGALRM, &before, nullptr);
}

/// The signal is left as it usually is, which ends a process.
TEST_F(ReplaceFile, WhatTheMachineDoesNotLetBeWrittenIsNoFaultOfTheInput) {
  replace_file("state", path("a"), "before");
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit small{4, limit.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  std::string said;
  try {
    replace_file("state", path("a"), "longer than that");
  } catch (const EnvironmentError& e) {
    said = e.what();
  }
  setrlimit(RLIMIT_FSIZE, &limit);
  EXPECT_EQ(said, "'" + path("a") + "' cannot be written: File too large");
  EXPECT_EQ(content("a"), "before");
  EXPECT_EQ(entries(), 1);
}

/// A handler that ends the process removes what is half written, and nothing where nothing is.
TEST_F(ReplaceFile, AHandlerRemovesWhatIsUnfinished) {
  unlink_unfinished();
  const pid_t child = fork();
  if (child == 0) {
    std::signal(SIGXFSZ, SIG_IGN);
    std::signal(SIGALRM, [](int) {
      unlink_unfinished();
      _exit(7);
    });
    const itimerval soon{{0, 0}, {0, 30'000}};
    setitimer(ITIMER_REAL, &soon, nullptr);
    const std::string long_text(8 << 20, 'x');
    while (true) replace_file("output", path("a"), long_text);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_LE(entries(), fs::exists(path("a")) ? 1 : 0);
}

TEST_F(ReplaceFile, IsWholeWhenSeveralWriteAtOnce) {
  std::vector<std::thread> writers;
  for (char c = 'a'; c < 'e'; ++c)
    writers.emplace_back([this, c] {
      for (int k = 0; k < 10; ++k) replace_file("output", path("a"), std::string(100000, c));
    });
  for (std::thread& writer : writers) writer.join();
  const std::string left = content("a");
  EXPECT_EQ(left, std::string(100000, left.at(0)));
  EXPECT_EQ(entries(), 1);
}

/// Notes what it is asked for.
class NotingKeeper : public FileKeeper {
 public:
  explicit NotingKeeper(std::string& asked) : asked_(asked) {}
  void replace(const std::string& field, const std::string& path, std::string_view content) override {
    asked_ += field + " " + path + " " + std::string(content) + "; ";
  }
  std::string open_exclusively(const std::string& field, const std::string& path, std::size_t most,
                               const std::string& in_use) override {
    asked_ += field + " " + path + " " + std::to_string(most) + " " + in_use + "; ";
    return "content";
  }

 private:
  std::string& asked_;
};

TEST_F(ReplaceFile, IsDoneByAKeeperWhereThereIsOne) {
  std::string asked;
  set_file_keeper(std::make_unique<NotingKeeper>(asked));
  replace_file("output", "a", "first");
  ExclusiveFile state("state", "b", 9, "in use");
  EXPECT_EQ(state.content(), "content");
  state.replace("second");
  set_file_keeper(nullptr);
  EXPECT_EQ(asked, "output a first; state b 9 in use; state b second; ");
  EXPECT_EQ(entries(), 0);
}

}  // namespace
}  // namespace etamax
