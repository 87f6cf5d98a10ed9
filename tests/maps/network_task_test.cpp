// The generator against published vectors, the start and the data against recorded ones.
#include "etamax/maps/network_task.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/maps/threefry.h"

namespace etamax {
namespace {

std::vector<double> recorded(const std::string& name) {
  std::ifstream file(ETAMAX_SOURCE_DIR "/tests/maps/data/" + name);
  std::string head;
  std::getline(file, head);
  std::vector<double> numbers;
  for (double x = 0; file >> x;) numbers.push_back(x);
  return numbers;
}

std::vector<double> in_order(const NetworkTask& task) {
  std::vector<double> all;
  for (const auto* part : {&task.input_weights, &task.output_weights, &task.inputs, &task.targets})
    all.insert(all.end(), part->begin(), part->end());
  return all;
}

/// Numbers of size 1 made by another inverse of erf, so to an absolute error.
constexpr double kTolerance = 4e-16;

TEST(threefry, gives_the_answers_that_its_authors_published) {
  using Block = std::array<std::uint32_t, 2>;
  EXPECT_EQ(ThreefryKey(0).block(0, 0), (Block{0x6b200159, 0x99ba4efe}));
  EXPECT_EQ(ThreefryKey(~std::uint64_t{0}).block(~0u, ~0u), (Block{0x1cb996fc, 0xbb002be7}));
  EXPECT_EQ(ThreefryKey(0x13198a2e03707344).block(0x243f6a88, 0x85a308d3), (Block{0xc4923a9c, 0x483df7a0}));
}

TEST(threefry, inverse_erf_is_undone_by_erf) {
  EXPECT_DOUBLE_EQ(inverse_erf(0.5), 0.47693627620446987338);
  EXPECT_EQ(inverse_erf(0), 0);
  for (double u = 1e-300; u < 0.9; u *= 1.7) EXPECT_NEAR(std::erf(inverse_erf(u)), u, 4e-16 * u) << u;
  for (double tail = std::ldexp(1.0, -53); tail < 0.5; tail *= 2) {
    const double x = inverse_erf(1 - tail);
    // erfc's own error, and that of x in it: 2 x^2 times as large.
    EXPECT_NEAR(std::erfc(x), tail, 4e-16 * (2 + 2 * x * x) * tail) << tail;
    EXPECT_EQ(inverse_erf(tail - 1), -x);
  }
}

TEST(network_task, width_8_is_the_recorded_start) {
  const std::vector<double> ours = in_order(published_network_task(8)), theirs = recorded("start_8.txt");
  ASSERT_EQ(ours.size(), theirs.size());
  for (std::size_t i = 0; i < ours.size(); ++i)
    EXPECT_NEAR(ours[i], theirs[i], kTolerance * std::fmax(1, std::fabs(theirs[i]))) << i;
}

TEST(network_task, width_16_is_the_recorded_start) {
  const std::vector<double> ours = in_order(published_network_task(16)), theirs = recorded("start_16.txt");
  ASSERT_EQ(theirs.size(), (ours.size() + 40) / 41);
  for (std::size_t i = 0; i < theirs.size(); ++i)
    EXPECT_NEAR(ours[41 * i], theirs[i], kTolerance * std::fmax(1, std::fabs(theirs[i]))) << i;
}

TEST(network_task, refuses_a_width_that_no_map_is_made_of) {
  EXPECT_THROW(published_network_task(kNarrowestNetwork - 1), InputError);
  EXPECT_THROW(published_network_task(kWidestNetwork + 1), InputError);
  EXPECT_EQ(published_network_task(kNarrowestNetwork).examples(), 6);
}

}  // namespace
}  // namespace etamax
