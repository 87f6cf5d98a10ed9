// https://docs.kernel.org/userspace-api/seccomp_filter.html
#include "system_calls.h"

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__) || (defined(__riscv) && __riscv_xlen == 64))
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <vector>

#include "attempt.h"

namespace etamax::apps {
namespace {

#if defined(__x86_64__)
constexpr unsigned kProcessor = AUDIT_ARCH_X86_64;
auto& result_in(ucontext_t& context) { return context.uc_mcontext.gregs[REG_RAX]; }
#elif defined(__aarch64__)
constexpr unsigned kProcessor = AUDIT_ARCH_AARCH64;
auto& result_in(ucontext_t& context) { return context.uc_mcontext.regs[0]; }
#else
constexpr unsigned kProcessor = AUDIT_ARCH_RISCV64;
auto& result_in(ucontext_t& context) { return context.uc_mcontext.__gregs[REG_A0]; }
#endif

constexpr int kFiles[] = {
    // By their names. What is open, memory and pipes among it, can be written to.
    SYS_mkdirat, SYS_mknodat, SYS_unlinkat, SYS_renameat2, SYS_linkat, SYS_symlinkat, SYS_open_by_handle_at,
#if defined(__x86_64__)
    SYS_creat, SYS_mkdir, SYS_rmdir, SYS_mknod, SYS_unlink, SYS_rename, SYS_link, SYS_symlink, SYS_chmod, SYS_chown,
    SYS_lchown, SYS_utime, SYS_utimes, SYS_futimesat,
#endif
#if defined(SYS_renameat)
    SYS_renameat,
#endif
    // Their lengths, rights, owners, times and attributes.
    SYS_truncate, SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_utimensat, SYS_setxattr, SYS_lsetxattr,
    SYS_fsetxattr, SYS_removexattr, SYS_lremovexattr, SYS_fremovexattr};
constexpr int kNetwork[] = {SYS_socket, SYS_socketpair, SYS_connect, SYS_bind,    SYS_listen,
                            SYS_accept, SYS_accept4,    SYS_sendto,  SYS_sendmsg, SYS_sendmmsg};
constexpr int kPrograms[] = {
#if defined(__x86_64__)
    SYS_fork, SYS_vfork,
#endif
    // Programs, whether or not in a process of their own.
    SYS_execve, SYS_execveat};
/// Which older headers do not name.
constexpr int kProcessMadvise = 440, kMemfdSecret = 447, kProcessMrelease = 448;
constexpr unsigned kPrctlSchedCore = 62;
constexpr int kOthers[] = {
    // The rings that could do all of this unseen.
    SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
    // Other processes.
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_pidfd_open, SYS_pidfd_getfd, SYS_pidfd_send_signal,
    SYS_tkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_kcmp, kProcessMadvise, kProcessMrelease,
    SYS_migrate_pages, SYS_move_pages, SYS_setpgid, SYS_setsid,
    // Their shares of the processors, and its own, which it could make larger than theirs.
    SYS_setpriority, SYS_ioprio_set, SYS_sched_setscheduler, SYS_sched_setparam, SYS_sched_setattr,
    // What all processes may find by a number or a name.
    SYS_shmget, SYS_shmat, SYS_shmctl, SYS_msgget, SYS_msgsnd, SYS_msgrcv, SYS_msgctl, SYS_semget, SYS_semop,
    SYS_semtimedop, SYS_semctl, SYS_mq_open, SYS_mq_unlink, SYS_inotify_init1, SYS_fanotify_init,
#if defined(__x86_64__)
    SYS_inotify_init,
#endif
    // Memory that no limit of this process counts.
    SYS_memfd_create, kMemfdSecret,
    // The machine.
    SYS_vhangup, SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_setns, SYS_unshare, SYS_move_mount,
    SYS_open_tree, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_mount_setattr, SYS_swapon, SYS_swapoff,
    SYS_reboot, SYS_kexec_load, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_bpf, SYS_perf_event_open,
    SYS_userfaultfd, SYS_add_key, SYS_request_key, SYS_keyctl, SYS_acct, SYS_quotactl, SYS_settimeofday,
    SYS_clock_settime, SYS_adjtimex, SYS_clock_adjtime, SYS_sethostname, SYS_setdomainname, SYS_personality,
#if defined(__x86_64__)
    SYS_iopl, SYS_ioperm,
#endif
#if defined(SYS_kexec_file_load)
    SYS_kexec_file_load,
#endif
    SYS_syslog};

/// Their arguments are structures, into which a filter cannot look. Libraries do without them where a kernel has none.
constexpr int kNotThere[] = {SYS_clone3, SYS_openat2};

/// What only looks, and what is of the descriptor alone. Others give orders to a terminal, or signals to its processes.
constexpr unsigned kAsked[] = {TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX, FIONCLEX};
/// Of a descriptor: to signal others, to hold up whoever opens the file, to take memory that no limit counts.
constexpr unsigned kOfDescriptors[] = {F_SETOWN, F_SETOWN_EX, F_SETLEASE, F_NOTIFY, F_SETPIPE_SZ};

/// What kernels added since (Linux 5.17) is not there either; nor are the calls of 32 bits on x86, of higher numbers.
constexpr unsigned kNewer = 451;

constexpr unsigned fail_with(unsigned error) { return SECCOMP_RET_ERRNO | error; }
constexpr unsigned report(Attempt attempt) { return SECCOMP_RET_TRAP | static_cast<unsigned>(attempt); }

/// For a call that is reported: it fails, unless its attempt ends the process.
extern "C" void on_report(int, siginfo_t* call, void* context) {
  note_attempt(static_cast<Attempt>(call->si_errno));
  result_in(*static_cast<ucontext_t*>(context)) = -EPERM;
}

extern "C" void before_fork() { note_attempt(Attempt::start_program); }

bool hear_reports() {
  struct sigaction action {};
  action.sa_flags = SA_SIGINFO;
  action.sa_sigaction = on_report;
  return ::sigaction(SIGSYS, &action, nullptr) == 0 && ::pthread_atfork(before_fork, nullptr, nullptr) == 0;
}

class Filter {
 public:
  Filter() {
    load(offsetof(seccomp_data, arch));
    skip_if(BPF_JEQ, kProcessor, 1, 0);
    end(fail_with(EPERM));
    load_call();
    skip_if(BPF_JGE, kNewer, 0, 1);
    end(fail_with(ENOSYS));
  }
  /// `action` is what becomes of the call.
  void refuse(int call, unsigned action) {
    skip_if(BPF_JEQ, static_cast<unsigned>(call), 0, 1);
    end(action);
  }
  /// The same where its argument has any of these bits.
  void refuse_bits(int call, unsigned argument, unsigned bits, unsigned action) {
    look_at(call, argument, BPF_JSET, bits, true, action);
  }
  /// The same where it has none of them.
  void need_bits(int call, unsigned argument, unsigned bits, unsigned action) {
    look_at(call, argument, BPF_JSET, bits, false, action);
  }
  /// The same where it has all of them.
  void refuse_all_bits(int call, unsigned argument, unsigned bits, unsigned action) {
    skip_if(BPF_JEQ, static_cast<unsigned>(call), 0, 5);
    load_argument(argument);
    code_.push_back(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, bits));
    skip_if(BPF_JEQ, bits, 0, 1);
    end(action);
    load_call();
  }
  /// The same where it is that number.
  void refuse_value(int call, unsigned argument, unsigned value, unsigned action) {
    look_at(call, argument, BPF_JEQ, value, true, action);
  }
  /// The same where it is another number.
  void need(int call, unsigned argument, unsigned value, unsigned action) {
    look_at(call, argument, BPF_JEQ, value, false, action);
  }
  /// The same where it is none of these.
  template <std::size_t count>
  void need_one_of(int call, unsigned argument, const unsigned (&values)[count], unsigned action) {
    static_assert(count < 200, "jumps are that short");
    skip_if(BPF_JEQ, static_cast<unsigned>(call), 0, count + 3);
    load_argument(argument);
    for (std::size_t i = 0; i < count; ++i) skip_if(BPF_JEQ, values[i], static_cast<unsigned char>(count - i), 0);
    end(action);
    load_call();
  }

