// Diagnoses logs of known cause and prints how often each verdict was given. The numbers from 0 on are for
// tuning, those from 100,000 on are held out: nothing was ever chosen by looking at them.
//
//   confusion_matrix DIGITS.csv                   the matrix of the held-out logs, as docs/diagnose.md quotes
//   it confusion_matrix DIGITS.csv --check FILE.md   fails where a promise is broken, or the page says
//   otherwise confusion_matrix DIGITS.csv --tuning          the other half, with every mistake
//   confusion_matrix DIGITS.csv --show NUMBER     one log
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <thread>

#include "etamax/diagnose/diagnose.h"
#include "synthetic.h"

namespace etamax::testing {
namespace {

constexpr int kLogs = 300;   // in each part; 30 of each cause, 90 of the learning rate
constexpr double kSame = 4;  // logs by which a cell may differ from the page: exp differs between C libraries

struct Result {
  SyntheticLog log;
  LogVerdict verdict = LogVerdict::unclear;
  std::string cause, reason;
  double score = 0;
};

int number_of(int index, bool held_out) { return index + (held_out ? 200000 : 0); }

/// The log of that number, kept in the folder ETAMAX_KNOWN_LOGS between calls where that is given.
SyntheticLog known_log(const Digits& digits, int number) {
  const char* folder = std::getenv("ETAMAX_KNOWN_LOGS");
  if (folder == nullptr) return synthetic_log(digits, number);
  const std::string path = fmt::format("{}/{}", folder, number);
  SyntheticLog log;
  if (std::ifstream kept(path, std::ios::binary); kept) {
    std::getline(kept, log.truth), std::getline(kept, log.what);
    log.text.assign(std::istreambuf_iterator<char>(kept), {});
    return log;
  }
  log = synthetic_log(digits, number);
  std::ofstream(path, std::ios::binary) << log.truth << "\n" << log.what << "\n" << log.text;
  return log;
}

std::vector<Result> diagnose_all(const Digits& digits, bool held_out) {
  std::vector<Result> results(kLogs);
  std::atomic<int> next = 0;
  const auto work = [&] {
    for (int i = next++; i < kLogs; i = next++) {
      Result& result = results[static_cast<std::size_t>(i)];
      result.log = known_log(digits, number_of(i, held_out));
      ByteSource source = ByteSource::memory(result.log.text);
      const Diagnosis answer = diagnose(source, {});
      result.verdict = answer.verdict;
      result.cause = answer.cause;
      result.reason = answer.reason;
      result.score = answer.score;
    }
  };
  std::thread second(work);
  work();
  second.join();
  return results;
}

LogVerdict right_verdict(const std::string& truth) {
  if (truth == "learning_rate") return LogVerdict::learning_rate;
  if (truth == "collapse") return LogVerdict::collapse;
  if (truth == "healthy" || truth == "recovering_spikes") return LogVerdict::healthy;
  return LogVerdict::not_learning_rate;
}

constexpr std::array kVerdicts = {LogVerdict::learning_rate, LogVerdict::not_learning_rate, LogVerdict::collapse,
                                  LogVerdict::healthy, LogVerdict::unclear};

struct Matrix {
  std::map<std::string, std::array<int, 5>> counts;
  std::map<std::string, int> total, cause_right;
  double named = 0, blamed = 0, unclear = 0;  ///< percentages
  std::array<int, 4> given{}, right{};        ///< by score: 0.7, 0.8, 0.9, 0.97 and above
};

constexpr std::array<double, 5> kScores = {0.7, 0.8, 0.9, 0.97, 1.0001};

Matrix matrix_of(const std::vector<Result>& results) {
  Matrix m;
  int others = 0, blamed = 0, unclear = 0;
  for (const Result& r : results) {
    const auto v =
        static_cast<std::size_t>(std::find(kVerdicts.begin(), kVerdicts.end(), r.verdict) - kVerdicts.begin());
    ++m.counts[r.log.truth][v];
    ++m.total[r.log.truth];
    if (r.cause == r.log.truth) ++m.cause_right[r.log.truth];
    if (r.verdict == LogVerdict::unclear) ++unclear;
    if (r.log.truth != "learning_rate") {
      ++others;
      if (r.verdict == LogVerdict::learning_rate) ++blamed;
    }
    if (r.verdict == LogVerdict::unclear) continue;
    for (std::size_t k = 0; k < 4; ++k)
      if (r.score >= kScores[k] && r.score < kScores[k + 1]) {
        ++m.given[k];
        if (r.verdict == right_verdict(r.log.truth)) ++m.right[k];
      }
  }
  m.named = 100.0 * m.counts["learning_rate"][0] / std::max(m.total["learning_rate"], 1);
  m.blamed = 100.0 * blamed / std::max(others, 1);
  m.unclear = 100.0 * unclear / static_cast<double>(results.size());
  return m;
}

std::string as_text(Matrix& m) {
  std::string text =
      "| cause of the log | logs | `learning_rate` | `not_learning_rate` | `collapse` | `healthy` | "
      "`unclear` | cause named |\n";
  text += "|---|---|---|---|---|---|---|---|\n";
  for (const std::string& truth : truths()) {
    const auto& c = m.counts[truth];
    text += fmt::format("| `{}` | {} | {} | {} | {} | {} | {} | {} |\n", truth, m.total[truth], c[0], c[1], c[2], c[3],
                        c[4], m.cause_right[truth]);
  }
  text += fmt::format(
      "\nOf the runs that blew up through the learning rate, {:.1f}% were named so. Of the others, {:.1f}% "
      "were blamed on it.\n"
      "{:.1f}% of all are `unclear`.\n",
      m.named, m.blamed, m.unclear);
  text += "\n| score of the verdict | logs | of which right |\n|---|---|---|\n";
  for (std::size_t k = 4; k-- > 0;)
    text += fmt::format("| {} to {} | {} | {:.0f}% |\n", kScores[k], std::min(kScores[k + 1], 1.0), m.given[k],
                        m.given[k] > 0 ? 100.0 * m.right[k] / m.given[k] : 0.0);
  return text;
}

/// The rows of the matrix as they stand on the page agree with those measured, but for what exp may change.
int check(Matrix& m, const std::string& page) {
  int failed = 0;
  const auto expect = [&](bool holds, const std::string& what) {
    if (!holds) fmt::print(stderr, "FAILED: {}\n", what), ++failed;
  };
  expect(m.named >= 90, fmt::format("{:.1f}% of the learning rate's runs are named so, less than 90%", m.named));
  expect(m.blamed <= 3, fmt::format("{:.1f}% of the others are blamed on the learning rate, more than 3%", m.blamed));
  expect(m.unclear <= 15, fmt::format("{:.1f}% are unclear, more than 15%", m.unclear));
  std::ifstream file(page);
  std::map<std::string, std::vector<double>> rows;
  for (std::string line; std::getline(file, line);) {
    std::istringstream cells(line);
    std::string cell, name;
    std::getline(cells, cell, '|'), std::getline(cells, name, '|');
    std::vector<double> numbers;
    while (std::getline(cells, cell, '|')) numbers.push_back(std::atof(cell.c_str()));
    const std::size_t open = name.find('`'), close = name.rfind('`');
    if (open < close && numbers.size() == 7) rows[name.substr(open + 1, close - open - 1)] = numbers;
  }
  for (const std::string& truth : truths()) {
    const std::vector<double>& row = rows[truth];
    expect(row.size() == 7, page + " has no row for " + truth);
    for (std::size_t v = 0; row.size() == 7 && v < 5; ++v)
      expect(std::abs(row[v + 1] - m.counts[truth][v]) <= kSame,
             fmt::format("{}, column {}: {} on the page, {} measured", truth, v, row[v + 1], m.counts[truth][v]));
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace etamax::testing

int main(int argc, char** argv) {
  using namespace etamax::testing;
  if (argc < 2) return 2;
  const Digits digits = read_digits(argv[1]);
  const std::string mode = argc > 2 ? argv[2] : "";
  if (mode == "--show") {
    const SyntheticLog log = synthetic_log(digits, std::atoi(argv[3]));
    fmt::print(stderr, "{}: {}\n", log.truth, log.what);
    std::fwrite(log.text.data(), 1, log.text.size(), stdout);
    return 0;
  }
  const std::vector<Result> results = diagnose_all(digits, mode != "--tuning");
  Matrix matrix = matrix_of(results);
  fmt::print("{}", as_text(matrix));
  if (mode == "--tuning")
    for (std::size_t i = 0; i < results.size(); ++i)
      if (const Result& r = results[i]; r.verdict != right_verdict(r.log.truth))
        fmt::print("{} {} -> {} {} {:.2f} ({})\n     {}\n", number_of(static_cast<int>(i), false), r.log.truth,
                   to_string(r.verdict), r.cause, r.score, r.log.what, r.reason);
  return mode == "--check" ? check(matrix, argv[3]) : 0;
}
