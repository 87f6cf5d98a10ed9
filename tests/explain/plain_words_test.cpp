// The answer in plain words, over functions, rates and optimizers: every number of it is in the JSON answer, and every
// "higher", "lower", "left", "right" and "across" is what the JSON's numbers say.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>

#include "etamax/explain/explain.h"
#include "etamax/optim/optimizer.h"
#include "etamax/report/explanation.h"
#include "json_numbers.h"

namespace etamax {
namespace {

using testing::collect;
using testing::flat;
using Json = nlohmann::json;

/// A number of the text is one of the JSON's as it is printed: 0 stands for the rounding errors of a place.
bool is_among(double printed, const std::vector<double>& numbers) {
  constexpr double kPrinted = 1.5e-5;
  for (const double exact : numbers) {
    if (std::abs(std::abs(exact) - std::abs(printed)) <= kPrinted * std::abs(printed)) return true;
    if (printed == 0 && std::abs(exact) < 1e-8) return true;
  }
  return false;
}

std::string first_unknown_number(const std::string& text, const std::vector<double>& numbers) {
  static const std::regex number(R"((^|[^A-Za-z0-9_.])(-?\d+(\.\d+)?(e-?\d+)?))");
  for (std::sregex_iterator at(text.begin(), text.end(), number), end; at != end; ++at)
    if (!is_among(std::strtod((*at)[2].str().c_str(), nullptr), numbers)) return (*at)[2];
  return "";
}

/// What the text says of one step of a function of one variable, against the JSON of its run.
void check_step(const std::string& sentence, const Json& run, std::size_t k, const Json& small_rates, double start,
                const std::string& where) {
  const double from = run["iterates"][k - 1][0], move = run["updates"][k - 1][0];
  if (sentence.find(" to the right") != std::string::npos) {
    EXPECT_GT(move, 0) << where << sentence;
  }
  if (sentence.find(" to the left") != std::string::npos) {
    EXPECT_LT(move, 0) << where << sentence;
  }
  if (run["iterates"][k][0].is_null() || run["losses"][k].is_null()) return;
  const double to = run["iterates"][k][0], before = run["losses"][k - 1], after = run["losses"][k];
  const double same = 1e-12 * std::max(std::abs(before), std::abs(after));
  const bool moves =
      sentence.find("leaves it where it is") == std::string::npos && sentence.find("too short") == std::string::npos;
  EXPECT_EQ(moves, to != from) << where << sentence;
  if (!moves) return;
  EXPECT_EQ(sentence.find("higher than before") != std::string::npos, after - before > same) << where << sentence;
  EXPECT_EQ(sentence.find("lower than before") != std::string::npos, before - after > same) << where << sentence;
  const bool has_bottom = small_rates["outcome"] == "minimum";
  const double bottom = has_bottom ? small_rates["point"][0].get<double>() : 0, near = 1e-9 * std::abs(start - bottom);
  const bool lands = std::abs(to - bottom) <= near, leaves = std::abs(from - bottom) <= near;
  EXPECT_EQ(sentence.find("across the") != std::string::npos,
            has_bottom && !lands && !leaves && (from > bottom) != (to > bottom))
      << where << sentence;
  EXPECT_EQ(sentence.find("onto the") != std::string::npos, has_bottom && lands) << where << sentence;
}

void check(const Explanation& answer, const std::string& where) {
  const std::string text = flat(to_plain_words(answer, {false, false, 100}));
  const Json json = Json::parse(to_json(answer));
  std::vector<double> numbers;
  collect(json, numbers);
  EXPECT_EQ(first_unknown_number(text, numbers), "") << where << text;
  for (const char* jargon :
       {"gradient", "Hessian", "curvature", "eigen", "converge", "diverge", "stability edge", "nan", "inf "})
    EXPECT_EQ(text.find(jargon), std::string::npos) << jargon << " in " << where << text;
  if (answer.variables.size() != 1) return;
  static const char* const kSteps[] = {"he first step", "he second step", "he third step"};
  for (std::size_t r = 0; r < answer.runs.size(); ++r) {
    const std::size_t begin = text.find("Learning rate ", r == 0 ? 0 : text.find("Learning rate ") + 1);
    ASSERT_NE(begin, std::string::npos) << where;
    for (std::size_t k = 1; k <= 3; ++k) {
      const std::size_t at = text.find(kSteps[k - 1], begin);
      if (at == std::string::npos) continue;
      // To the end of the sentence: a point between digits is none.
      std::smatch sentence;
      const std::string rest = text.substr(at);
      ASSERT_TRUE(std::regex_search(rest, sentence, std::regex(R"(^.*?\. )"))) << where << rest;
      check_step(sentence.str(), json["runs"][r], k, json["stability"]["small_rates"], answer.start[0], where);
    }
  }
}

struct Subject {
  std::string text;
  NamedNumbers start;
};

const std::vector<Subject>& subjects() {
  static const std::vector<Subject> all = {
      {"x^2", {{"", -1}}},
      {"x^2", {{"", 0}}},
      {"(x - 3)^2 + 5", {{"", 10}}},
      {"x^4", {{"", 1}}},
      {"x^3", {{"", 1}}},
      {"-x^2", {{"", 1}}},
      {"-x^2", {{"", 0}}},
      {"abs(x)", {{"", 1}}},
      {"relu(x)", {{"", 1}}},
      {"x", {{"", 0}}},
      {"exp(x)", {{"", 0}}},
      {"exp(-x^2)", {{"", 1}}},
      {"log(x)", {{"", 1}}},
      {"sqrt(x)", {{"", 1}}},
      {"sqrt(x)", {{"", 0}}},
      {"1/x", {{"", -1}}},
      {"log(-x)", {{"", 1}}},
      {"x^2", {{"", 1e200}}},
      {"x^2 + 1e16", {{"", 1}}},
      {"sin(x)", {{"", 1}}},
      {"sin(x)/x", {{"", 1}}},
      {"double_well", {{"", 0.5}}},
      {"x^4 - 3x^2 + x", {{"", 2}}},
      {"logcosh", {{"", 3}}},
      {"1e-30*x^2", {{"", 1e10}}},
      {"x^2 + y^2", {{"x", 1}, {"y", 2}}},
      {"x^2 + 30*y^2", {{"x", 1}, {"y", 1}}},
      {"x*y", {{"x", 1}, {"y", 0.5}}},
      {"rosenbrock", {{"x", -1}, {"y", 1}}},
      {"x^2 + 2*y^2 + 3*z^2 + w^2", {{"x", 1}, {"y", 1}, {"z", 1}, {"w", 1}}},
  };
  return all;
}

Explanation answer_to(const Subject& subject, double lr, const std::string& optimizer, const Settings& settings) {
  ExplainOptions options;
  options.expression = subject.text;
  options.start = subject.start;
  options.lr = {lr};
  options.optimizer = optimizer;
  options.settings = settings;
  options.follow.max_steps = 1000;
  return explain(options);
}

TEST(PlainWords, SayWhatTheNumbersSay) {
  for (const Subject& subject : subjects())
    for (const OptimizerSpec& optimizer : optimizers())
      for (const double lr : {0.03, 1.0, 2.7})
        check(answer_to(subject, lr, optimizer.name, {}),
              subject.text + " with " + optimizer.name + " at " + std::to_string(lr) + ": ");
}

TEST(PlainWords, SayWhatEachOptimizerMakesOfTheSlope) {
  const Subject parabola{"x^2", {{"", -1}}};
  for (const OptimizerSpec& optimizer : optimizers()) {
    std::vector<Settings> all = optimizer.examples;
    all.emplace_back();
    for (const Settings& settings : all) {
      const Explanation answer = answer_to(parabola, 0.1, optimizer.name, settings);
      EXPECT_GT(answer.update_in_words.size(), 40u) << optimizer.name;
      EXPECT_EQ(answer.update_in_words.back(), '.') << optimizer.name;
      check(answer, optimizer.name + ": ");
    }
  }
}

TEST(PlainWords, TellTheArticle) {
  const std::string text = flat(to_plain_words(answer_to({"x^2", {{"", -1}}}, 1.2, "gd", {}), {false, false, 80}));
  for (const char* part :
       {"You stand at x = -1", "bowl", "The slope where you stand is -2, so downhill is to the right",
        "2 x 1.2 = 2.4 to the right, to x = 1.4: across the bottom, and higher than before (1.96)",
        "There the slope is 2.8, and the second step goes 3.36 to the left", "1.4 times as far from it"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " is not in " << text;
}

}  // namespace
}  // namespace etamax
