// How long a person waits for an answer: the whole process, from fork to exit, and the part of it that is our
// own work.
//
//   program/true     /bin/true: what starting any process costs on this machine
//   program/version  etamax --version: loading, and building the command line
//   program/explain  etamax explain 'x^2' --from -1 --lr 1.2: the claim is within 10 ms
//   processor/...    the processor time of the same, which a busy machine lengthens less than the time on the
//   clock work/explain     cost.seconds of the same: the claim is under 2 ms
#include <benchmark/benchmark.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

extern char** environ;

namespace {

struct Outcome {
  double seconds = 0;            ///< on the clock
  double processor_seconds = 0;  ///< of the child, its own and the system's for it
  bool succeeded = false;
  std::string output;
};

/// Starts a program, reads its standard output to the end, and waits for it.
Outcome start(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return {};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);

  Outcome outcome;
  const auto begin = std::chrono::steady_clock::now();
  pid_t child = 0;
  const bool started = posix_spawn(&child, arguments[0], &actions, nullptr, arguments.data(), environ) == 0;
  close(ends[1]);
  std::array<char, 65536> buffer{};
  for (ssize_t n; (n = read(ends[0], buffer.data(), buffer.size())) > 0;)
    outcome.output.append(buffer.data(), static_cast<std::size_t>(n));
  int status = -1;
  rusage usage{};
  if (started) wait4(child, &status, 0, &usage);
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  for (const timeval& t : {usage.ru_utime, usage.ru_stime})
    outcome.processor_seconds += static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  outcome.succeeded = started && status == 0;
  close(ends[0]);
  posix_spawn_file_actions_destroy(&actions);
  return outcome;
}

void time_program(benchmark::State& state, const std::vector<std::string>& words, double Outcome::*seconds) {
  for ([[maybe_unused]] auto iteration : state) {
    const Outcome outcome = start(words);
    if (!outcome.succeeded) return state.SkipWithError("the program failed");
    state.SetIterationTime(outcome.*seconds);
  }
}

void time_own_work(benchmark::State& state, const std::vector<std::string>& words) {
  const std::string field = "\"seconds\": ";
  for ([[maybe_unused]] auto iteration : state) {
    const Outcome outcome = start(words);
    const std::size_t at = outcome.output.find(field);
    if (!outcome.succeeded || at == std::string::npos) return state.SkipWithError("the program failed");
    state.SetIterationTime(std::strtod(outcome.output.c_str() + at + field.size(), nullptr));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> explain = {ETAMAX_PROGRAM, "explain", "x^2", "--from", "-1", "--lr", "1.2"};
  std::vector<std::string> explain_json = explain;
  explain_json.emplace_back("--json");
  const auto shape = [](benchmark::internal::Benchmark* b) {  // every process is a sample; the median is the number
    b->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(1)->Repetitions(201)->ReportAggregatesOnly();
  };
  const auto program = [&](const std::string& name, const std::vector<std::string>& words) {
    shape(benchmark::RegisterBenchmark(("program/" + name).c_str(), time_program, words, &Outcome::seconds));
    shape(
        benchmark::RegisterBenchmark(("processor/" + name).c_str(), time_program, words, &Outcome::processor_seconds));
  };
  program("true", {"/bin/true"});
  program("version", {ETAMAX_PROGRAM, "--version"});
  program("explain", explain);
  shape(benchmark::RegisterBenchmark("work/explain", time_own_work, explain_json));
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
