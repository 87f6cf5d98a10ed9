#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace etamax::apps {

/// Reads `--config FILE.toml` for CLI11, with toml++: keys are the verb's options without their hyphens
/// ahead, at the top of the file or in a table of the verb's name. The command line wins over the file.
///
///     lr = [0.8, 1.0, 1.2]
///     from = "x=-1"
///     [explain]
///     momentum = 0.9
class TomlConfig : public CLI::Config {
 public:
  explicit TomlConfig(std::string verb) : verb_(std::move(verb)) {}
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;
  std::string to_config(const CLI::App*, bool, bool, std::string) const override { return ""; }

 private:
  std::string verb_;
};

}  // namespace etamax::apps
