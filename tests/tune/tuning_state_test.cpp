// What a state file gives back is what was put there, or a refusal.
#include "etamax/tune/tuning_state.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "../failing_calls.h"
#include "../refusal.h"
#include "../sealed_state.h"
#include "../temporary_folder.h"
#include "etamax/core/error.h"

namespace etamax {
namespace {

namespace fs = std::filesystem;
using testing::Fault;
using testing::with_fault;

/// A ledger with so many trials.
Ledger ledger_of(int trials) {
  Ledger ledger;
  ledger.start = {{{0.01, 0.02}, "2 / lambda", "measured"}, 0.3};
  ledger.warmup_edges = {{4, 0.7, {0.1, std::nullopt}}};
  for (int k = 0; k < trials; ++k) {
    RunRecord record;
    record.lr = 0.1 + k;
    record.steps = 20;
    record.verdict = Verdict::trains;
    record.loss = 1.0 / 3;
    ledger.trials.push_back({{record.lr, 0, 0, 20}, record});
  }
  return ledger;
}

class StateFiles : public testing::WithFolder {
 protected:
  TuningState state() const { return {path("state"), job_}; }
  Ledger read() const { return state().open(); }
  std::string refusal() const {
    const std::string said = testing::refusal([&] { read(); });
    EXPECT_EQ(said.find('\n'), said.npos) << said;
    return said;
  }
  /// What a file holds that a state of that ledger is written to.
  std::string written(const Ledger& ledger) const {
    fs::remove(path("state"));
    TuningState file = state();
    file.open();
    file.save(ledger);
    return content("state");
  }

  StateJob job_ = {{"model", "linear"}, {"data", "csv:\xff.csv"}};  // a file's name may be any bytes
};

TEST_F(StateFiles, GiveBackWhatWasSaved) {
  for (const Ledger& ledger : {Ledger(), ledger_of(0), ledger_of(1), ledger_of(3)}) {
    const std::string bytes = written(ledger);
    EXPECT_EQ(read().trials.size(), ledger.trials.size());
    const Ledger again = read();
    EXPECT_EQ(written(again), bytes);
  }
  EXPECT_EQ(entries(), 1);
  file("state", "");
  EXPECT_TRUE(read().trials.empty());  // as mktemp makes it
}

TEST_F(StateFiles, RefuseEveryChange) {
  const std::string bytes = written(ledger_of(2));
  const auto expect_refused = [&](const std::string& changed) {
    fs::remove(path("state"));  // a file that is cut off and written anew goes to the disk at once
    file("state", changed);
    const std::string said = refusal();
    EXPECT_EQ(said.rfind("state: " + path("state") + ": is ", 0), 0u) << said << "\n" << changed;
  };
  for (std::size_t k = 0; k < bytes.size(); ++k) {
    for (const int bit : {1, 2, 64, 128}) {
      std::string changed = bytes;
      changed[k] = static_cast<char>(changed[k] ^ bit);
      expect_refused(changed);
    }
    expect_refused(bytes.substr(0, k) + bytes.substr(k + 1));
    expect_refused(bytes.substr(0, k) + "7" + bytes.substr(k));
    if (k > 0) expect_refused(bytes.substr(0, k));
  }
  expect_refused(bytes + bytes);
  expect_refused(bytes + " ");
  file("state", bytes);
  EXPECT_EQ(read().trials.size(), 2u);
}

/// With a checksum that fits, what no etamax has written is still found out.
TEST_F(StateFiles, RefuseWhatCannotBe) {
  using Json = nlohmann::ordered_json;
  const Json sound = Json::parse(written(ledger_of(2)));
  file("state", testing::sealed_state(sound));
  EXPECT_EQ(read().trials.size(), 2u);
  const std::pair<const char*, Json> damages[] = {{"units", -1}, {"verdict", 77}, {"verdict", "converts"},
                                                  {"steps", -5}, {"steps", 1000}, {"steps", "many"},
                                                  {"loss", {1}}};
  for (const auto& [field, value] : damages) {
    Json damaged = sound;
    for (Json& trial : damaged["trials"]) trial[field] = value;
    file("state", testing::sealed_state(damaged));
    EXPECT_EQ(refusal(), "state: " + path("state") + ": is damaged; name a new file") << field << " " << value;
  }
  for (const char* missing : {"job", "edge", "warmup_edges", "trials"}) {
    Json damaged = sound;
    damaged.erase(missing);
    file("state", testing::sealed_state(damaged));
    testing::expect_in("is damaged; name a new file", refusal());
  }
}

TEST_F(StateFiles, SayWhatElseTheyAre) {
  using testing::expect_in;
  const std::string bytes = written(ledger_of(1));
  file("state", "{\n \"etamax_tune\": 4,\n \"job\": {}\n}\n");
  expect_in("is a state of version 4, and this etamax reads 5; name a new file", refusal());
  file("state", "{}");
  expect_in("is no state of etamax tune", refusal());
  file("state", bytes);
  job_[0].second = "mlp";
  expect_in("is of another job: model is linear, here mlp", refusal());
}

TEST_F(StateFiles, BelongToOneTuning) {
  TuningState mine = state();
  mine.open();
  for (int trials = 0; trials < 3; ++trials) {
    mine.save(ledger_of(trials));
    try {
      read();
      ADD_FAILURE() << "two have it";
    } catch (const EnvironmentError& e) {
      EXPECT_EQ(e.what(),
                "'" + path("state") + "': another tune uses this state; wait for its end, or name another file");
    }
  }
}

/// Whatever fails, and wherever the process dies, the file is the last state that was saved, or the one before it.
TEST_F(StateFiles, SurviveEveryFault) {
  for (const Fault fault : {Fault::error, Fault::death}) {
    int faults = 0;
    bool more = true;
    for (int k = 1; more; ++k) {
      SCOPED_TRACE(::testing::Message() << "call " << k << (fault == Fault::error ? " fails" : " is the last"));
      ASSERT_LT(k, 200);
      for (const auto& entry : fs::directory_iterator(folder_)) fs::remove(entry);
      const pid_t child = fork();
      if (child == 0) {
        const auto work = [&] {
          TuningState file = state();
          file.open();
          for (int trials = 1; trials < 3; ++trials) file.save(ledger_of(trials));
        };
        try {
          _exit(with_fault(fault, EIO, k, work) ? 0 : 1);
        } catch (const EnvironmentError&) {
          _exit(0);
        }
      }
      int status = -1;
      ASSERT_EQ(waitpid(child, &status, 0), child);
      ASSERT_TRUE(WIFEXITED(status));
      more = WEXITSTATUS(status) == 0;
      faults += more;
      const std::ptrdiff_t left = entries();
      EXPECT_LE(left, fault == Fault::error ? 1 : 2);
      TuningState file = state();
      const std::size_t trials = file.open().trials.size();
      file.save(ledger_of(3));
      EXPECT_LE(entries(), left + 1);
      EXPECT_EQ(trials, more ? std::min<std::size_t>(trials, 2) : 2);
    }
    EXPECT_GE(faults, 20);
  }
}

}  // namespace
}  // namespace etamax
