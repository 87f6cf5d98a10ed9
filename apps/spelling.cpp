#include "spelling.h"

#include <algorithm>

namespace etamax::apps {
namespace {

/// Other names that options are known by elsewhere. Each holds where a command has the option, and none of that name.
const std::map<std::string, const char*> kAliases = {
    {"--learning-rate", "--lr"}, {"--learning-rates", "--lr"}, {"--lrs", "--lr"},
    {"--eta", "--lr"},           {"--step-size", "--lr"},      {"--x0", "--from"},
    {"--start", "--from"},       {"--init", "--from"},         {"--bs", "--batch-size"},
    {"--batch", "--batch-size"}, {"--opt", "--optimizer"},     {"--optim", "--optimizer"},
    {"--wd", "--weight-decay"},  {"--epsilon", "--eps"},       {"--criterion", "--loss"},
    {"--dataset", "--data"},     {"--network", "--model"},     {"--weights", "--checkpoint"},
    {"--ckpt", "--checkpoint"},  {"--iterations", "--steps"},  {"--iters", "--steps"},
    {"--num-steps", "--steps"},  {"--out", "--output"},        {"--scheduler", "--schedule"},
};

std::string with_dashes(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name;
}

}  // namespace

Spelling::Spelling(const Fields& fields) {
  for (const Field& field : fields) {
    const std::string& name = field.more.option.empty() ? field.name : field.more.option;
    const bool on = field.is_switch() && !field.value_text().empty();
    if (on) inverted_.insert(field.name);
    spelled_[field.name] = field.more.positional ? field.type() : with_dashes((on ? "no_" : "") + name);
  }
}

std::string Spelling::of(const std::string& field) const {
  const auto at = spelled_.find(field);
  return at != spelled_.end() ? at->second : with_dashes(field);
}

std::string Spelling::own_name(std::string option) const {
  std::replace(option.begin(), option.end(), '_', '-');
  const auto is_own = [&](const std::string& name) {
    return std::any_of(spelled_.begin(), spelled_.end(), [&](const auto& own) { return own.second == name; });
  };
  const auto alias = kAliases.find(option);
  return alias != kAliases.end() && !is_own(option) && is_own(alias->second) ? alias->second : option;
}

std::string Spelling::of(const InputError& error) const {
  std::string text = error.what();
  if (const std::string& field = error.field(); !field.empty() && text.starts_with(field + ":"))
    text.replace(0, field.size(), of(field));
  for (std::size_t begin = 0; (begin = text.find('`', begin)) != std::string::npos; ++begin) {
    const std::size_t end = text.find('`', begin + 1);
    if (end == std::string::npos) break;
    const std::string inner = text.substr(begin + 1, end - begin - 1);
    const std::size_t equals = inner.find('=');
    const auto option = spelled_.find(inner.substr(0, equals));
    if (option == spelled_.end()) continue;  // somebody's own text
    const std::string value = equals == std::string::npos ? "" : " " + inner.substr(equals + 1);
    text.replace(begin, end - begin + 1, option->second + value);
  }
  return text;
}

}  // namespace etamax::apps
