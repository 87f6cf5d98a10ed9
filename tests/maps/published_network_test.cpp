// The picture of width 8 against the published one.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "etamax/maps/network.h"

namespace etamax {
namespace {

constexpr std::size_t kSide = 512;

/// Row by row from the lowest output rate: whether the published run converged.
std::vector<std::vector<bool>> published_labels() {
  std::ifstream file(ETAMAX_SOURCE_DIR "/tests/maps/data/trainability_8_labels.txt");
  std::string line;
  std::getline(file, line);
  std::vector<std::vector<bool>> rows;
  while (std::getline(file, line)) {
    std::istringstream lengths(line);
    std::vector<bool> row;
    bool converged = true;
    for (std::size_t length = 0; lengths >> length; converged = !converged) row.insert(row.end(), length, converged);
    rows.push_back(row);
  }
  return rows;
}

double rate(std::size_t k) { return std::pow(10, -3 + 9 * static_cast<double>(k) / (kSide - 1)); }

/// A quarter of its pixels, at its own rates. What differs lies where training is chaotic, and rounding decides.
TEST(published_network, width_8_has_the_published_labels) {
  const std::vector<std::vector<bool>> labels = published_labels();
  ASSERT_EQ(labels.size(), kSide);
  const NetworkTrainings trainings(published_network_task(8), 100);
  std::vector<double> input, output;
  for (std::size_t x = 0; x < kSide; x += 2) input.push_back(rate(x));
  std::size_t differ = 0, converged = 0;
  std::vector<NetworkRun> runs(input.size());
  for (std::size_t y = 0; y < kSide; y += 2) {
    ASSERT_EQ(labels[y].size(), kSide) << y;
    output.assign(input.size(), rate(y));
    trainings.run(input, output, runs);
    for (std::size_t k = 0; k < runs.size(); ++k) {
      const bool trains = runs[k].fate == Verdict::trains;
      differ += trains != labels[y][2 * k];
      converged += trains;
    }
  }
  const std::size_t pixels = (kSide / 2) * (kSide / 2);
  EXPECT_LT(static_cast<double>(differ), 1e-3 * static_cast<double>(pixels));
  EXPECT_NEAR(static_cast<double>(converged) / static_cast<double>(pixels), 0.51,
              0.01);  // nothing is compared with itself
  RecordProperty("labels that differ", static_cast<int>(differ));
}

}  // namespace
}  // namespace etamax
