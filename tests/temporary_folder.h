#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace etamax::testing {

/// A test with a folder of its own, which goes with it.
class WithFolder : public ::testing::Test {
 protected:
  WithFolder() : folder_(std::filesystem::temp_directory_path() / ("etamax_test_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~WithFolder() override { std::filesystem::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  /// The path of a new file.
  std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }
  std::filesystem::path folder_;
};

}  // namespace etamax::testing
