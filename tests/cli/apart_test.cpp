// What is made in a process of its own: its results and refusals come back, and its end is not ours.
#include "apart.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "etamax/core/error.h"

namespace etamax::apps {
namespace {

TEST(Apart, GivesWhatWasMade) {
  const std::string bytes = std::string(300'000, 'x') + '\0' + "end";
  EXPECT_EQ(made_apart("a .png", [&] { return bytes; }), bytes);
  EXPECT_EQ(made_apart("a .png", [] { return std::string(); }), "");
}

TEST(Apart, ThrowsWhatWasThrown) {
  const auto missing = []() -> std::string { throw EnvironmentError("librsvg is missing"); };
  EXPECT_THROW(made_apart("a .png", missing), EnvironmentError);
  try {
    made_apart("a .png", []() -> std::string { throw std::logic_error("the picture states no size"); });
    ADD_FAILURE() << "nothing was thrown";
  } catch (const std::runtime_error& e) {
    EXPECT_STREQ(e.what(), "the picture states no size");
  }
}

TEST(Apart, AnEndIsARefusal) {
  for (const auto& end : {+[] { std::abort(); }, +[] { std::exit(0); }, +[] { std::raise(SIGKILL); }}) {
    try {
      made_apart("a .png", [&]() -> std::string {
        end();
        return "never";
      });
      ADD_FAILURE() << "nothing was thrown";
    } catch (const EnvironmentError& e) {
      EXPECT_EQ(std::string(e.what()).find("a .png cannot be made: "), 0u) << e.what();
    }
  }
}

TEST(Apart, ItsMessagesReachNobody) {
  testing::internal::CaptureStderr();
  made_apart("a .png", [] {
    std::fputs("Fontconfig warning", stderr);
    std::fflush(stderr);
    return std::string("made");
  });
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace etamax::apps
