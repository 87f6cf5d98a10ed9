// Writes logs of known cause into a folder, with a labels.json like that of the real ones, for evaluate.py and fit.py.
// The numbers from 0 on are for fitting, those from 400,000 on are held out: nothing was ever chosen by looking at
// them.
//
//   write_logs DIGITS.csv FOLDER FIRST COUNT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "synthetic.h"

namespace etamax::testing {
namespace {

std::string verdict_of(const std::string& cause) {
  if (cause == "learning_rate" || cause == "collapse" || cause == "healthy") return cause;
  return cause == "recovering_spikes" ? "healthy" : "not_learning_rate";
}

/// The verdicts that are no mistake. A collapse is cured by a lower rate, by construction, and a run that rests after
/// an excursion has collapsed, too.
std::string acceptable(const SyntheticLog& log) {
  const std::string verdict = verdict_of(log.truth);
  if (log.truth == "healthy") return fmt::format(R"("{}")", verdict);
  const char* other = log.truth == "collapse"                       ? R"("learning_rate", )"
                      : log.what.find("rests") != std::string::npos ? R"("collapse", )"
                                                                    : "";
  return fmt::format(R"("{}", {}"unclear")", verdict, other);
}

std::string label_of(const SyntheticLog& log, const std::string& file) {
  return fmt::format(R"({{"file": "{}", "source": "generated", "truth": "{}", "cause": "{}", "acceptable": [{}], )"
                     R"("why": "{}", "interval": {}, "epochs": {}, "excerpt": {}}})",
                     file, verdict_of(log.truth), log.truth, acceptable(log), log.what, log.interval, log.epochs,
                     log.excerpt);
}

void write_logs(const Digits& digits, const std::filesystem::path& folder, int first, int count) {
  std::filesystem::create_directories(folder);
  std::vector<std::string> labels(static_cast<std::size_t>(count));
  std::atomic<int> next = 0;
  const auto work = [&] {
    for (int i = next++; i < count; i = next++) {
      const SyntheticLog log = synthetic_log(digits, first + i);
      const std::string file = fmt::format("{}.log", first + i);
      std::ofstream(folder / file, std::ios::binary) << log.text;
      labels[static_cast<std::size_t>(i)] = label_of(log, file);
    }
  };
  std::thread second(work);
  work();
  second.join();
  std::ofstream(folder / "labels.json") << fmt::format("[\n{}\n]\n", fmt::join(labels, ",\n"));
}

}  // namespace
}  // namespace etamax::testing

int main(int argc, char** argv) {
  using namespace etamax::testing;
  if (argc != 5) return 2;
  write_logs(read_digits(argv[1]), argv[2], std::atoi(argv[3]), std::atoi(argv[4]));
  return 0;
}
