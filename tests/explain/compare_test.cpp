// Several optimizers beside each other: each one's answer is the one that it has alone, and what is said of all of them
// is what the JSON's numbers say.
#include "etamax/explain/compare.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>

#include "etamax/core/error.h"
#include "etamax/explain/explain.h"
#include "etamax/report/comparison.h"
#include "json_numbers.h"

namespace etamax {
namespace {

using testing::collect;
using testing::flat;
using Json = nlohmann::json;

Json without_time(Json json) {
  json["cost"].erase("seconds");
  return json;
}

std::vector<std::string> all_optimizers() {
  std::vector<std::string> names;
  for (const OptimizerSpec& spec : optimizers()) names.push_back(spec.name);
  return names;
}

ExplainOptions question(const std::string& expression, const NamedNumbers& start, const std::vector<double>& lr) {
  ExplainOptions options;
  options.expression = expression;
  options.start = start;
  options.lr = lr;
  options.follow.max_steps = 2000;
  return options;
}

std::vector<ExplainOptions> questions() {
  return {question("x^2", {{"", -1}}, {0.1, 0.5, 1.2}), question("rosenbrock", {{"x", -1}, {"y", 1}}, {0.001}),
          question("-x^2", {{"", 1}}, {0.1}), question("log(x)", {{"", 1}}, {3}),
          question("x^2 + y^2 + z^2", {{"", 1}}, {0.3})};
}

bool is_among(double printed, const std::vector<double>& numbers) {
  constexpr double kPrinted = 1.5e-5;
  for (const double exact : numbers)
    if (std::abs(exact - printed) <= kPrinted * std::abs(printed)) return true;
  return false;
}

std::string refusal(ExplainOptions options, const std::vector<std::string>& names) {
  try {
    compare(options, names);
  } catch (const InputError& e) {
    return e.what();
  }
  return "taken";
}

TEST(Compare, EachAnswerIsTheOneThatTheOptimizerHasAlone) {
  for (ExplainOptions options : questions()) {
    options.settings = {{"momentum", 0.9}, {"beta2", 0.99}};
    const Comparison comparison = compare(options, all_optimizers());
    const Json json = Json::parse(to_json(comparison));
    ASSERT_EQ(json["explanations"].size(), all_optimizers().size());
    for (std::size_t i = 0; i < all_optimizers().size(); ++i) {
      const OptimizerSpec& spec = find_optimizer(all_optimizers()[i]);
      ExplainOptions alone = options;
      alone.optimizer = spec.name;
      alone.settings.clear();
      for (const Hyperparameter& h : spec.hyperparameters)
        for (const auto& setting : options.settings)
          if (setting.first == h.name) alone.settings.push_back(setting);
      EXPECT_EQ(without_time(json["explanations"][i]), without_time(Json::parse(to_json(explain(alone)))))
          << options.expression << " with " << spec.name;
    }
  }
}

TEST(Compare, StandingsAreWhatTheRunsAre) {
  const Json json =
      Json::parse(to_json(compare(question("x^2", {{"", -1}}, {0.1, 0.5, 1.2}), {"adam", "gd", "signsgd"})));
  ASSERT_EQ(json["standings"].size(), 3u);
  double before = -INFINITY;
  for (const Json& standing : json["standings"]) {
    EXPECT_GE(standing["loss"], before);
    before = standing["loss"];
    double lowest = INFINITY;
    for (const Json& e : json["explanations"])
      if (e["optimizer"]["name"] == standing["optimizer"])
        for (const Json& run : e["runs"])
          if (run["verdict"] != "diverges")
            lowest = std::min(lowest, run["losses"][standing["step"].get<std::size_t>()].get<double>());
    EXPECT_EQ(standing["loss"], lowest);
  }
  EXPECT_EQ(json["standings"][0]["optimizer"], "gd");  // x - 0.5 * 2 x = 0
  EXPECT_EQ(json["standings"][0]["loss"], 0);
}

TEST(Compare, NobodyIsLowestWhereThatMeansNothing) {
  EXPECT_TRUE(compare(question("x^2", {{"", 1}}, {1.2}), {"gd", "sgd"}).standings.empty()) << "all diverge";
  EXPECT_TRUE(compare(question("-x^2", {{"", 1}}, {0.1}), {"gd", "sgd"}).standings.empty()) << "no bottom";
  EXPECT_TRUE(compare(question("log(x)", {{"", 1}}, {3}), {"gd", "sgd"}).standings.empty()) << "ended before";
  ExplainOptions options = question("x^2", {{"", 1}}, {0.1});
  options.follow.shown_steps = 0;
  EXPECT_TRUE(compare(options, {"gd", "adam"}).standings.empty()) << "no step";
  options.follow.shown_steps = 3;
  const std::string same = flat(to_text(compare(options, {"gd", "sgd"}), {false, false, 80}));
  EXPECT_NE(same.find("After 3 steps gd and sgd have the same loss, 0.262144."), std::string::npos) << same;
}

TEST(Compare, EveryNumberOfTheWordsIsInTheJson) {
  static const std::regex number(R"((^|[^A-Za-z0-9_.])(-?\d+(\.\d+)?(e-?\d+)?))");
  for (ExplainOptions options : questions()) {
    options.settings = {{"momentum", 0.9}};
    const Comparison comparison = compare(options, all_optimizers());
    const Json json = Json::parse(to_json(comparison));
    std::vector<double> numbers;
    collect(json, numbers);
    std::string reasons;
    for (const Json& e : json["explanations"])
      for (const Json& run : e["runs"]) reasons += run["reason"].get<std::string>() + " ";
    for (const int width : {60, 80}) {
      const std::string text = to_text(comparison, {false, false, width});
      for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
        EXPECT_LE(static_cast<int>(end - begin), width) << text.substr(begin, end - begin);
      std::string words = text.substr(0, text.find("\nOne step:"));
      const std::size_t table = text.find("\nWhat would be stable:");
      words += text.substr(table, text.find("\nThe loss", table) - table);
      words = flat(words);
      for (std::sregex_iterator at(words.begin(), words.end(), number), end; at != end; ++at) {
        const std::string found = (*at)[2];
        EXPECT_TRUE(is_among(std::strtod(found.c_str(), nullptr), numbers) ||
                    json.dump().find(found) != std::string::npos)
            << found << " of " << words;
      }
    }
  }
}

TEST(Compare, RefusesInOneLineBeforeAnyWork) {
  const ExplainOptions options = question("x^2", {{"", 1}}, {0.1});
  EXPECT_EQ(refusal(options, {"gd", "adam", "gd"}), "optimizer: 'gd' is named twice");
  EXPECT_EQ(refusal(options, {"Adam", "adam"}), "optimizer: 'adam' is named twice");
  EXPECT_EQ(refusal(options, {"gd", "sdg"}), "optimizer: unknown optimizer 'sdg'; did you mean 'sgd'?");
  EXPECT_EQ(refusal(options, {}), "optimizer: give at least one");
  ExplainOptions with = options;
  with.settings = {{"momentum", 0.9}};
  EXPECT_EQ(refusal(with, {"gd", "signsgd"}), "none of gd, signsgd has a hyperparameter 'momentum'");
  EXPECT_EQ(refusal(with, {"gd", "sgd"}), "taken");
  with.settings = {{"momentum", 2}};
  EXPECT_EQ(refusal(with, {"gd", "sgd"}), "sgd: momentum = 2 is not in [0, 1)");
}

TEST(Compare, AnInterruptedAnswerIsPartial) {
  ExplainOptions options = question("x^2", {{"", 1}}, {0.1});
  int calls = 0;
  options.follow.progress = [&](const WorkDone&) { return ++calls < 3; };
  const Comparison comparison = compare(options, {"gd", "adam"});
  EXPECT_TRUE(comparison.partial);
  EXPECT_EQ(comparison.explanations.size(), 1u);
  EXPECT_TRUE(comparison.standings.empty());
  EXPECT_NE(to_text(comparison, {}).find("Interrupted"), std::string::npos);
  EXPECT_EQ(Json::parse(to_json(comparison))["partial"], true);
}

TEST(Compare, TheGridHoldsThePathsOfAll) {
  const Comparison comparison =
      compare(question("x^2 + 10*y^2", {{"x", 1}, {"y", 1}}, {0.05}), {"gd", "signsgd", "adam"});
  ASSERT_TRUE(comparison.grid);
  for (const Explanation& e : comparison.explanations)
    for (const auto& x : e.runs.front().iterates) {
      EXPECT_GT(x[0], comparison.grid->x_from);
      EXPECT_LT(x[0], comparison.grid->x_to);
      EXPECT_GT(x[1], comparison.grid->y_from);
      EXPECT_LT(x[1], comparison.grid->y_to);
    }
}

}  // namespace
}  // namespace etamax
