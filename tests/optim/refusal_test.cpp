// Bad hyperparameters are refused by name, for the whole table.
#include <gtest/gtest.h>

#include <cmath>

#include "etamax/core/error.h"
#include "etamax/optim/optimizer.h"

namespace etamax {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string refusal(const OptimizerSpec& spec, const Settings& settings) {
  try {
    hyperparameter_values(spec, settings);
  } catch (const InputError& e) {
    return e.what();
  }
  return "";
}

TEST(Refusals, EveryHyperparameterOutsideItsRange) {
  for (const OptimizerSpec& spec : optimizers())
    for (const Hyperparameter& h : spec.hyperparameters) {
      std::vector<double> bad = {std::nan(""), kInfinity, -kInfinity, std::nextafter(h.range.low, -kInfinity),
                                 h.range.low - 1};
      if (h.range.low_open) bad.push_back(h.range.low);
      if (h.range.high_open) bad.push_back(h.range.high);
      if (std::isfinite(h.range.high))
        bad.insert(bad.end(), {std::nextafter(h.range.high, kInfinity), h.range.high + 1});
      if (h.is_flag) bad.push_back(0.5);
      for (const double value : bad) {
        const std::string message = refusal(spec, {{h.name, value}});
        EXPECT_EQ(message.find(spec.name + ": " + h.name + " = "), 0u) << value << ": " << message;
        EXPECT_NE(message.find(range_text(h)), std::string::npos) << value << ": " << message;
        EXPECT_EQ(message.find('\n'), std::string::npos);
      }
    }
}

TEST(Refusals, NoHyperparameterInsideItsRange) {
  for (const OptimizerSpec& spec : optimizers()) {
    EXPECT_EQ(refusal(spec, {}), "");
    for (const Settings& example : spec.examples) EXPECT_EQ(refusal(spec, example), "");
    for (const Hyperparameter& h : spec.hyperparameters) {
      std::vector<double> good = {h.default_value};
      good.push_back(h.range.low_open ? std::nextafter(h.range.low, kInfinity) : h.range.low);
      good.push_back(h.range.high_open ? std::nextafter(h.range.high, 0.0) : h.range.high);
      if (h.is_flag) good = {0};
      for (const double value : good) EXPECT_EQ(refusal(spec, {{h.name, value}}), "") << value;
    }
  }
}

TEST(Refusals, SayWhatWouldBeRight) {
  const OptimizerSpec& sgd = find_optimizer("sgd");
  EXPECT_EQ(refusal(sgd, {{"momentum", 1}}), "sgd: momentum = 1 is not in [0, 1)");
  EXPECT_EQ(refusal(sgd, {{"momentum", -1e-9}}), "sgd: momentum = -1e-9 is not in [0, 1)");
  EXPECT_EQ(refusal(sgd, {{"weight_decay", -1}}), "sgd: weight_decay = -1 is not at least 0");
  EXPECT_EQ(refusal(sgd, {{"weight_decay", kInfinity}}),
            "sgd: weight_decay = inf is not finite; it must be at least 0");
  EXPECT_EQ(refusal(sgd, {{"nesterov", 0.5}}), "sgd: nesterov = 0.5 is not 0 or 1");
  EXPECT_EQ(refusal(sgd, {{"momentun", 0.9}}), "sgd has no hyperparameter 'momentun'; did you mean 'momentum'?");
  EXPECT_EQ(refusal(find_optimizer("gd"), {{"beta1", 0.9}}),
            "gd has no hyperparameter 'beta1'; it belongs to adam, adamw, lion");
  EXPECT_EQ(refusal(find_optimizer("rmsprop"), {{"alpha", 1.5}}), "rmsprop: alpha = 1.5 is not in [0, 1]");
}

TEST(Refusals, NesterovWithoutMomentumOrWithDampening) {
  const OptimizerSpec& sgd = find_optimizer("sgd");
  const std::string rule = "sgd: nesterov = 1 needs momentum > 0 and dampening = 0";
  EXPECT_EQ(refusal(sgd, {{"nesterov", 1}}), rule);
  EXPECT_EQ(refusal(sgd, {{"nesterov", 1}, {"momentum", 0.9}, {"dampening", 0.1}}), rule);
  EXPECT_EQ(refusal(sgd, {{"nesterov", 1}, {"momentum", 0.9}}), "");
}

TEST(Refusals, UnknownOptimizer) {
  const auto message = [](const char* name) {
    try {
      find_optimizer(name);
    } catch (const InputError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_EQ(message("sgdd"), "optimizer: unknown optimizer 'sgdd'; did you mean 'sgd'?");
  EXPECT_NE(message("bfgs").find("there are adagrad, adam, adamw, gd, lion, rmsprop, sgd, signsgd"), std::string::npos);
}

TEST(Optimizers, AreFoundAsPytorchWritesThem) {
  for (const auto& [written, name] : {std::pair("SGD", "sgd"),
                                      {"Adam", "adam"},
                                      {"AdamW", "adamw"},
                                      {"RMSprop", "rmsprop"},
                                      {"Adagrad", "adagrad"},
                                      {"Lion", "lion"}})
    EXPECT_EQ(find_optimizer(written).name, name);
}

}  // namespace
}  // namespace etamax
