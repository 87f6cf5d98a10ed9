// What is said of a run with confidence does not turn with how many steps were allowed: whatever the function, the
// optimizer and the rate, followed for N, 4 N and 16 N steps it gets one verdict, or `unclear`.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "scene.h"

namespace etamax {
namespace {

using Random = std::mt19937;

template <typename T>
const T& any_of(Random& random, const std::vector<T>& choices) {
  return choices[random() % choices.size()];
}

std::string number(Random& random) {
  return any_of<std::string>(random, {"0.01", "0.1", "0.35", "1", "1.5", "2", "3", "5", "10"});
}

/// A function of few terms; powers, products and the usual functions of what it is made of.
std::string expression(Random& random, int depth, const std::vector<std::string>& variables) {
  const auto part = [&] { return expression(random, depth - 1, variables); };
  if (depth == 0) {
    const std::string& x = any_of(random, variables);
    switch (random() % 4) {
      case 0:
        return x;
      case 1:
        return "(" + x + "-" + number(random) + ")";
      default:
        return number(random) + "*" + x;
    }
  }
  switch (random() % 11) {
    case 0:
    case 1:
      return "(" + part() + "+" + part() + ")";
    case 2:
      return "(" + part() + "-" + part() + ")";
    case 3:
      return "(" + part() + ")*(" + part() + ")";
    case 4:
    case 5:
      return "(" + part() + ")^2";
    case 6:
      return "(" + part() + ")^" + any_of<std::string>(random, {"3", "4", "6"});
    case 7:
      return "(" + part() + ")/(1+(" + part() + ")^2)";
    case 8:
      return any_of<std::string>(random, {"abs", "relu", "softplus", "sigmoid"}) + "(" + part() + ")";
    case 9:
      return any_of<std::string>(random, {"tanh", "cos", "sin", "cosh"}) + "(" + part() + ")";
    default:
      return number(random) + "*" + part();
  }
}

/// A question as `etamax explain` is asked it.
struct Question {
  std::string text;
  std::vector<double> start;
  std::string optimizer;
  Settings settings;
  double lr = 0;

