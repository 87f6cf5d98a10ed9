// Replays the seeds of state files, and what fuzzing has found; and changes each in every place.
#include <gtest/gtest.h>

#include "../replay_corpus.h"
#include "check_state.h"

namespace etamax::testing {
namespace {

TEST(StateCorpus, HoldsCutOffAndChangedAnywhere) { replay_corpus("tune_state", 300, state_fault); }

}  // namespace
}  // namespace etamax::testing
