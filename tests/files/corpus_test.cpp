// Replays the fuzzed readers' seeds, and what fuzzing has found, with the ordinary compiler; and changes each
// file in every place.
#include <gtest/gtest.h>

#include <string>

#include "../replay_corpus.h"
#include "check_file.h"

namespace etamax::testing {
namespace {

TEST(Corpus, HoldsForEveryFileCutOffAndChangedAnywhere) {
  for (const std::string reader : {"csv", "npz", "idx", "png", "pnm", "safetensors", "torch_save"})
    replay_corpus(reader, 1200, [&](const std::string& bytes) { return file_fault(reader, bytes); });
}

}  // namespace
}  // namespace etamax::testing
