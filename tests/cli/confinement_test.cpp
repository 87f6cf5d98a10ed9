// What a confined process has no right to, asked of the kernel call by call, and what it still can.
#include "confinement.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <thread>

#include "../temporary_folder.h"
#include "attempt.h"

namespace etamax::apps {
namespace {

constexpr int kLacking = 77;  // the kernel cannot do it

class Confinement : public testing::WithFolder {
 protected:
  void SetUp() override {
    testing::WithFolder::SetUp();
    std::ofstream(path("named")) << "content";
    std::ofstream(path("other")) << "content";
    mkdir(path("folder").c_str(), 0777);
    std::ofstream(path("folder/in")) << "content";
  }

  /// The status of a process that is confined and then does that.
  int confined(const std::function<int()>& action) {
    const pid_t process = fork();
    if (process == 0) _exit(confine({path("named"), path("folder")}).empty() ? action() : kLacking);
    int status = 0;
    waitpid(process, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  bool can_read(const std::string& name) const { return access_as(name, O_RDONLY); }
  bool access_as(const std::string& name, int flags) const {
    const int file = open(path(name).c_str(), flags, 0666);
    if (file >= 0) close(file);
    return file >= 0;
  }
};

TEST_F(Confinement, TakesAwayWhatAModelHasNoUseFor) {
  const pid_t parent = getpid();
  const struct {
    const char* what;
    std::function<bool()> done;
  } attempts[] = {
      {"read another file", [&] { return can_read("other"); }},
      {"make a file", [&] { return access_as("new", O_WRONLY | O_CREAT); }},
      {"write to a file that it may read", [&] { return access_as("named", O_WRONLY); }},
      {"truncate by opening", [&] { return access_as("named", O_RDONLY | O_TRUNC); }},
      {"truncate", [&] { return truncate(path("named").c_str(), 0) == 0; }},
      {"remove", [&] { return unlink(path("named").c_str()) == 0; }},
      {"rename", [&] { return rename(path("named").c_str(), path("new").c_str()) == 0; }},
      {"link", [&] { return symlink("named", path("new").c_str()) == 0; }},
      {"make a folder", [&] { return mkdir(path("new").c_str(), 0777) == 0; }},
      {"change permissions", [&] { return chmod(path("named").c_str(), 0600) == 0; }},
      {"a socket", [] { return socket(AF_UNIX, SOCK_STREAM, 0) >= 0; }},
      {"a ring", [] { return syscall(SYS_io_uring_setup, 1, nullptr) >= 0 || errno != EPERM; }},
      {"a process", [] { return fork() >= 0; }},
      {"a shell", [] { return std::system("true") == 0; }},
      {"a program", [] { return execl("/bin/true", "true", nullptr) == 0 || errno != EPERM; }},
      {"a signal to another process", [&] { return kill(parent, 0) == 0; }},
      {"a signal to all of its group", [] { return kill(0, 0) == 0; }},
      {"another one's limits", [&] { return prlimit(parent, RLIMIT_CORE, nullptr, nullptr) == 0; }},
      {"another one's priority", [&] { return setpriority(PRIO_PROCESS, parent, 19) == 0; }},
      {"another one's class of priority",
       [&] {
         const sched_param none{};
         return sched_setscheduler(parent, SCHED_BATCH, &none) == 0 || sched_setparam(parent, &none) == 0;
       }},
      {"another one's attributes of priority",
       [&] {
         alignas(8) char attributes[48] = {48};
         return syscall(SYS_sched_setattr, parent, attributes, 0) == 0;
       }},
      {"another one's turn at the disk", [&] { return syscall(SYS_ioprio_set, 1, parent, 3 << 13) == 0; }},
      {"real-time priority of its own",
       [] {
         const sched_param low{1};
         return sched_setscheduler(0, SCHED_FIFO, &low) == 0;
       }},
      {"another one's pages",
       [&] {
         void* nothing = nullptr;
         int status = 0;
         return syscall(SYS_move_pages, parent, 1L, &nothing, nullptr, &status, 0) == 0 ||
                syscall(SYS_migrate_pages, parent, 0L, nullptr, nullptr) == 0;
       }},
      {"a comparison with another one",
       [&] { return syscall(SYS_kcmp, parent, parent, 0, 0, 0) >= 0 || errno != EPERM; }},
      {"another one's locks",
       [&] {
         void* list = nullptr;
         std::size_t size = 0;
         return syscall(SYS_get_robust_list, parent, &list, &size) == 0;
       }},
      {"a group of its own", [] { return setpgid(0, 0) == 0 || setsid() > 0; }},
      {"to live longer than its parent", [] { return prctl(PR_SET_PDEATHSIG, 0) == 0; }},
      {"signals by a descriptor",
       [&] {
         int ends[2];
         return pipe(ends) == 0 && fcntl(ends[0], F_SETOWN, parent) == 0;
       }},
      {"to write into a terminal's input",
       [] {
         const int terminal = open("/dev/null", O_RDONLY);
         return ioctl(terminal, TIOCSTI, "x") == 0 || errno != ENOTTY;
       }},
      {"the semaphores of others", [] { return semctl(0, 0, IPC_RMID) == 0 || errno != EPERM; }},
      {"the queues of others", [] { return msgctl(0, IPC_RMID, nullptr) == 0 || errno != EPERM; }},
      {"a file of memory", [] { return memfd_create("memory", 0) >= 0; }},
      {"shared memory, which is beyond its limit",
       [] {
         return mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) != MAP_FAILED ||
                mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0) !=
                    MAP_FAILED;
       }},
      {"large pipes",
       [] {
         int ends[2];
         return pipe(ends) == 0 && fcntl(ends[1], F_SETPIPE_SZ, 1 << 20) > 0;
       }},
      {"new rights", [] { return unshare(CLONE_NEWUSER) == 0; }},
      {"an unknown call", [] { return syscall(100000) == 0 || errno != ENOSYS; }},
  };
  if (confined([] { return 0; }) == kLacking) GTEST_SKIP() << "this kernel has no Landlock or no seccomp";
  for (const auto& attempt : attempts) EXPECT_EQ(confined([&] { return attempt.done() ? 1 : 0; }), 0) << attempt.what;
  EXPECT_EQ(entries(), 3);
}

/// How libraries bind threads: whether it fails is theirs to end for, so that it may only do nothing.
TEST_F(Confinement, ChangesTheProcessorsOfNoOtherProcess) {
  cpu_set_t before, after;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  if (CPU_COUNT(&before) < 2) GTEST_SKIP() << "there is one processor";
  const int bound = confined([parent = getpid()] {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    return sched_setaffinity(parent, sizeof one, &one) == 0 ? 0 : 1;
  });
  if (bound == kLacking) GTEST_SKIP() << "this kernel has no Landlock or no seccomp";
  EXPECT_EQ(bound, 0);
  ASSERT_EQ(sched_getaffinity(0, sizeof after, &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

TEST_F(Confinement, LeavesWhatWorkNeeds) {
  const struct {
    const char* what;
    std::function<bool()> done;
  } needs[] = {
      {"read what is named", [&] { return can_read("named") && can_read("folder/in"); }},
      {"threads, which have no more rights",
       [&] {
         bool read = true, started = false;
         std::thread([&] { started = true, read = can_read("other"); }).join();
         return started && !read;
       }},
      {"end itself", [] { return raise(0) == 0; }},
      {"limit itself",
       [] {
         const rlimit none{};
         return setrlimit(RLIMIT_CORE, &none) == 0;
       }},
      {"threads on processors that are named",
       [] {
         cpu_set_t all;
         pthread_attr_t attributes;
         pthread_t thread;
         const auto none = [](void* p) -> void* { return p; };
         return sched_getaffinity(0, sizeof all, &all) == 0 && sched_setaffinity(0, sizeof all, &all) == 0 &&
                pthread_attr_init(&attributes) == 0 &&
                pthread_attr_setaffinity_np(&attributes, sizeof all, &all) == 0 &&
                pthread_create(&thread, &attributes, none, nullptr) == 0 && pthread_join(thread, nullptr) == 0;
       }},
      {"memory of its own",
       [] {
         return mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0) !=
                MAP_FAILED;
       }},
      {"libraries", [] { return access("/usr/lib", R_OK) == 0 && open("/proc/meminfo", O_RDONLY) >= 0; }},
      {"write to what is open",
       [] {
         int ends[2];
         return pipe(ends) == 0 && write(ends[1], "x", 1) == 1;
       }},
  };
  if (confined([] { return 0; }) == kLacking) GTEST_SKIP() << "this kernel has no Landlock or no seccomp";
  for (const auto& need : needs) EXPECT_EQ(confined([&] { return need.done() ? 0 : 1; }), 0) << need.what;
}

TEST_F(Confinement, EndsAtAnAttemptWhereThatIsWanted) {
  const struct {
    Attempt attempt;
    std::function<void()> made;
  } cases[] = {
      {Attempt::change_files, [&] { std::ofstream(path("new")) << "content"; }},
      {Attempt::change_files, [&] { std::remove(path("named").c_str()); }},
      {Attempt::change_files, [&] { std::thread([&] { access_as("named", O_RDWR); }).join(); }},
      {Attempt::use_network, [] { socket(AF_INET, SOCK_STREAM, 0); }},
      {Attempt::start_program, [] { fork(); }},
      {Attempt::start_program, [] { execl("/bin/true", "true", nullptr); }},
  };
  if (confined([] { return 0; }) == kLacking) GTEST_SKIP() << "this kernel has no Landlock or no seccomp";
  for (const auto& [attempt, made] : cases) {
    const int ended = confined([&made = made] {
      const EndAtAttempt meanwhile;
      made();
      return 0;
    });
    EXPECT_EQ(attempt_that_ended(ended), attempt) << ended;
    const int before_and_after = confined([&made = made] {
      made();
      { const EndAtAttempt meanwhile; }
      made();
      return 0;
    });
    EXPECT_EQ(before_and_after, 0);
  }
  const int harmless = confined([&] {
    const EndAtAttempt meanwhile;
    return can_read("named") && !can_read("other") && kill(getppid(), 0) != 0 ? 0 : 1;
  });
  EXPECT_EQ(harmless, 0);
  EXPECT_EQ(entries(), 3);
}

}  // namespace
}  // namespace etamax::apps
