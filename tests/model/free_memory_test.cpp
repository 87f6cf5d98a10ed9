// The memory that is left, as made-up systems say it.
#include "etamax/model/free_memory.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "../temporary_folder.h"

namespace etamax {
namespace {

class FreeMemory : public testing::WithFolder {
 protected:
  void write(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    file(name, content);
  }
  void machine(const std::string& meminfo, const std::string& groups, const std::string& mounts) const {
    write("proc/meminfo", meminfo);
    write("proc/self/cgroup", groups);
    write("proc/self/mountinfo", mounts);
  }
  std::optional<std::uint64_t> found() const { return free_memory(folder_.string()); }
};

const char* const kMeminfo = "MemTotal: 16000 kB\nMemFree: 2000 kB\nMemAvailable:   8000 kB\nBuffers: 1 kB\n";
const char* const kSecond =
    "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
    "31 22 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
constexpr std::uint64_t kAvailable = 8000 * 1024;

TEST_F(FreeMemory, IsTheMachinesWithoutGroups) {
  EXPECT_EQ(found(), std::nullopt);
  write("proc/meminfo", kMeminfo);
  EXPECT_EQ(found(), kAvailable);
  write("proc/meminfo", "MemAvailable: many kB\n");
  EXPECT_EQ(found(), std::nullopt);
}

TEST_F(FreeMemory, FollowsTheTightestGroupUpTheTree) {
  machine(kMeminfo, "0::/a/b.slice/job\n", kSecond);
  EXPECT_EQ(found(), kAvailable);
  write("sys/fs/cgroup/a/b.slice/job/memory.max", "max\n");
  write("sys/fs/cgroup/a/b.slice/job/memory.current", "500000\n");
  EXPECT_EQ(found(), kAvailable);
  write("sys/fs/cgroup/a/memory.max", "3000000\n");
  write("sys/fs/cgroup/a/memory.current", "1000000\n");
  EXPECT_EQ(found(), 2000000);
  write("sys/fs/cgroup/a/memory.stat", "anon 300000\nfile 700000\nactive_file 100000\ninactive_file 600000\n");
  EXPECT_EQ(found(), 2600000);
  write("sys/fs/cgroup/a/b.slice/memory.max", "900000\n");  // whose use is not told
  EXPECT_EQ(found(), 900000);
  write("sys/fs/cgroup/a/b.slice/job/memory.max", "400000\n");
  EXPECT_EQ(found(), 0) << "more in use than the limit";
  write("proc/meminfo", "");
  EXPECT_EQ(found(), 0) << "the groups alone";
}

TEST_F(FreeMemory, TakesOddValuesForNone) {
  machine(kMeminfo, "0::/job\n", kSecond);
  for (const char* odd : {"", "max", "-1", "1e9", "12 34x", "0x10", "99999999999999999999999"}) {
    write("sys/fs/cgroup/job/memory.max", odd);
    EXPECT_EQ(found(), std::string(odd) == "12 34x" ? 12 : kAvailable) << odd;
  }
  write("sys/fs/cgroup/job/memory.max", "1000");
  machine(kMeminfo, "nonsense\n0:\n0::/job", "nonsense\n31 22\n\n" + std::string(kSecond));
  EXPECT_EQ(found(), 1000);
  machine(kMeminfo, "0::/job\n", "31 22 0:26 / /sys/fs/cgroup rw");
  EXPECT_EQ(found(), kAvailable) << "a line that is cut off";
}

TEST_F(FreeMemory, KnowsTheFirstVersion) {
  const std::string mount = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n";
  machine(kMeminfo, "9:name=systemd:/\n4:cpuset,memory:/box\n0::/\n",
          "34 31 0:31 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n" + mount);
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  write("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "5000000\n");
  write("sys/fs/cgroup/memory/box/memory.usage_in_bytes", "4000000\n");
  write("sys/fs/cgroup/memory/box/memory.stat", "inactive_file 3\ntotal_inactive_file 200000\n");
  EXPECT_EQ(found(), 1200000);
}

TEST_F(FreeMemory, LooksAtTheTopOfAContainersMount) {
  const char* const mount = "31 22 0:26 /docker/x\\040y /sys/fs/cg\\040roup rw - cgroup2 cgroup2 rw\n";
  write("sys/fs/cg roup/memory.max", "7000");
  write("sys/fs/cg roup/inner/memory.max", "5000");
  for (const auto& [group, wanted] : {std::pair("/docker/x y", 7000),
                                      {"/docker/x y/inner", 5000},
                                      {"/", 7000},
                                      {"/../inner", 7000},
                                      {"/docker/x yz", 7000}}) {
    machine(kMeminfo, "0::" + std::string(group) + "\n", mount);
    EXPECT_EQ(found(), wanted) << group;
  }
}

}  // namespace
}  // namespace etamax
