// What some hundred programs print, in the files of printers/: "== NAME | COLUMN | LOSSES | STEPS", and below it the
// lines. The log is read as a person would read it, or "refused".
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/diagnose/diagnose.h"
#include "etamax/diagnose/number.h"
#include "kept_answers.h"

namespace etamax {
namespace {

struct Printed {
  std::string name, column, losses, steps, log;
};

std::string trimmed(const std::string& text) {
  const std::size_t from = text.find_first_not_of(' '), to = text.find_last_not_of(' ');
  return from == std::string::npos ? "" : text.substr(from, to + 1 - from);
}

std::vector<Printed> printed_logs() {
  std::vector<Printed> all;
  for (const auto& file : std::filesystem::directory_iterator(ETAMAX_SOURCE_DIR "/tests/diagnose/printers")) {
    std::ifstream stream(file.path());
    for (std::string line; std::getline(stream, line);) {
      if (line.substr(0, 3) != "== ") {
        all.back().log += line + "\n";
        continue;
      }
      std::istringstream head(line.substr(3));
      std::vector<std::string> parts(4);
      for (std::string& part : parts) std::getline(head, part, '|'), part = trimmed(part);
      all.push_back({parts[0], parts[1], parts[2], parts[3], ""});
    }
  }
  return all;
}

/// The numbers of a list as the log's samples have them; one that is not finite as NaN.
std::vector<double> numbers(const std::string& list) {
  std::vector<double> all;
  std::istringstream words(list);
  for (std::string word; words >> word;)
    if (double value = 0; is_number(word, value)) all.push_back(value);
  return all;
}

void expect_same(const std::vector<double>& got, const std::vector<double>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i)
    EXPECT_TRUE(got[i] == wanted[i] || (std::isnan(got[i]) && std::isnan(wanted[i])))
        << "record " << i << " is read as " << got[i] << ", and not " << wanted[i];
}

TEST(Printers, AreReadAsAPersonReadsThem) {
  const std::vector<Printed> all = printed_logs();
  EXPECT_GE(all.size(), 180u);
  for (const Printed& printed : all) {
    SCOPED_TRACE(printed.name);
    ByteSource source = ByteSource::memory(printed.log);
    if (printed.losses == "refused") {
      EXPECT_THROW(diagnose(source, {}), InputError);
      continue;
    }
    Diagnosis d;
    ASSERT_NO_THROW(d = testing::kept(diagnose(source, {})));
    EXPECT_EQ(d.log.loss_column, printed.column);
    std::vector<double> losses, steps;
    for (const LogSeries::Sample& s : d.loss.samples) losses.push_back(s.value), steps.push_back(s.step);
    expect_same(losses, numbers(printed.losses));
    if (!printed.steps.empty()) expect_same(steps, numbers(printed.steps));
  }
}

}  // namespace
}  // namespace etamax
