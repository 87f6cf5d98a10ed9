// Each system call of replacing a file fails in turn, as SQLite tests itself: the file is the old one or the new one.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "../failing_calls.h"
#include "../refusal.h"
#include "../temporary_folder.h"
#include "etamax/files/exclusive_file.h"
#include "etamax/files/replace_file.h"

namespace etamax {
namespace {

namespace fs = std::filesystem;
using testing::Fault;
using testing::with_fault;

constexpr const char *kOld = "old", *kNew = "the new content";
constexpr int kErrors[] = {ENOSPC, EIO, EDQUOT};

/// Both ways to replace a file.
struct Way {
  const char* name;
  void (*replace)(const std::string& path);
};
void PrintTo(const Way& way, std::ostream* out) { *out << way.name; }
const Way kWays[] = {
    {"replace_file", [](const std::string& path) { replace_file("output", path, kNew); }},
    {"ExclusiveFile", [](const std::string& path) { ExclusiveFile("state", path, 1000, "in use").replace(kNew); }},
};

class Faults : public testing::WithFolder, public ::testing::WithParamInterface<Way> {
 protected:
  void begin(bool with_old) const {
    for (const auto& entry : fs::directory_iterator(folder_)) fs::remove(entry);
    if (!with_old) return;
    file("a", kOld);
    (void)setxattr(path("a").c_str(), "user.note", "kept", 4, 0);  // where there are any
    if (getuid() == 0) {                                           // somebody else's, whose it stays
      ASSERT_EQ(chown(path("a").c_str(), 1234, 1234), 0);
    }
  }
  void replace() const { GetParam().replace(path("a")); }
};

TEST_P(Faults, AnErrorLeavesTheOldFileOrTheNewOne) {
  for (const bool with_old : {true, false})
    for (const int error : kErrors) {
      int refusals = 0;
      bool more = true;
      for (int k = 1; more; ++k) {
        SCOPED_TRACE(::testing::Message() << "call " << k << (with_old ? "" : ", no old file") << ", error " << error);
        ASSERT_LT(k, 100);
        begin(with_old);
        std::string said;
        try {
          more = with_fault(Fault::error, error, k, [&] { replace(); });
        } catch (const EnvironmentError& e) {
          said = e.what();
        }
        const std::string left = content("a");
        if (said.empty()) {
          EXPECT_EQ(left, kNew);
        } else {
          ++refusals;
          testing::expect_in("'" + path("a") + "' ", said);
          testing::expect_in(std::strerror(error), said);
          EXPECT_EQ(said.find('\n'), said.npos);
          EXPECT_EQ(left, said.find("is written") != said.npos ? kNew : with_old ? kOld : "");
        }
        EXPECT_EQ(entries(), left.empty() ? fs::exists(path("a")) : 1);
      }
      EXPECT_GE(refusals, 5);
    }
}

TEST_P(Faults, InterruptionsAndShortWritesAreCarriedOn) {
  for (const Fault fault : {Fault::interruption, Fault::short_write}) {
    bool more = true;
    for (int k = 1; more; ++k) {
      SCOPED_TRACE(k);
      ASSERT_LT(k, 100);
      begin(true);
      more = with_fault(fault, 0, k, [&] { replace(); });
      EXPECT_EQ(content("a"), kNew);
      EXPECT_EQ(entries(), 1);
    }
  }
}

TEST_P(Faults, ADeathLeavesTheOldFileOrTheNewOneAndDisturbsNobody) {
  int deaths = 0;
  bool more = true;
  for (int k = 1; more; ++k) {
    SCOPED_TRACE(k);
    ASSERT_LT(k, 100);
    begin(true);
    const pid_t child = fork();
    if (child == 0) {
      with_fault(Fault::death, 0, k, [&] { replace(); });
      _exit(1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    more = status == 0;
    deaths += more;
    const std::string left = content("a");
    EXPECT_TRUE(left == kOld || left == kNew) << left;
    EXPECT_LE(entries(), 2);
    const std::ptrdiff_t before = entries();
    replace();
    EXPECT_EQ(content("a"), kNew);
    EXPECT_EQ(entries(), before);
  }
  EXPECT_GE(deaths, 5);
}

INSTANTIATE_TEST_SUITE_P(, Faults, ::testing::ValuesIn(kWays), [](const auto& way) { return way.param.name; });

}  // namespace
}  // namespace etamax
