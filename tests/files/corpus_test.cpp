// Replays the fuzzed readers' seeds, and what fuzzing has found, with the ordinary compiler; and changes each
// file in every place.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "check_file.h"

namespace etamax::testing {
namespace {

void replay(const std::string& reader) {
  constexpr std::size_t kSmall = 1200;
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(ETAMAX_SOURCE_DIR "/tests/fuzz/corpus/" + reader)) {
    std::stringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    const std::string bytes = text.str();
    EXPECT_EQ(file_fault(reader, bytes), "") << entry.path();
    ++files;
    if (bytes.size() > kSmall) continue;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      EXPECT_EQ(file_fault(reader, bytes.substr(0, i)), "") << entry.path() << " cut off at byte " << i;
      std::string changed = bytes;
      for (const char c : {'\0', '\x7f', '\xff', static_cast<char>(bytes[i] ^ 1)}) {
        changed[i] = c;
        EXPECT_EQ(file_fault(reader, changed), "") << entry.path() << " changed at byte " << i;
      }
    }
  }
  EXPECT_GE(files, 3);
}

TEST(Corpus, HoldsForEveryFileCutOffAndChangedAnywhere) {
  for (const char* reader : {"csv", "npz", "idx", "safetensors", "torch_save"}) replay(reader);
}

}  // namespace
}  // namespace etamax::testing
