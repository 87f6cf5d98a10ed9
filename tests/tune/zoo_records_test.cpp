// The records of bench/tune/zoo, of both parts, are whole and can be read.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "etamax/files/bytes.h"
#include "etamax/files/npy.h"

namespace etamax {
namespace {

using Shape = std::vector<std::size_t>;

TEST(ZooRecords, AreReadAndFitTogether) {
  std::size_t records = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ETAMAX_SOURCE_DIR "/bench/tune/zoo/records")) {
    const std::string path = entry.path().string();
    if (entry.path().extension() != ".npz") continue;
    SCOPED_TRACE(path);
    ++records;
    const ArrayFile file = open_npz(path, read_whole_file(path));
    const NumberArray rates = file.read("half_octaves"), steps = file.read("steps"), lost = file.read("lost");
    ASSERT_EQ(rates.shape.size(), 1u);
    ASSERT_GE(rates.size(), 35u);  // half octaves: over 16 octaves
    for (std::size_t i = 1; i < rates.size(); ++i) ASSERT_EQ(rates.at(i), rates.at(i - 1) + 1);
    ASSERT_EQ(steps.at(0), 1);
    for (std::size_t i = 1; i < steps.size(); ++i) ASSERT_GT(steps.at(i), steps.at(i - 1));
    ASSERT_EQ(lost.shape.size(), 2u);
    const std::size_t starts = lost.shape[1], checkpoints = steps.size();
    ASSERT_EQ(lost.shape, (Shape{rates.size(), starts}));
    for (const char* name : {"training", "held_out", "batch_mean", "batch_peak"})
      ASSERT_EQ(file.read(name).shape, (Shape{rates.size(), starts, checkpoints})) << name;
    // There are losses up to where a run was lost, and none from there on.
    const NumberArray batches = file.read("batch_mean");
    for (std::size_t i = 0; i < batches.size(); ++i) {
      const double lost_at = lost.at(i / checkpoints);
      ASSERT_EQ(std::isnan(batches.at(i)), lost_at >= 0 && lost_at < steps.at(i % checkpoints)) << i;
    }
    for (const char* name : {"start_training", "start_held_out", "edge", "curvature", "gradient_norm"})
      ASSERT_EQ(file.read(name).shape, (Shape{starts})) << name;
    ASSERT_EQ(file.read("constant").shape, (Shape{2}));
  }
  EXPECT_GT(records, 0u);
}

}  // namespace
}  // namespace etamax
