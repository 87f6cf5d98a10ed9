#include "etamax/model/data.h"

#include "etamax/core/named.h"

namespace etamax {
namespace {

std::map<std::string, std::string> read_options(const std::string& text, const std::string& list) {
  std::map<std::string, std::string> options;
  for (std::size_t from = 0; from < list.size();) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    const std::string part = list.substr(from, comma - from);
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos || equals == 0)
      throw InputError("data", "'" + part + "' in '" + text + "' is not KEY=VALUE");
    options[part.substr(0, equals)] = part.substr(equals + 1);
    from = comma + 1;
  }
  return options;
}

void check(const Dataset& data) {
  if (data.examples() == 0) throw InputError("data", data.name + " has no examples");
  if (data.targets.size(0) != data.examples())
    throw InputError("data", data.name + " has " + std::to_string(data.examples()) + " examples, but " +
                                 std::to_string(data.targets.size(0)) + " targets");
  if (data.inputs.numel() == 0 || data.targets.numel() == 0)
    throw InputError("data", data.name + " has no numbers in its examples");
  const auto refuse = [&](const torch::Tensor& values, const char* what) {
    if (values.sum(torch::kDouble).isfinite().item<bool>()) return;  // a non-finite number leaves no finite sum
    const torch::Tensor bad = values.isfinite().logical_not().nonzero();
    if (bad.size(0) == 0) return;
    const int64_t row = bad[0][0].item<int64_t>();
    throw InputError("data", data.name + ": " + what + " of example " + std::to_string(row + 1) + " is not finite");
  };
  refuse(data.inputs.flatten(1), "a feature");
  refuse(data.targets, "the target");
}

}  // namespace

Dataset load_data(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string name = text.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : text.substr(colon + 1);
  const std::size_t comma = std::min(rest.find(','), rest.size());
  const DataSpec& spec = find_named(data_table(), name, "data", "data");
  try {
    Dataset data = spec.load(rest.substr(0, comma), read_options(text, rest.substr(std::min(comma + 1, rest.size()))));
    check(data);
    return data;
  } catch (const InputError& e) {
    throw e.about("data");  // what a file's reader says knows of no option
  }
}

void standardize(Dataset& data) { standardize_as(data, data); }

void standardize_as(Dataset& data, const Dataset& other) {
  const torch::Tensor mean = other.inputs.mean(0, true), deviation = other.inputs.std(0, false, true);
  data.inputs = (data.inputs - mean) / torch::where(deviation > 0, deviation, torch::ones_like(deviation));
}

}  // namespace etamax
