// Replays the seeds of each fuzzed reader of logs, and what fuzzing has found, with the ordinary compiler;
// and changes each file in every place.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "check_log.h"
#include "etamax/diagnose/format.h"

namespace etamax::testing {
namespace {

void replay(const std::string& format) {
  constexpr std::size_t kSmall = 400;
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(ETAMAX_SOURCE_DIR "/tests/fuzz/corpus/log_" + format)) {
    std::stringstream text;
    text << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    const std::string bytes = text.str();
    EXPECT_EQ(log_fault(format, bytes), "") << entry.path();
    ++files;
    if (bytes.size() > kSmall) continue;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      EXPECT_EQ(log_fault(format, bytes.substr(0, i)), "") << entry.path() << " cut off at byte " << i;
      std::string changed = bytes;
      for (const char c : {'\0', '\x7f', '\xff', static_cast<char>(bytes[i] ^ 1)}) {
        changed[i] = c;
        EXPECT_EQ(log_fault(format, changed), "") << entry.path() << " changed at byte " << i;
      }
    }
  }
  EXPECT_GE(files, 3) << format;
}

TEST(Corpus, OfEveryFormatHoldsCutOffAndChangedAnywhere) {
  for (const FormatSpec& format : log_formats()) replay(format.name);
}

}  // namespace
}  // namespace etamax::testing