  std::string command(const Scene& scene) const {
    std::string from, options;
    for (std::size_t i = 0; i < start.size(); ++i)
      from += fmt::format("{}{}={}", i ? "," : "", scene.parsed.variables[i], start[i]);
    for (std::string option; const auto& [name, value] : settings) {
      option = name;
      std::replace(option.begin(), option.end(), '_', '-');
      options += fmt::format(" --{}{}", option, option == "nesterov" ? "" : fmt::format(" {}", value));
    }
    return fmt::format("'{}' --from {} --lr {} --optimizer {}{}", text, from, lr, optimizer, options);
  }
};

double rounded(double value) { return std::stod(fmt::format("{:.4g}", value)); }

Settings any_settings(Random& random, const std::string& optimizer) {
  const auto maybe = [&](Settings& s, const char* name, const std::vector<double>& values) {
    if (random() % 2) s.emplace_back(name, any_of(random, values));
  };
  Settings s;
  if (optimizer == "sgd") {
    s.emplace_back("momentum", any_of<double>(random, {0.5, 0.9, 0.95}));
    if (random() % 3 == 0) s.emplace_back("nesterov", 1);
  }
  if (optimizer == "adam" || optimizer == "adamw" || optimizer == "lion") {
    maybe(s, "beta1", {0, 0.5, 0.9});
    maybe(s, "beta2", {0, 0.9, 0.99, 0.999});
  }
  if (optimizer == "adam" || optimizer == "adamw" || optimizer == "rmsprop" || optimizer == "adagrad")
    maybe(s, "eps", {1e-3, 0.1, 1});
  if (optimizer == "adamw" || optimizer == "lion") maybe(s, "weight_decay", {0, 0.1, 1});
  return s;
}

Question any_question(Random& random) {
  static const std::vector<std::string> names = {"gd",      "sgd",  "adam",    "adam",   "adamw",
                                                 "rmsprop", "lion", "adagrad", "signsgd"};
  Question q;
  const std::vector<std::string> variables =
      random() % 2 ? std::vector<std::string>{"x"} : std::vector<std::string>{"x", "y"};
  do q.text = expression(random, 1 + static_cast<int>(random() % 3), variables);
  while (parse_objective(q.text).variables.empty());
  for (std::size_t i = 0; i < parse_objective(q.text).variables.size(); ++i)
    q.start.push_back(rounded(-3 + 6 * std::generate_canonical<double, 53>(random)));
  q.optimizer = any_of(random, names);
  q.settings = any_settings(random, q.optimizer);
  q.lr = rounded(std::pow(10, -3 + 3.3 * std::generate_canonical<double, 53>(random)));
  return q;
}

/// Both are told with confidence, and they are not the same.
std::string contradiction(const FunctionRun& a, const FunctionRun& b) {
  constexpr double kSamePlace = 1e-3;
  constexpr double kSameRange = 3.5;  // which a region has whose rim is met by chance
  if (a.verdict == Verdict::unclear || b.verdict == Verdict::unclear) return "";
  if (a.verdict != b.verdict) return "verdict";
  if (a.limit && b.limit && distance(*a.limit, *b.limit) > kSamePlace * (1e-3 + size_of(*b.limit))) return "limit";
  if (a.limit && a.kind != b.kind) return "kind";
  if (a.period && b.period && *a.period != *b.period) return "period";
  if (a.spreads != b.spreads) return "spreads";
  if (a.extent && b.extent && !a.spreads &&
      std::max(*a.extent, *b.extent) > kSameRange * std::min(*a.extent, *b.extent))
    return "range";
  if (a.rate && b.rate && a.verdict == Verdict::converges &&
      std::abs(*a.rate - *b.rate) > 0.1 * std::abs(1 - std::abs(*b.rate)) + 1e-12)
    return "rate";
  return "";
}

std::string told(const FunctionRun& run) {
  std::string text = to_string(run.verdict);
  if (run.limit) text += fmt::format(" to {} ({})", fmt::join(*run.limit, ", "), run.kind ? to_string(*run.kind) : "-");
  if (run.period) text += fmt::format(" period {}", *run.period);
  if (run.extent) text += fmt::format(" range {}", *run.extent);
  if (run.rate) text += fmt::format(" rate {}", *run.rate);
  return text + (run.spreads ? " spreads" : "");
}

/// More of them: ETAMAX_QUESTIONS=20000 build/tests/..., another seed: ETAMAX_SEED.
long from_environment(const char* name, long otherwise) {
  const char* value = std::getenv(name);
  return value ? std::atol(value) : otherwise;
}

TEST(Steadfast, AVerdictDoesNotTurnWithTheStepsAllowed) {
  constexpr long kSteps = 2000;
  const long questions = from_environment("ETAMAX_QUESTIONS", 60), seed = from_environment("ETAMAX_SEED", 1);
  int confident = 0;
  for (long k = 0; k < questions; ++k) {
    Random random(static_cast<unsigned>(seed * 1000003 + k));
    const Question q = any_question(random);
    const Scene scene(q.text, q.start, q.optimizer, q.settings);
    std::vector<FunctionRun> runs;
    for (const long times : {1, 4, 16}) {
      FollowOptions options;
      options.max_steps = times * kSteps;
      runs.push_back(scene.run(q.lr, options));
      confident += runs.back().verdict != Verdict::unclear;
    }
    for (const auto& [a, b] : {std::pair{0, 1}, std::pair{1, 2}, std::pair{0, 2}})
      if (const std::string what = contradiction(runs[static_cast<std::size_t>(a)], runs[static_cast<std::size_t>(b)]);
          !what.empty()) {
        ADD_FAILURE() << what << ": " << q.command(scene) << "\n  " << told(runs[0]) << "\n  " << told(runs[1])
                      << "\n  " << told(runs[2]);
        break;
      }
  }
  EXPECT_GT(confident, questions * 2);  // of three times as many
}

TEST(Steadfast, ARangeIsWithoutTheWayThere) {
  // 6,300 steps of one length lead to the minimum; then it hops by two of them.
  const etamax::FunctionRun run = Scene("log(1 + x^2/100)", {15.62}, "lion", {{"beta1", 0.95}}).run(0.002463);
  ASSERT_EQ(run.verdict, Verdict::cycles) << run.reason;
  ASSERT_TRUE(run.extent);
  EXPECT_NEAR(*run.extent, 2 * 0.002463, 1e-9) << run.reason;
}

}  // namespace
}  // namespace etamax
