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

/// Becomes etamax-model, which lies beside this program. Returns only where it cannot be run.
int become_etamax_model(char** argv, const std::string& verb) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string path =
      (error ? std::filesystem::path("etamax-model") : self.parent_path() / "etamax-model").string();
  // Threads that spin while they wait take the processor from those that work.
  setenv("OMP_WAIT_POLICY", "PASSIVE", /*overwrite=*/0);
  execv(path.c_str(), argv);
  fmt::print(stderr, "etamax: {} needs the program {}, which is not there: build etamax with ETAMAX_MODEL=ON\n", verb,
             path);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  namespace apps = etamax::apps;
  const std::string verb = apps::verb_of(apps::with_usual_words({argv + 1, argv + argc}));
  for (const apps::VerbSpec& spec : apps::kVerbs)
    if (verb == spec.name && spec.needs_tensors) return become_etamax_model(argv, verb);
  return apps::run_program(argc, argv, {{"explain", apps::make_explain}, {"diagnose", apps::make_diagnose}});
}