  bool install() {
    end(SECCOMP_RET_ALLOW);
    const sock_fprog program = {static_cast<unsigned short>(code_.size()), code_.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
  }

 private:
  void load(std::size_t offset) { code_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset))); }
  void load_call() { load(offsetof(seccomp_data, nr)); }
  void skip_if(unsigned comparison, unsigned value, unsigned char so, unsigned char else_) {
    code_.push_back(BPF_JUMP(BPF_JMP | comparison | BPF_K, value, so, else_));
  }
  void end(unsigned action) { code_.push_back(BPF_STMT(BPF_RET | BPF_K, action)); }
  /// Its low half: these are little-endian.
  void load_argument(unsigned argument) {
    load(offsetof(seccomp_data, args) + argument * sizeof(seccomp_data::args[0]));
  }
  void look_at(int call, unsigned argument, unsigned comparison, unsigned value, bool refuse_if, unsigned action) {
    skip_if(BPF_JEQ, static_cast<unsigned>(call), 0, 4);
    load_argument(argument);
    skip_if(comparison, value, refuse_if ? 0 : 1, refuse_if ? 1 : 0);
    end(action);
    load_call();
  }

  std::vector<sock_filter> code_;
};

}  // namespace

bool confine_system_calls() {
  constexpr unsigned kForWriting = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
  constexpr unsigned kFail = fail_with(EPERM);
  const auto self = static_cast<unsigned>(::getpid());
  Filter filter;
  for (const int call : kFiles) filter.refuse(call, report(Attempt::change_files));
  for (const int call : kNetwork) filter.refuse(call, report(Attempt::use_network));
  for (const int call : kPrograms) filter.refuse(call, report(Attempt::start_program));
  for (const int call : kOthers) filter.refuse(call, kFail);
  for (const int call : kNotThere) filter.refuse(call, fail_with(ENOSYS));
#if defined(__x86_64__)
  filter.refuse_bits(SYS_open, 1, kForWriting, report(Attempt::change_files));
#endif
  filter.refuse_bits(SYS_openat, 2, kForWriting, report(Attempt::change_files));
  filter.need_bits(SYS_clone, 0, CLONE_THREAD, kFail);  // libraries block signals in it: a report would be the end
  filter.need(SYS_kill, 0, self, kFail);
  filter.need(SYS_tgkill, 0, self, kFail);
  filter.need(SYS_prlimit64, 0, 0, kFail);  // of this process
  filter.need(SYS_get_robust_list, 0, 0, kFail);
  // OpenMP binds its threads by their numbers (OMP_PROC_BIND), which no filter tells from those of others, and ends
  // where that fails: for it they are bound.
  filter.need(SYS_sched_setaffinity, 0, 0, fail_with(0));
  filter.refuse_value(SYS_prctl, 0, PR_SET_PDEATHSIG, kFail);  // it would outlive the process that keeps its files
  filter.refuse_value(SYS_prctl, 0, kPrctlSchedCore, kFail);
  for (const unsigned request : kOfDescriptors) filter.refuse_value(SYS_fcntl, 1, request, kFail);
  filter.need_one_of(SYS_ioctl, 1, kAsked, fail_with(ENOTTY));
  // Shared memory, and a mapping that grows as stacks do, no limit of data counts.
  filter.refuse_all_bits(SYS_mmap, 3, MAP_SHARED | MAP_ANONYMOUS, kFail);
  filter.refuse_bits(SYS_mmap, 3, MAP_GROWSDOWN, kFail);
  return hear_reports() && filter.install();
}

}  // namespace etamax::apps
#else
namespace etamax::apps {
bool confine_system_calls() { return false; }
}  // namespace etamax::apps
#endif
