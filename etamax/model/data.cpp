#include "etamax/model/data.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <filesystem>

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
    for_row_blocks(values, [&](const torch::Tensor& block, int64_t first) {
      if (block.sum(torch::kDouble).isfinite().item<bool>()) return;  // a non-finite number leaves no finite sum
      const torch::Tensor bad = block.isfinite().logical_not().nonzero();
      if (bad.size(0) == 0) return;
      const int64_t row = first + bad[0][0].item<int64_t>();
      throw InputError("data", data.name + ": " + what + " of example " + std::to_string(row) + " is not finite");
    });
  };
  refuse(data.inputs, "a feature");
  refuse(data.targets, "the target");
}

/// What is usual for pixels, and is not so here.
void note_pixels(Dataset& data) {
  const bool image = data.inputs.dim() >= 3, table = data.inputs.dim() == 2 && data.targets.dim() == 1;
  if (!image && !(table && data.inputs.size(1) >= 64)) return;
  const torch::Tensor& x = data.inputs;
  const double most = x.max().item<double>();
  const auto are_whole = [&] {
    bool whole = true;
    for_row_blocks(
        x, [&](const torch::Tensor& block, int64_t) { whole = whole && (block == block.floor()).all().item<bool>(); });
    return whole;
  };
  if (x.min().item<double>() >= 0 && most <= 255 && most > (image ? 1 : 254) && are_whole())
    data.notes.push_back("the inputs are whole numbers up to " + format_number(most) +
                         ": where they are pixels, it is usual to divide them by 255");
  if (looks_channels_last(x.sizes().slice(1)))
    data.notes.push_back("an example is " + c10::str(x.sizes().slice(1)) +
                         ": where that is height, width and channels, PyTorch's layers want the channels first, as "
                         "X.transpose(0, 3, 1, 2)");
}

/// The format of a file that is named without it; null where nothing tells.
const DataSpec* format_by_ending(const std::string& path) {
  for (const DataSpec& spec : data_table())
    for (const std::string& ending : spec.endings)
      if (path.ends_with(ending)) return &spec;
  return nullptr;
}

/// What a text such as "csv:houses.csv,target=price" says.
struct DataName {
  const DataSpec& spec;
  std::string path, options;
  bool reads_path;  ///< what stands in the place of one may be a word: of data that are made up
};

DataName named(const std::string& text) {
  const std::vector<DataSpec>& table = data_table();
  const std::size_t colon = text.find(':');
  const std::string name = text.substr(0, colon);
  const bool named = std::any_of(table.begin(), table.end(), [&](const DataSpec& spec) { return spec.name == name; });
  const DataSpec* by_ending = named ? nullptr : format_by_ending(text.substr(0, text.find(',')));
  std::error_code error;
  if (!named && !by_ending && std::filesystem::is_directory(text, error))
    throw InputError("data", "'" + text + "' is a folder: say images:" + text +
                                 " (a folder of images for each class), idx:" + text + " or cifar10:" + text);
  const DataSpec& spec = by_ending ? *by_ending : find_named(table, name, "data", "data");
  const std::string rest = by_ending ? text : colon == text.npos ? "" : text.substr(colon + 1);
  const std::size_t comma = std::min(rest.find(','), rest.size());
  const std::string path = rest.substr(0, comma);
  const bool takes_path = spec.example.starts_with(spec.name + ":FILE") || spec.example.starts_with(spec.name + ":DIR");
  if (path.empty() && takes_path) throw InputError("data", spec.name + " needs a path: " + spec.example);
  return {spec, path, rest.substr(std::min(comma + 1, rest.size())), by_ending || takes_path};
}

}  // namespace

Dataset load_data(const std::string& text) {
  const DataName name = named(text);
  try {
    Dataset data = name.spec.load(name.path, read_options(text, name.options));
    check(data);
    note_pixels(data);
    return data;
  } catch (const InputError& e) {
    throw e.about("data");  // what a file's reader says knows of no option
  }
}

std::string path_of_data(const std::string& text) {
  const DataName name = named(text);
  return name.reads_path ? name.path : "";
}

std::vector<std::string> sources_of_data(const std::string& text) {
  const DataName name = named(text);
  if (!name.reads_path) return {};
  return name.spec.sources ? name.spec.sources(name.path) : std::vector<std::string>{name.path};
}

void for_row_blocks(const torch::Tensor& rows, const std::function<void(const torch::Tensor&, int64_t)>& visit) {
  constexpr int64_t kNumbers = 1 << 20;
  const int64_t n = rows.size(0), each = std::max<int64_t>(1, kNumbers / std::max<int64_t>(1, rows.numel() / n));
  for (int64_t first = 0; first < n; first += each) visit(rows.slice(0, first, std::min(first + each, n)), first);
}

bool looks_channels_last(c10::IntArrayRef shape) {
  const auto channels = [](int64_t n) { return n == 1 || n == 3; };
  return shape.size() == 3 && channels(shape[2]) && !channels(shape[0]) && shape[1] > shape[2];
}

Dataset take_rows(const Dataset& data, const torch::Tensor& rows) {
  Dataset taken = data;
  taken.inputs = data.inputs.index_select(0, rows);
  taken.targets = data.targets.index_select(0, rows);
  return taken;
}

torch::Tensor shuffled_rows(int64_t examples, std::uint64_t seed) {
  return torch::randperm(examples, at::detail::createCPUGenerator(seed), torch::kLong);
}

void standardize(Dataset& data) { standardize_as(data, data); }

void standardize_as(Dataset& data, const Dataset& other) {
  const torch::Tensor mean = other.inputs.mean(0, true), deviation = other.inputs.std(0, false, true);
  data.inputs = data.inputs - mean;  // others may share the numbers
  data.inputs /= torch::where(deviation > 0, deviation, torch::ones_like(deviation));
}

}  // namespace etamax
