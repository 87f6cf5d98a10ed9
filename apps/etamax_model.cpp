// The program etamax-model: the verbs of etamax that need tensors. etamax runs it in its own place.
#include "etamax/model/memory.h"
#include "program.h"
#include "verbs.h"

int main(int argc, char** argv) {
  etamax::keep_freed_memory();
  return etamax::apps::run_program(argc, argv, {etamax::apps::add_analyze, etamax::apps::add_tune});
}
