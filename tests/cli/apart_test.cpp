// What is made in a process of its own: its results and refusals come back, and its end is not ours.
#include "apart.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "etamax/core/error.h"
#include "etamax/core/interruption.h"

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

bool has_children() { return waitpid(-1, nullptr, WNOHANG) == 0; }

TEST(Apart, IsEndedWhereItDoesNotEnd) {
  const auto hang = [] {
    pause();
    return std::string();
  };
  try {
    made_apart("a .png", hang, 0.2);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const EnvironmentError& e) {
    EXPECT_NE(std::string(e.what()).find("did not end within 0.2 s"), std::string::npos) << e.what();
  }
  EXPECT_FALSE(has_children());
}

volatile std::sig_atomic_t asked = 0;

TEST(Apart, IsEndedByAnInterruption) {
  struct sigaction action {};
  action.sa_handler = [](int) { asked = 1; };
  sigaction(SIGUSR1, &action, nullptr);
  set_interruption_check([] { return asked != 0; });
  const auto interrupt_and_hang = [] {
    kill(getppid(), SIGUSR1);
    pause();
    return std::string();
  };
  EXPECT_THROW(made_apart("a .png", interrupt_and_hang), Interrupted);
  EXPECT_FALSE(has_children());
  // The answer that was known by then has its picture.
  EXPECT_EQ(made_apart("a .png", [] { return std::string("made"); }), "made");
  set_interruption_check([] { return false; });
}

TEST(Apart, EndsWithTheProcessThatWantsIt) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t wants = fork();
  if (wants == 0) {
    made_apart("a .png", [] {
      kill(getppid(), SIGKILL);
      pause();
      return std::string();
    });
  }
  close(ends[1]);
  EXPECT_EQ(waitpid(wants, nullptr, 0), wants);
  char none;
  pollfd closed{ends[0], POLLIN, 0};
  EXPECT_EQ(poll(&closed, 1, 10'000), 1) << "it is left";  // it has the other end
  EXPECT_TRUE(closed.revents == 0 || read(ends[0], &none, 1) == 0);
  close(ends[0]);
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
