// Maps of trainings: which pixel is which rates, what is said of them, what is refused.
#include "etamax/maps/network_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "etamax/core/error.h"

namespace etamax {
namespace {

NetworkMapOptions small() {
  NetworkMapOptions options;
  options.network = "network:tanh:4";
  options.steps = 50;
  options.x.pixels = 24;
  options.y.pixels = 16;
  return options;
}

FateMap computed(const NetworkMapOptions& options) {
  const NetworkMapEngine engine(options);
  FateMap map = engine.described();
  std::vector<std::size_t> numbers(map.pixels.size());
  std::iota(numbers.begin(), numbers.end(), std::size_t{0});
  engine.compute(numbers, map.pixels, map.cost);
  engine.conclude(map);
  return map;
}

TEST(network_map, pixels_are_the_rates_of_their_axes_in_any_order) {
  const NetworkMapOptions options = small();
  const NetworkMapEngine engine(options);
  const FateMap map = computed(options);
  const NetworkTrainings trainings(published_network_task(4), 50);
  for (const std::size_t number : {0, 23, 24, 200, 383}) {
    const double lr0 = options.x.value(static_cast<int>(number) % 24),
                 lr1 = options.y.value(static_cast<int>(number) / 24);
    const std::vector<double> ours = engine.replay(engine.rates(number)).losses, theirs = trainings.losses(lr0, lr1);
    ASSERT_EQ(ours.size(), theirs.size()) << number;
    for (std::size_t k = 0; k < ours.size(); ++k)
      EXPECT_TRUE(ours[k] == theirs[k] || (std::isnan(ours[k]) && std::isnan(theirs[k]))) << number << ", step " << k;
    std::vector<MapPixel> alone(1);
    Cost cost;
    engine.compute(std::vector<std::size_t>{number}, alone, cost);
    EXPECT_EQ(alone[0].value, map.pixels[number].value) << number;
    EXPECT_EQ(cost.gradients, static_cast<long>(alone[0].steps)) << number;
  }
  // The axes exchanged: the map is mirrored.
  NetworkMapOptions mirrored = options;
  std::swap(mirrored.x, mirrored.y);
  const FateMap other = computed(mirrored);
  for (int j = 0; j < 16; ++j)
    for (int i = 0; i < 24; ++i) EXPECT_EQ(map.at(i, j).value, other.at(j, i).value) << i << ", " << j;
  EXPECT_EQ(map.network->best->lr0, other.network->best->lr0);
  EXPECT_EQ(map.network->best->lr1, other.network->best->lr1);
}

TEST(network_map, says_what_the_runs_are) {
  const FateMap map = computed(small());
  long steps = map.max_steps, trains = 0;  // the best training is made once more
  double highest = -1e300;
  for (const MapPixel& pixel : map.pixels) {
    EXPECT_TRUE(pixel.drawn);
    steps += static_cast<long>(pixel.steps);
    trains += pixel.fate == Verdict::trains;
    if (pixel.fate == Verdict::trains) highest = std::max(highest, pixel.value);
  }
  EXPECT_EQ(map.cost.gradients, steps);
  double sum = 0;
  for (const MapArea& area : map.areas) {
    sum += area.share;
    if (area.fate == Verdict::trains) {
      EXPECT_DOUBLE_EQ(area.share, static_cast<double>(trains) / static_cast<double>(map.pixels.size()));
    }
  }
  EXPECT_DOUBLE_EQ(sum, 1);
  const NetworkTrainings trainings(published_network_task(4), 50);
  const std::vector<double> best = trainings.losses(map.network->best->lr0, map.network->best->lr1);
  EXPECT_EQ(judge_network_losses(best, 50).measure, highest);
  EXPECT_EQ(map.network->best->loss, best[50] / best[0]);
  const nlohmann::json json = nlohmann::json::parse(to_json(map));
  EXPECT_EQ(json["network"]["weights"], 20);
  EXPECT_EQ(json["network"]["examples"], 20);
  EXPECT_EQ(json["axes"]["x"]["name"], "lr0");
  EXPECT_EQ(json["network"]["best"]["lr1"], map.network->best->lr1);
  EXPECT_EQ(json["areas"].size(), map.areas.size());
  EXPECT_EQ(json["answer"].size(), 2u);
}

TEST(network_map, where_nothing_trains_there_is_no_best_rate) {
  NetworkMapOptions options = small();
  options.y.from = 1e5;
  const FateMap map = computed(options);
  EXPECT_FALSE(map.network->best);
  const nlohmann::json json = nlohmann::json::parse(to_json(map));
  EXPECT_TRUE(json["network"]["best"].is_null());
  EXPECT_TRUE(json["network"].contains("best_reason"));
  ASSERT_EQ(json["answer"].size(), 1u);
  EXPECT_EQ(json["answer"][0], "Of these pairs of learning rates, 100% diverge.");
}

void expect_refused(void (*change)(NetworkMapOptions&), const std::string& field, const std::string& words) {
  NetworkMapOptions options = small();
  change(options);
  try {
    NetworkMapEngine engine(options);
    ADD_FAILURE() << "not refused: " << words;
  } catch (const InputError& refusal) {
    EXPECT_EQ(refusal.field(), field);
    EXPECT_NE(std::string(refusal.what()).find(words), std::string::npos) << refusal.what();
  }
}

TEST(network_map, refuses_what_it_cannot_map) {
  for (const auto change : {+[](NetworkMapOptions& o) { o.network = "network:relu:16"; },
                            +[](NetworkMapOptions& o) { o.network = "network:tanh"; },
                            +[](NetworkMapOptions& o) { o.network = "network:tanh:"; },
                            +[](NetworkMapOptions& o) { o.network = "network:tanh:16x"; },
                            +[](NetworkMapOptions& o) { o.network = "network:tanh:1"; },
                            +[](NetworkMapOptions& o) { o.network = "network:tanh:65"; },
                            +[](NetworkMapOptions& o) { o.network = "network:tanh:99999999999999999999"; }})
    expect_refused(change, "expression", "network:tanh:WIDTH with a width from 2 to 64");
  expect_refused([](NetworkMapOptions& o) { o.x.name = "lr"; }, "x", "lr0 is the learning rate of its input weights");
  expect_refused([](NetworkMapOptions& o) { o.y.name = "lr0"; }, "y", "the other one is lr1");
  expect_refused([](NetworkMapOptions& o) { o.x.to = o.x.from; }, "x", "from a smaller number to a larger one");
  expect_refused([](NetworkMapOptions& o) { o.y.from = 0; }, "y", "begins at 0");
  expect_refused([](NetworkMapOptions& o) { o.y.pixels = 0; }, "size", "at least 1 pixel");
  expect_refused([](NetworkMapOptions& o) { o.steps = 0; }, "steps", "between 1 and 1000000");
  expect_refused([](NetworkMapOptions& o) { o.steps = 2000000; }, "steps", "between 1 and 1000000");
}

}  // namespace
}  // namespace etamax
