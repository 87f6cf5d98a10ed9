// tune of problems without tensors: typed functions and an operator with examples.
#include "etamax/expr/function.h"

#include <gtest/gtest.h>

#include <Eigen/Eigenvalues>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "../problem/least_squares.h"
#include "../temporary_folder.h"
#include "etamax/core/error.h"
#include "etamax/expr/objective_table.h"
#include "etamax/problem/function_problem.h"
#include "etamax/tune/tune.h"

namespace etamax {
namespace {

using TuneFiles = testing::WithFolder;

std::string without_cost(const Tuning& tuning) {
  auto json = nlohmann::ordered_json::parse(to_json(tuning));
  json.erase("cost");
  return json.dump(1);
}

TEST(TuneOfAFunction, FindsARateBelowTheEdgeOfAQuadratic) {
  const NamedExpression named = parse_objective("0.5*(x^2 + 100*y^2)");
  const Function function(named.expression, named.variables);
  FunctionObjective f(function, std::vector<double>{1, 1}, named.variables);
  DenseProblem problem(f, make_optimizer("gd", {}));
  TuneOptions options;
  options.steps = 400;
  const Tuning t = tune(problem, options);
  ASSERT_TRUE(t.lr_recommended.has_value()) << t.lr_recommended_reason;
  EXPECT_LT(*t.lr_recommended, 0.02);
  EXPECT_GT(*t.lr_recommended, 0.002) << to_csv(t);
  EXPECT_LE(*t.edge.lr.lower, 0.02 * (1 + 1e-12));
  EXPECT_GE(*t.edge.lr.upper, 0.02 * (1 - 1e-12));
  EXPECT_GE(t.trainable.lr.upper.value_or(INFINITY), 0.02 * (1 - 1e-9));
  EXPECT_LE(t.budget.spent, t.budget.limit);
  EXPECT_EQ(entries(f.parameters()), Eigen::Vector2d(1, 1));
}

TEST_F(TuneFiles, OfAnOperatorWithBatchesCarriesOnFromAFile) {
  testing::LeastSquares f(200, 5, 3);
  DenseProblem problem(f, make_optimizer("sgd", {{"momentum", 0.9}}));
  TuneOptions options;
  options.steps = 60;
  options.batch_size = 20;
  const std::string whole = without_cost(tune(problem, options));
  options.state = path("state.json");
  EXPECT_EQ(without_cost(tune(problem, options)), whole);
  EXPECT_EQ(without_cost(tune(problem, options)), whole);  // all of it from the file
  const auto full = nlohmann::ordered_json::parse(std::ifstream(path("state.json")));
  EXPECT_TRUE(full["trials"][0]["verdict"].is_string());  // words, which outlive the enum's numbers
  for (const int looks : {2, 15, 30}) {
    std::filesystem::remove(path("state.json"));
    int asked = 0;
    options.progress = [&](double) { return ++asked < looks; };
    EXPECT_TRUE(tune(problem, options).partial);
    options.progress = {};
    EXPECT_EQ(without_cost(tune(problem, options)), whole) << looks;
  }
}

TEST_F(TuneFiles, ThatCannotBeWrittenAnyMoreAreToldOfAndCostNoAnswer) {
  testing::LeastSquares f(50, 3, 1);
  DenseProblem problem(f, make_optimizer("gd", {}));
  TuneOptions options;
  options.steps = 50;
  const std::string whole = without_cost(tune(problem, options));
  const std::string place = path("gone");
  options.state = place + "/state.json";
  int asked = 0, told = 0;
  bool written = true;
  const int gone = 10, back = 100;  // of the askings
  options.progress = [&](double) {
    if (++asked == gone) std::filesystem::remove_all(place);
    if (asked == back) std::filesystem::create_directory(place);
    return true;
  };
  std::filesystem::create_directory(place);
  EXPECT_THROW(tune(problem, options), InputError);
  options.state_fault = [&](const std::exception_ptr& fault) {
    ++told;
    written = !fault;
    if (fault) {
      EXPECT_THROW(std::rethrow_exception(fault), InputError);
    }
  };
  std::filesystem::create_directory(place);
  asked = 0;
  EXPECT_EQ(without_cost(tune(problem, options)), whole);
  ASSERT_GT(asked, back);
  EXPECT_GT(told, 1);
  EXPECT_TRUE(written);
  const int before = asked;
  EXPECT_EQ(without_cost(tune(problem, options)), whole);  // all of it from the file
  EXPECT_LT(asked - before, back);
}

TEST(TuneOfAFunction, RefusesByField) {
  testing::LeastSquares f(50, 3, 1);
  DenseProblem problem(f, make_optimizer("gd", {}));
  const auto refused = [&](TuneOptions options) {
    try {
      tune(problem, options);
    } catch (const InputError& e) {
      return e.field();
    }
    return std::string("accepted");
  };
  EXPECT_EQ(refused({.steps = 3}), "steps");
  EXPECT_EQ(refused({.steps = 50, .batch_size = 51}), "batch_size");
  EXPECT_EQ(refused({.steps = 50, .schedule = "cosign"}), "schedule");
  EXPECT_EQ(refused({.steps = 50, .budget = 0.1}), "budget");
  EXPECT_EQ(refused({.steps = 50, .seeds = 0}), "seeds");
  EXPECT_EQ(refused({.steps = 50, .state = "/no/such/folder/state.json"}), "state");
}

}  // namespace
}  // namespace etamax
