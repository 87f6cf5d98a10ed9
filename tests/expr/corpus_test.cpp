// Replays what fuzzing has found, and the seeds it starts from, with the ordinary compiler.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "check_expression.h"

namespace etamax::testing {
namespace {

TEST(Corpus, HoldsForEveryFile) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ETAMAX_SOURCE_DIR "/tests/fuzz/corpus/expr")) {
    std::stringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    EXPECT_EQ(text_fault(text.str()), "") << entry.path().filename();
    ++files;
  }
  EXPECT_GE(files, 40);
}

}  // namespace
}  // namespace etamax::testing
