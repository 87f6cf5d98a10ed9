// The program etamax-model: the commands of etamax that need tensors. etamax runs it in its own place.
#include "etamax/model/interruptible.h"
#include "etamax/model/runtime.h"
#include "messages.h"
#include "program.h"
#include "verbs.h"

int main(int argc, char** argv) {
  namespace apps = etamax::apps;
  apps::ready_standard_streams();
  etamax::keep_freed_memory();
  etamax::ask_for_each_tensor();
  etamax::silence_scripts();
  return apps::run_program(argc, argv,
                           {{"analyze", apps::make_analyze},
                            {"follow", apps::make_follow},
                            {"spectrum", apps::make_spectrum},
                            {"tune", apps::make_tune}},
                           etamax::tensor_libraries);
}
