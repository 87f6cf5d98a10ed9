#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace etamax::testing {

/// A folder of files that PyTorch's Python has written: by a script of tests/model that is given the folder,
/// and by an example of examples/ that is given example.pt in it. `Files` names both: `kScript` and
/// `kExample`.
template <typename Files>
class WrittenByPython : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ =
        std::filesystem::temp_directory_path() / ("etamax_" + std::string(Files::kScript) + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    const std::string python = ETAMAX_TEST_PYTHON, here = ETAMAX_SOURCE_DIR;
    missing_ = python.empty() || std::system((python + " -c 'import torch' 2>/dev/null").c_str()) != 0;
    if (missing_) return;
    const auto fails = [](const std::string& command) { return std::system(command.c_str()) != 0; };
    failed_ = fails(python + " " + here + "/tests/model/" + Files::kScript + " " + folder_.string()) ||
              fails(python + " " + here + "/examples/" + Files::kExample + " " + path("example.pt") + " >/dev/null");
  }
  static void TearDownTestSuite() { std::filesystem::remove_all(folder_); }
  void SetUp() override {
    if (missing_) GTEST_SKIP() << "python3-torch is not installed";
    ASSERT_FALSE(failed_);
  }
  static std::string path(const std::string& name) { return (folder_ / name).string(); }

  static inline std::filesystem::path folder_;
  static inline bool missing_ = false, failed_ = false;
};

}  // namespace etamax::testing
