#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "etamax/model/analyze_options.h"
#include "etamax/model/memory.h"
#include "options.h"
#include "verbs.h"

/// What the verbs that need tensors share.
namespace etamax::apps {

constexpr double kLargest = 9007199254740992.0;  // whole numbers are exact up to here

/// Says on a terminal what goes on. Wiped out before anything else is printed.
class Status {
 public:
  explicit Status(bool quiet) : shown_(!quiet && isatty(STDERR_FILENO)) {}
  ~Status() { clear(); }
  void stage(const std::string& what) {
    clear();
    if (shown_) fmt::print(stderr, "{} ...", what);
  }
  void clear() {
    if (shown_) fmt::print(stderr, "\r\033[K");
  }

 private:
  bool shown_;
};

/// Readies the tensor library as the options say, warns where it will be slow, and lets the status and Ctrl-C take
/// part. Throws InputError.
template <typename Options>
void ready_tensors(Options& options, const CommonOptions& common, Status& status) {
  const int threads = static_cast<int>(read_whole("--threads", common.threads, 0, 1024));
  if (threads > 0)
    set_threads(threads);
  else if (!std::getenv("OMP_NUM_THREADS"))
    set_threads(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
  if (options.device == "cpu") refuse_missing_memory();
  if (const std::string warning = slow_blas_warning(); !warning.empty() && !common.quiet)
    fmt::print(stderr, "etamax: warning: {}\n", warning);
  options.stage = [&status](const std::string& what) { status.stage(what); };
  options.progress = [](double) { return !interrupted(); };
}

/// Which model, on which data, with which loss.
template <typename Request>
void add_model_options(CLI::App& verb, Request& request) {
  verb.add_option("--model", request.model, "linear, mlp:64-256-256-10:tanh, ..., or a TorchScript file (mlp)");
  verb.add_option("--data", request.data, "digits, breast_cancer, csv:FILE,target=COLUMN, ... (digits)");
  verb.add_option("--loss", request.loss, "cross_entropy, mse, bce or huber (by the targets)");
}

}  // namespace etamax::apps
