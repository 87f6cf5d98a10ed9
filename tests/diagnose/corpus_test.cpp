// Replays the seeds of each fuzzed reader of logs, and what fuzzing has found, with the ordinary compiler;
// and changes each file in every place.
#include <gtest/gtest.h>

#include <string>

#include "../replay_corpus.h"
#include "check_log.h"
#include "etamax/diagnose/format.h"

namespace etamax::testing {
namespace {

TEST(Corpus, OfEveryFormatHoldsCutOffAndChangedAnywhere) {
  for (const FormatSpec& format : log_formats())
    replay_corpus("log_" + format.name, 400, [&](const std::string& bytes) { return log_fault(format.name, bytes); });
}

}  // namespace
}  // namespace etamax::testing
