// Files that NumPy has written, of every type that is read.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "etamax/files/bytes.h"
#include "etamax/files/npy.h"

namespace etamax {
namespace {

class WrittenByNumpy : public ::testing::Test {
 protected:
  WrittenByNumpy() : folder_(std::filesystem::temp_directory_path() / ("etamax_numpy_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~WrittenByNumpy() override { std::filesystem::remove_all(folder_); }
  void SetUp() override {
    const std::string python = ETAMAX_TEST_PYTHON;
    if (python.empty() || std::system((python + " -c 'import numpy' 2>/dev/null").c_str()) != 0)
      GTEST_SKIP() << "python3-numpy is not installed";
    ASSERT_EQ(
        std::system((python + " " ETAMAX_SOURCE_DIR "/tests/files/written_by_numpy.py " + folder_.string()).c_str()),
        0);
  }
  std::string content(const char* name) const { return read_whole_file((folder_ / name).string()); }
  std::filesystem::path folder_;
};

TEST_F(WrittenByNumpy, EveryTypeIsReadExactly) {
  for (const char* name : {"stored.npz", "packed.npz"}) {
    const ArrayFile file = open_npz(name, content(name));
    EXPECT_EQ(file.names.size(), 34u);
    for (const std::string& array_name : file.names) {
      const NumberArray array = file.read(array_name);
      ASSERT_EQ(array.shape, (std::vector<std::size_t>{2, 3, 4})) << array_name;
      for (std::size_t i = 0; i < 24; ++i)
        ASSERT_EQ(array.at(i), array_name == "bool" ? 1.0 : static_cast<double>(i)) << name << " " << array_name;
    }
  }
  const ArrayFile halves = open_npz("halves.npz", content("halves.npz"));
  const NumberArray ours = halves.read("halves"), theirs = halves.read("singles");
  for (std::size_t i = 0; i < ours.size(); ++i)
    ASSERT_TRUE(ours.at(i) == theirs.at(i) || (std::isnan(ours.at(i)) && std::isnan(theirs.at(i)))) << i;
  EXPECT_EQ(read_npy("rows.npy", content("rows.npy")).at(3), 3);
}

}  // namespace
}  // namespace etamax
