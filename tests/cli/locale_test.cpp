// Numbers have a point, whatever the locale of the program that uses the library is: read and written, in text,
// documents, tables, files of options and expressions.
#include <gtest/gtest.h>

#include <clocale>
#include <cstdlib>
#include <fstream>
#include <locale>

#include "../temporary_folder.h"
#include "config.h"
#include "etamax/core/decimal.h"
#include "etamax/core/format.h"
#include "etamax/diagnose/diagnose.h"
#include "etamax/draw/svg.h"
#include "etamax/explain/explain.h"
#include "etamax/files/numeric_table.h"
#include "etamax/report/diagnosis.h"
#include "etamax/report/explanation.h"

namespace etamax {
namespace {

struct Comma : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

/// All that is said with one locale or another.
class LocaleTest : public testing::WithFolder {
 protected:
  /// An answer in each of its forms, from options that are read.
  std::string answers() {
    ExplainOptions options;
    options.expression = "0.5*x^2 + 1.25e-1*x";
    const Fields all = fields(options);
    for (const Field& field : all) {
      if (field.name == "start") field.read({"x=-1.5"});
      if (field.name == "lr") field.read({"0.8,1.2", "0.1:0.3:0.1"});
    }
    ExplainOptions from_file;
    apps::read_config(file("options.toml",
                           "expression = 'x^2'\nstart = -0.5\nlr = [0.25, 1.5e-3, '0.1:0.3:0.1']\nmax_steps = 12345\n"),
                      "explain", fields(from_file));
    std::string text;
    for (const ExplainOptions& asked : {options, from_file}) {
      Explanation answer = explain(asked);
      answer.cost = {};
      text += to_text(answer, TerminalStyle{}) + to_json(answer) + to_csv(answer) + to_html(answer);
      text += to_svg(poster(answer), Theme::light);
    }
    ByteSource log = ByteSource::memory("step,loss\n0,1.5\n1000,2.25\n2000,4.5\n3000,1.25e1\n");
    Diagnosis diagnosis = diagnose(log, {});
    diagnosis.cost = {};
    text += to_text(diagnosis, TerminalStyle{}) + to_json(diagnosis) + to_csv(diagnosis);
    return text;
  }

  void expect_points(const std::string& locale) {
    EXPECT_EQ(decimal_value("1.5"), 1.5) << locale;
    EXPECT_EQ(decimal_value("1,5"), std::nullopt) << locale;
    EXPECT_EQ(decimal_value("1e999"), std::numeric_limits<double>::infinity()) << locale;
    EXPECT_EQ(decimal_value(""), std::nullopt) << locale;
    EXPECT_EQ(format_exactly(0.1 + 0.2), "0.30000000000000004") << locale;
    EXPECT_EQ(answers(), usual_) << locale;
  }

  const std::string usual_ = answers();
};

TEST_F(LocaleTest, OfCppChangesNothing) {
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Comma));
  expect_points("a decimal comma");
  std::locale::global(before);
}

TEST_F(LocaleTest, OfCChangesNothing) {
  const char* name = nullptr;
  for (const char* candidate : {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "pt_BR.UTF-8"})
    if (!name) name = std::setlocale(LC_ALL, candidate);
  if (!name) GTEST_SKIP() << "no locale with a decimal comma is installed";
  ASSERT_STREQ(std::localeconv()->decimal_point, ",");
  expect_points(name);
  std::setlocale(LC_ALL, "C");
}

}  // namespace
}  // namespace etamax
