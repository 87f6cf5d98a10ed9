// https://docs.kernel.org/userspace-api/seccomp_filter.html
#include "system_calls.h"

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__) || (defined(__riscv) && __riscv_xlen == 64))
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <vector>

namespace etamax::apps {
namespace {

#if defined(__x86_64__)
constexpr unsigned kProcessor = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned kProcessor = AUDIT_ARCH_AARCH64;
#else
constexpr unsigned kProcessor = AUDIT_ARCH_RISCV64;
#endif

constexpr int kRefused[] = {
    // Files by their names. What is open, memory and pipes among it, can be written to.
    SYS_mkdirat, SYS_mknodat, SYS_unlinkat, SYS_renameat2, SYS_linkat, SYS_symlinkat, SYS_truncate, SYS_fchmod,
    SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_utimensat, SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, SYS_removexattr,
    SYS_lremovexattr, SYS_fremovexattr, SYS_open_by_handle_at,
#if defined(__x86_64__)
    SYS_creat, SYS_mkdir, SYS_rmdir, SYS_mknod, SYS_unlink, SYS_rename, SYS_link, SYS_symlink, SYS_chmod, SYS_chown,
    SYS_lchown, SYS_utime, SYS_utimes, SYS_futimesat,
#endif
#if defined(SYS_renameat)
    SYS_renameat,
#endif
    // The network, and the rings that could do all of this unseen.
    SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen, SYS_accept, SYS_accept4, SYS_sendto, SYS_sendmsg,
    SYS_sendmmsg, SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register,
    // Programs and other processes.
    SYS_execve, SYS_execveat,
#if defined(__x86_64__)
    SYS_fork, SYS_vfork,
#endif
    SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_pidfd_open, SYS_pidfd_getfd, SYS_pidfd_send_signal,
    SYS_tkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_shmget, SYS_shmat, SYS_msgget, SYS_semget, SYS_mq_open,
    // The machine.
    SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_setns, SYS_unshare, SYS_move_mount, SYS_open_tree,
    SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_mount_setattr, SYS_swapon, SYS_swapoff, SYS_reboot,
    SYS_kexec_load, SYS_init_module, SYS_finit_module, SYS_delete_module, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd,
    SYS_add_key, SYS_request_key, SYS_keyctl, SYS_acct, SYS_quotactl, SYS_settimeofday, SYS_clock_settime, SYS_adjtimex,
    SYS_clock_adjtime, SYS_sethostname, SYS_setdomainname, SYS_personality, SYS_syslog};

/// Their arguments are structures, into which a filter cannot look. Libraries do without them where a kernel has none.
constexpr int kNotThere[] = {SYS_clone3, SYS_openat2};
/// What kernels added since (Linux 5.17) is not there either; nor are the calls of 32 bits on x86, of higher numbers.
constexpr unsigned kNewer = 451;

constexpr unsigned kFailAs = SECCOMP_RET_ERRNO;

class Filter {
 public:
  Filter() {
    load(offsetof(seccomp_data, arch));
    skip_if(BPF_JEQ, kProcessor, 1, 0);
    end(kFailAs | EPERM);
    load(offsetof(seccomp_data, nr));
    skip_if(BPF_JGE, kNewer, 0, 1);
    end(kFailAs | ENOSYS);
  }
  void refuse(int call, unsigned error) {
    skip_if(BPF_JEQ, static_cast<unsigned>(call), 0, 1);
    end(kFailAs | error);
  }
  /// Refuses the call where its argument has any of these bits.
  void refuse_bits(int call, unsigned argument, unsigned bits) { look_at(call, argument, BPF_JSET, bits, true); }
  /// Refuses it where it has none of them.
  void need_bits(int call, unsigned argument, unsigned bits) { look_at(call, argument, BPF_JSET, bits, false); }
  /// Refuses it where it is another number.
  void need(int call, unsigned argument, unsigned value) { look_at(call, argument, BPF_JEQ, value, false); }

  bool install() {
    end(SECCOMP_RET_ALLOW);
    const sock_fprog program = {static_cast<unsigned short>(code_.size()), code_.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
  }

 private:
  void load(std::size_t offset) { code_.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset))); }
  void skip_if(unsigned comparison, unsigned value, unsigned char so, unsigned char else_) {
    code_.push_back(BPF_JUMP(BPF_JMP | comparison | BPF_K, value, so, else_));
  }
  void end(unsigned action) { code_.push_back(BPF_STMT(BPF_RET | BPF_K, action)); }
  void look_at(int call, unsigned argument, unsigned comparison, unsigned value, bool refuse_if) {
    skip_if(BPF_JEQ, static_cast<unsigned>(call), 0, 4);
    load(offsetof(seccomp_data, args) +
         argument * sizeof(seccomp_data::args[0]));  // its low half: these are little-endian
    skip_if(comparison, value, refuse_if ? 0 : 1, refuse_if ? 1 : 0);
    end(kFailAs | EPERM);
    end(SECCOMP_RET_ALLOW);
  }

  std::vector<sock_filter> code_;
};

}  // namespace

bool confine_system_calls() {
  constexpr unsigned kForWriting = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC;
  const auto self = static_cast<unsigned>(::getpid());
  Filter filter;
  for (const int call : kRefused) filter.refuse(call, EPERM);
  for (const int call : kNotThere) filter.refuse(call, ENOSYS);
#if defined(__x86_64__)
  filter.refuse_bits(SYS_open, 1, kForWriting);
#endif
  filter.refuse_bits(SYS_openat, 2, kForWriting);
  filter.need_bits(SYS_clone, 0, CLONE_THREAD);
  filter.need(SYS_kill, 0, self);
  filter.need(SYS_tgkill, 0, self);
  filter.need(SYS_prlimit64, 0, 0);  // of this process
  return filter.install();
}

}  // namespace etamax::apps
#else
namespace etamax::apps {
bool confine_system_calls() { return false; }
}  // namespace etamax::apps
#endif
