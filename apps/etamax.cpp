// The program etamax. Commands that need tensors belong to a second one, etamax-model, which runs in its place: the
// tensor library takes 0.7 s to load.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "arguments.h"
#include "program.h"
#include "verbs.h"

namespace {

/// The program beside this one, which knows the commands that need tensors.
std::string etamax_model() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (error ? std::filesystem::path("etamax-model") : self.parent_path() / "etamax-model").string();
}

/// Becomes etamax-model. Returns only where it cannot be run.
void become_etamax_model(char** argv) {
  // Threads that spin while they wait take the processor from those that work.
  setenv("OMP_WAIT_POLICY", "PASSIVE", /*overwrite=*/0);
  execv(etamax_model().c_str(), argv);
}

std::string no_tensor_libraries() { return "without LibTorch"; }

}  // namespace

int main(int argc, char** argv) {
  namespace apps = etamax::apps;
  const apps::Arguments arguments = apps::with_usual_words({argv + 1, argv + argc});
  const std::string verb = apps::verb_of(arguments);
  if (verb.empty() && std::find(arguments.begin(), arguments.end(), "--version") != arguments.end())
    become_etamax_model(argv);
  for (const apps::VerbSpec& spec : apps::kVerbs)
    if (verb == spec.name && spec.needs_tensors) {
      become_etamax_model(argv);
      fmt::print(stderr, "etamax: {} needs the program {}, which is not there: build etamax with ETAMAX_MODEL=ON\n",
                 verb, etamax_model());
      return 1;
    }
  return apps::run_program(argc, argv, {{"explain", apps::make_explain}, {"diagnose", apps::make_diagnose}},
                           no_tensor_libraries);
}
