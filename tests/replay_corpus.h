#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace etamax::testing {

/// Gives a reader every file of a folder of the fuzzing corpus, and the small ones, of at most `small` bytes, cut off
/// and changed at every byte too. `fault` says what is wrong with how the bytes were read; "" if nothing.
template <typename Fault>
void replay_corpus(const std::string& folder, std::size_t small, Fault fault) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ETAMAX_SOURCE_DIR "/tests/fuzz/corpus/" + folder)) {
    std::stringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    const std::string bytes = text.str();
    EXPECT_EQ(fault(bytes), "") << entry.path();
    ++files;
    if (bytes.size() > small) continue;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      EXPECT_EQ(fault(bytes.substr(0, i)), "") << entry.path() << " cut off at byte " << i;
      std::string changed = bytes;
      for (const char c : {'\0', '\x7f', '\xff', static_cast<char>(bytes[i] ^ 1)}) {
        changed[i] = c;
        EXPECT_EQ(fault(changed), "") << entry.path() << " changed at byte " << i;
      }
    }
  }
  EXPECT_GE(files, 3) << folder;
}

}  // namespace etamax::testing
