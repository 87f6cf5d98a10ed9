// Writes what is installed beside the programs, from the tables of options: write_reference FOLDER.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "all_verbs.h"
#include "reference.h"

int main(int argc, char** argv) {
  using namespace etamax::apps;
  if (argc != 2) {
    std::cerr << "usage: write_reference FOLDER\n";
    return 2;
  }
  std::vector<std::unique_ptr<Verb>> verbs;
  std::vector<Command> commands;
  const auto makers = all_verbs();
  for (const VerbSpec& spec : kVerbs) {
    const auto maker = makers.find(spec.name);
    if (maker != makers.end()) verbs.push_back(maker->second());
    commands.push_back({spec, maker != makers.end() ? verbs.back()->fields() : etamax::Fields{}});
  }
  const std::pair<const char*, std::string> files[] = {
      {"bash-completion/completions/etamax", bash_completion(commands)},
      {"zsh/site-functions/_etamax", zsh_completion(commands)},
      {"fish/vendor_completions.d/etamax.fish", fish_completion(commands)},
      {"man/man1/etamax.1", manual(commands)},
  };
  for (const auto& [name, text] : files) {
    const std::filesystem::path path = std::filesystem::path(argv[1]) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    if (!(file << text).flush()) {
      std::cerr << path.string() << " cannot be written\n";
      return 1;
    }
  }
}
