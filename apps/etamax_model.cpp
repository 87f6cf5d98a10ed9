// The program etamax-model: the commands of etamax that need tensors. etamax runs it in its own place.
#include <signal.h>

#include "etamax/model/interruptible.h"
#include "etamax/model/runtime.h"
#include "messages.h"
#include "program.h"
#include "signals.h"
#include "verbs.h"

namespace {

// LibTorch's libraries take half a second to begin, in which nothing is under way that a signal would have to wait for.
// What the loader calls before them hears those that etamax has held, and those that come.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which begin in the same way

extern "C" void end_while_loading(int) { etamax::apps::end_interrupted("\n"); }

void hear_while_loading(int, char**, char**) {
  struct sigaction ending {};
  ending.sa_handler = end_while_loading;
  for (const int number : etamax::apps::kStopSignals) {
    struct sigaction action {};
    if (sigaction(number, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) continue;
    sigaction(number, &ending, nullptr);
  }
  sigaction(SIGPROF, &ending, nullptr);
  etamax::apps::watch_processor_time();
  etamax::apps::let_signals_through();
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const before_libraries)(int, char**, char**) = hear_while_loading;

#endif

}  // namespace

int main(int argc, char** argv) {
  namespace apps = etamax::apps;
  apps::ready_standard_streams();
  etamax::keep_freed_memory();
  etamax::ask_for_each_tensor();
  etamax::silence_scripts();
  return apps::note_end(apps::run_program(argc, argv,
                                          {{"analyze", apps::make_analyze},
                                           {"follow", apps::make_follow},
                                           {"spectrum", apps::make_spectrum},
                                           {"tune", apps::make_tune}},
                                          etamax::tensor_libraries));
}
