#include "confinement.h"

#include "landlock.h"
#include "system_calls.h"

namespace etamax::apps {

std::vector<std::string> confine(const std::vector<std::string>& readable) {
  const bool files = confine_files(readable), calls = confine_system_calls();  // which would refuse Landlock's own
  std::vector<std::string> lacks;
  if (!files)
    lacks.emplace_back(calls ? "no Landlock: it can read your files" : "no Landlock: it can read and write your files");
  if (!calls) lacks.emplace_back("no seccomp: it can use the network and start programs");
  return lacks;
}

}  // namespace etamax::apps
