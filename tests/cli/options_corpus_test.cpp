// Replays the seeds of configuration files and command lines, and what fuzzing has found; and changes each in every
// place.
#include <gtest/gtest.h>

#include "../replay_corpus.h"
#include "check_options.h"

namespace etamax::testing {
namespace {

TEST(OptionsCorpus, HoldsCutOffAndChangedAnywhere) {
  replay_corpus("config", 300, config_fault);
  replay_corpus("arguments", 300, arguments_fault);
}

}  // namespace
}  // namespace etamax::testing
