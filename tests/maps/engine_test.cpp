// The contract of maps: a pixel has the fate that `explain` gives its run.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <map>
#include <numeric>
#include <random>

#include "etamax/dynamics/follow.h"
#include "etamax/explain/explain.h"
#include "etamax/maps/asking.h"
#include "etamax/maps/map.h"

namespace etamax {
namespace {

MapAxis lin(const std::string& name, double from, double to, int pixels) { return {name, from, to, false, pixels}; }
MapAxis logarithmic(const std::string& name, double from, double to, int pixels) {
  return {name, from, to, true, pixels};
}

struct Case {
  const char* expression;
  const char* optimizer;
  MapAxis x, y;
  NamedNumbers start = {};
  std::optional<double> lr = {};
  Settings settings = {};
  MapOptions options() const {
    MapOptions o;
    o.expression = expression, o.optimizer = optimizer, o.x = x, o.y = y, o.start = start, o.lr = lr;
    o.settings = settings;
    return o;
  }
};

const std::vector<Case>& ten_maps() {
  static const std::vector<Case> cases = {
      {"x^4-3x^2+x", "gd", logarithmic("lr", 0.01, 2, 320), lin("start", -2, 2, 180)},
      {"x^2", "sgd", lin("lr", 0.01, 4, 320), lin("momentum", 0, 0.99, 180), {{"", -1}}},
      {"x^4-3x^2+x", "sgd", logarithmic("lr", 0.01, 0.4, 320), lin("momentum", 0, 0.99, 180), {{"", -1.5}}},
      {"rosenbrock", "gd", lin("x", -2, 2, 80), lin("y", -1, 3, 60), {}, 0.001},
      {"himmelblau", "gd", lin("x", -6, 6, 320), lin("y", -6, 6, 180), {}, 0.02},
      {"double_well", "sgd", logarithmic("lr", 0.01, 1, 320), lin("start", -2, 2, 180), {}, {}, {{"momentum", 0.9}}},
      {"tanh(x)^2", "gd", logarithmic("lr", 0.1, 10, 64), lin("start", -3, 3, 36)},
      {"sin(x)+x^2/20", "gd", logarithmic("lr", 0.1, 10, 320), lin("start", -8, 8, 60)},
      {"x^2", "sgd", lin("lr", 0.05, 2, 320), lin("weight_decay", 0, 2, 180), {{"", 1}}},
      {"x^2-ln(x)", "gd", logarithmic("lr", 0.01, 1, 320), lin("start", 0.1, 3, 60)},
  };
  return cases;
}

Verdict verdict_at(const MapProblem& problem, const MapProblem::Run& run) {
  Cost cost;
  const OptimizerSpec& spec = problem.optimizer();
  const std::string simpler = spec.same_as ? spec.same_as(run.values) : "";
  const OptimizerSpec& rule = simpler.empty() ? spec : find_optimizer(simpler);
  const Experiment experiment(problem.function(), run.start, rule,
                              simpler.empty() ? run.values : hyperparameter_values(rule, {}), cost);
  return verdict_of_run(experiment, run.lr, {}, cost);
}

TEST(Maps, TwoThousandPixelsOfEachOfTenMapsHaveTheVerdictOfExplain) {
  for (const Case& c : ten_maps()) {
    const MapProblem problem(c.options());
    const MapEngine engine(problem);
    const auto all = static_cast<std::size_t>(c.x.pixels) * static_cast<std::size_t>(c.y.pixels);
    std::mt19937 random(7);
    std::vector<std::size_t> numbers(2000);
    for (std::size_t& n : numbers) n = random() % all;
    std::vector<MapPixel> pixels(numbers.size());
    Cost cost;
    engine.compute(numbers, pixels, cost);
    std::map<std::string, int> others;
    int wrong = 0;
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      ASSERT_TRUE(pixels[k].drawn);
      const auto width = static_cast<std::size_t>(c.x.pixels);
      const Verdict verdict =
          verdict_at(problem, problem.run(static_cast<int>(numbers[k] % width), static_cast<int>(numbers[k] / width)));
      // How long chaos lasts before it leaves is told by the last digits.
      if (verdict == pixels[k].fate || pixels[k].fate == Verdict::chaotic || verdict == Verdict::chaotic) continue;
      ++wrong, ++others[to_string(pixels[k].fate) + ", explain " + to_string(verdict)];
    }
    std::string text;
    for (const auto& [what, count] : others) text += what + ": " + std::to_string(count) + "; ";
    EXPECT_LE(wrong, 2) << c.expression << " " << c.optimizer << ": " << text;
    // And chaos itself is not given away: nearly all of it is chaos for both.
    const auto chaotic =
        std::count_if(pixels.begin(), pixels.end(), [](const MapPixel& p) { return p.fate == Verdict::chaotic; });
    int disagreed = 0;
    for (std::size_t k = 0, asked = 0; k < numbers.size() && asked < 100; ++k) {
      if (pixels[k].fate != Verdict::chaotic) continue;
      ++asked;
      const auto width = static_cast<std::size_t>(c.x.pixels);
      disagreed += verdict_at(problem, problem.run(static_cast<int>(numbers[k] % width),
                                                   static_cast<int>(numbers[k] / width))) != Verdict::chaotic;
    }
    if (chaotic >= 20) {  // where it is rare it is what lasts for a while at the rim of divergence
      EXPECT_LE(disagreed, 5) << c.expression;
    }
  }
}

TEST(Maps, ThePixelsVerdictIsTheOneThatExplainPrints) {
  const Case& c = ten_maps()[0];
  const MapProblem problem(c.options());
  std::mt19937 random(3);
  for (int k = 0; k < 60; ++k) {
    const auto run = problem.run(static_cast<int>(random() % 320), static_cast<int>(random() % 180));
    ExplainOptions options;
    options.expression = c.expression;
    options.start = {{"x", run.start[0]}};
    options.lr = {run.lr};
    EXPECT_EQ(verdict_at(problem, run), explain(options).runs.front().verdict) << run.lr << " from " << run.start[0];
  }
}

TEST(Maps, NoRunThatIsOnItsWayOutCycles) {
  // By how much a step multiplies the distance just above the edge is known: within the valley no run repeats.
  for (const char* text : {"x^2", "min(x^2, 1e4)", "min(x^2, 1e9)", "3*min(x^2, 400)"})
    for (const double mu : {0.0, 0.5, 0.9}) {
      const double edge = (1 + mu) / (text[0] == '3' ? 3 : 1);
      MapOptions options;
      options.expression = text;
      options.optimizer = "sgd";
      options.settings = {{"momentum", mu}};
      for (const double beyond : {1e-9, 1e-8, 1e-7, 3e-7, 1e-6, 1e-5}) {
        options.x = {"lr", edge * (1 + beyond), edge * (1 + 1.5 * beyond), false, 2};
        options.y = {"start", 0.5, 1, false, 2};
        const FateMap map = map_of(options);
        for (const MapPixel& pixel : map.pixels)
          EXPECT_NE(pixel.fate, Verdict::cycles)
              << text << " with momentum " << mu << ", " << beyond << " above the edge";
      }
    }
}

/// Wherever the engine asks and hears no, it stops, and what it has drawn by then is what it draws when it is left
/// alone.
TEST(Maps, ABatchIsStoppedInTheMidstOfItsSteps) {
  const auto sum = [](int variables) {
    std::string text = "x1^4";
    for (int i = 2; i <= variables; ++i) text += "+x" + std::to_string(i) + "^4";
    return text;
  };
  for (const int variables : {1, 2, 6, 64})
    for (const char* const rule : {"gd", "sgd", "adam"}) {
      MapOptions o;
      o.expression = sum(variables), o.optimizer = rule;
      if (o.optimizer == "sgd") o.settings = {{"momentum", 0.9}};
      if (variables > 1) o.start = {{"", 0.5}};
      o.x = logarithmic("lr", 0.01, 1, 16), o.y = lin("x1", -1.5, 1.5, variables == 64 ? 2 : 8);
      o.max_steps = variables == 64 ? 300 : 20000;
      const MapProblem problem(o);
      const MapEngine engine(problem);
      std::vector<std::size_t> numbers(static_cast<std::size_t>(o.x.pixels) * static_cast<std::size_t>(o.y.pixels));
      std::iota(numbers.begin(), numbers.end(), 0U);
      std::vector<MapPixel> whole(numbers.size());
      Cost cost;
      int questions = 0;
      engine.compute(numbers, whole, cost, [&](const WorkDone&) { return ++questions > 0; });
      ASSERT_GT(questions, 2) << o.expression << " " << rule;
      for (const int last : {1, 2, questions / 2, questions}) {
        std::vector<MapPixel> part(numbers.size(), whole.front());
        int asked = 0;
        EXPECT_THROW(engine.compute(numbers, part, cost, [&](const WorkDone&) { return ++asked < last; }), Interrupted);
        EXPECT_EQ(asked, last) << "it goes on";
        if (last == 1) continue;  // nothing of `out` is touched
        for (std::size_t k = 0; k < part.size(); ++k) {
          const MapPixel& as = part[k].drawn ? whole[k] : MapPixel{};
          EXPECT_TRUE(part[k].fate == as.fate && part[k].steps == as.steps && part[k].period == as.period &&
                      part[k].drawn == as.drawn)
              << o.expression << " " << rule << ", pixel " << k << " at question " << last;
        }
      }
    }
}

/// What comes before the first run asks as well, often enough: 64 variables took half a second.
TEST(Maps, ThePreparationAsks) {
  std::string text = "exp(x1)";
  for (int i = 2; i <= 64; ++i) text += "+exp(x" + std::to_string(i) + ")*x" + std::to_string(i - 1) + "^2";
  for (const char* const rule : {"gd", "sgd", "adam"}) {
    MapOptions o;
    o.expression = text, o.optimizer = rule, o.start = {{"", 0.5}};
    o.x = logarithmic("lr", 0.01, 1, 4), o.y = lin("x1", -1.5, 1.5, 4);
    const MapProblem problem(o);
    int questions = 0;
    double longest = 0;
    std::clock_t before = std::clock();
    const Progress asked = [&](const WorkDone&) {
      longest = std::max(longest, static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC);
      before = std::clock();
      return ++questions > 0;
    };
    const MapEngine engine(problem, asked);
    asked(0);
    EXPECT_GE(questions, 64) << rule;
    EXPECT_LT(longest, 0.2) << rule;
    for (const int last : {1, questions / 2}) {
      int heard = 0;
      EXPECT_THROW(MapEngine(problem, [&](const WorkDone&) { return ++heard < last; }), Interrupted) << rule;
      EXPECT_EQ(heard, last);
      heard = 0;
      const FateMap map = map_of(o, {}, [&](const WorkDone&) { return ++heard < last; });
      EXPECT_TRUE(map.partial);
    }
  }
}

/// Long runs are asked about by their steps: a lap of all of them is not waited for.
TEST(Maps, AQuestionComesEveryFewHundredthsOfASecond) {
  constexpr double kMostSteps = Asking::kUnasked;  // of one run, each of several operations
  for (const long max_steps : {100000L, 1000000L}) {
    MapOptions o;
    o.expression = "x^4", o.x = logarithmic("lr", 0.01, 0.1, 40), o.y = lin("start", -1, 1, 30),
    o.max_steps = max_steps;
    const MapProblem problem(o);
    const MapEngine engine(problem);
    std::vector<std::size_t> numbers(1200);
    std::iota(numbers.begin(), numbers.end(), 0U);
    std::vector<MapPixel> pixels(numbers.size());
    Cost cost;
    int questions = 0;
    EXPECT_THROW(engine.compute(numbers, pixels, cost, [&](const WorkDone&) { return ++questions < 6; }), Interrupted);
    EXPECT_LT(static_cast<double>(cost.gradients), 6 * kMostSteps) << max_steps;
  }
}

/// On x^2 everything is known: the edge is 1, the multiplier 1 - 2 lr.
TEST(Maps, TheParabolaIsAsTheClosedFormSays) {
  MapOptions o;
  o.expression = "x^2";
  o.x = lin("lr", 0.05, 1.95, 39), o.y = lin("start", -2, 2.4, 10);  // lr 1 among them, and no start at 0
  const FateMap map = map_of(o);
  for (int j = 0; j < o.y.pixels; ++j)
    for (int i = 0; i < o.x.pixels; ++i) {
      const double lr = map.x.value(i);
      const MapPixel& pixel = map.at(i, j);
      const Verdict expected = std::abs(lr - 1) < 1e-12 ? Verdict::cycles
                               : lr < 1                 ? Verdict::converges
                                                        : Verdict::diverges;
      EXPECT_EQ(pixel.fate, expected) << lr;
      if (expected == Verdict::cycles) {
        EXPECT_EQ(pixel.period, 2);
      }
      // 1e-12 of the way is reached after log(1e-12) / log|1 - 2 lr| steps, and noticed within a quarter more.
      if (expected == Verdict::converges && std::abs(1 - 2 * lr) > 0.2) {
        EXPECT_NEAR(std::log(pixel.steps), std::log(std::log(1e-12) / std::log(std::abs(1 - 2 * lr))), 0.5) << lr;
      }
    }
  ASSERT_EQ(map.edges.size(), 1u);
  for (const double x : map.edges.front().x) EXPECT_NEAR(x, 1, 1e-9);
}

TEST(Maps, AnyOrderAndAnyPartsGiveTheSamePixels) {
  const MapProblem problem(ten_maps()[0].options());
  const MapEngine engine(problem);
  std::vector<std::size_t> numbers(3000);
  std::iota(numbers.begin(), numbers.end(), 20000);
  std::vector<MapPixel> at_once(numbers.size()), apart(numbers.size());
  Cost cost;
  engine.compute(numbers, at_once, cost);
  std::reverse(numbers.begin(), numbers.end());
  for (std::size_t k = 0; k < numbers.size(); k += 500)
    engine.compute({numbers.data() + k, 500}, {apart.data() + k, 500}, cost);
  std::reverse(apart.begin(), apart.end());
  for (std::size_t k = 0; k < numbers.size(); ++k) {
    EXPECT_EQ(at_once[k].fate, apart[k].fate) << k;
    EXPECT_EQ(at_once[k].steps, apart[k].steps) << k;
    EXPECT_EQ(at_once[k].period, apart[k].period) << k;
  }
}

TEST(Maps, WhatIsDrawnByThenIsKeptWhereItIsInterrupted) {
  MapOptions o = ten_maps()[0].options();
  const FateMap map = map_of(o, {}, [](const WorkDone& done) { return done.part < 0.4; });
  EXPECT_TRUE(map.partial);
  const auto drawn = std::count_if(map.pixels.begin(), map.pixels.end(), [](const MapPixel& p) { return p.drawn; });
  EXPECT_GT(drawn, 0);
  EXPECT_LT(drawn, static_cast<long>(map.pixels.size()));
  double sum = 0;
  for (const MapArea& area : map.areas) sum += area.share;
  EXPECT_NEAR(sum, 1, 1e-12);
}

}  // namespace
}  // namespace etamax
