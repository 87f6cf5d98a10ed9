#include "etamax/model/table_data.h"

#include <algorithm>
#include <memory>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/suggest.h"

namespace etamax {
namespace {

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 12;
  std::string list;
  for (std::size_t i = 0; i < std::min(names.size(), kMost); ++i) list += (i == 0 ? "" : ", ") + names[i];
  return list + (names.size() > kMost ? ", ..." : "");
}

/// The names under which people keep inputs and targets.
constexpr std::pair<const char*, const char*> kUsualNames[] = {{"X", "y"},
                                                               {"x", "y"},
                                                               {"inputs", "targets"},
                                                               {"data", "labels"},
                                                               {"data", "target"},
                                                               {"images", "labels"},
                                                               {"x_train", "y_train"},
                                                               {"X_train", "y_train"},
                                                               {"train_images", "train_labels"}};

std::pair<std::string, std::string> array_names(const std::string& where, const ArrayFile& file,
                                                const DataOptions& options) {
  const auto inputs = options.find("inputs"), targets = options.find("targets");
  if ((inputs == options.end()) != (targets == options.end()))
    throw InputError("data", where + ": inputs=NAME and targets=NAME belong together");
  if (inputs != options.end()) {
    for (const std::string& name : {inputs->second, targets->second})
      if (!file.has(name)) {
        const std::string near = closest(name, file.names);
        throw InputError("data",
                         where + ": there is no array '" + name + "'" +
                             (near.empty() ? "; there are " + listed(file.names) : "; did you mean '" + near + "'?"));
      }
    return {inputs->second, targets->second};
  }
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& [x, y] : kUsualNames)
    if (file.has(x) && file.has(y)) found.emplace_back(x, y);
  if (found.size() == 1) return found.front();
  throw InputError("data", where + ": which of its arrays (" + listed(file.names) +
                               ") are the inputs and the targets? Say inputs=NAME,targets=NAME");
}

}  // namespace

void check_options(const std::string& where, const DataOptions& options, std::initializer_list<const char*> known) {
  for (const auto& [key, value] : options) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw InputError("data", where + ": there is no option '" + key + "'" +
                                 (known.size() == 0 ? "" : "; there is " + listed({known.begin(), known.end()})));
  }
}

std::size_t target_column(const std::string& where, std::size_t columns, const std::vector<std::string>& names,
                          const DataOptions& options) {
  if (columns < 2) throw InputError("data", where + ": has one column; it needs features and a target");
  const auto target = options.find("target");
  if (target == options.end()) return columns - 1;
  const std::string& wanted = target->second;
  const auto name = std::find(names.begin(), names.end(), wanted);
  if (name != names.end()) return static_cast<std::size_t>(name - names.begin());
  const auto count = static_cast<int64_t>(columns), number = whole_number(wanted).value_or(0);
  if (number != 0 && number >= -count && number <= count)
    return static_cast<std::size_t>(number > 0 ? number - 1 : count + number);
  const std::string near = closest(wanted, names);
  throw InputError("data", where + ": there is no column '" + wanted + "'" +
                               (near.empty() ? "; it has " + std::to_string(columns) + " columns"
                                             : "; did you mean '" + near + "'?"));
}

Dataset dataset_from_columns(const std::string& name, const torch::Tensor& all, const std::vector<std::string>& names,
                             std::size_t target) {
  const auto at = static_cast<int64_t>(target);
  Dataset data;
  data.name = name;
  data.targets = all.select(1, at).clone();
  data.inputs = torch::cat({all.slice(1, 0, at), all.slice(1, at + 1, all.size(1))}, 1);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (i != target) data.features.push_back(names[i]);
  return data;
}

Dataset dataset_from_table(const std::string& name, const NumericTable& table, std::size_t target) {
  const auto rows = static_cast<int64_t>(table.rows()), columns = static_cast<int64_t>(table.columns);
  const torch::Tensor all = torch::from_blob(const_cast<double*>(table.values.data()), {rows, columns}, torch::kDouble);
  return dataset_from_columns(name, all, table.names, target);
}

torch::Tensor tensor_of(NumberArray array) {
  const std::vector<int64_t> shape(array.shape.begin(), array.shape.end());
  return std::visit(
      [&]<typename T>(std::vector<T>& values) {
        const auto kept = std::make_shared<std::vector<T>>(std::move(values));
        const auto type = std::is_same_v<T, float> ? torch::kFloat : torch::kDouble;
        if (kept->empty()) return torch::empty(shape, type);
        return torch::from_blob(
            kept->data(), shape, [kept](void*) {}, type);
      },
      array.values);
}

Dataset dataset_from_arrays(const std::string& where, const std::string& name, const ArrayFile& file,
                            const DataOptions& options) {
  check_options(where, options, {"inputs", "targets"});
  const auto [x, y] = array_names(where, file, options);
  Dataset data;
  data.name = name;
  data.inputs = tensor_of(file.read(x));
  data.targets = tensor_of(file.read(y));
  if (data.inputs.dim() == 0 || data.targets.dim() == 0)
    throw InputError(
        "data", where + ": '" + (data.inputs.dim() == 0 ? x : y) + "' is a single number, not one for each example");
  if (data.inputs.dim() == 1) data.inputs = data.inputs.unsqueeze(1);
  if (data.targets.dim() == 2 && data.targets.size(1) == 1) data.targets = data.targets.squeeze(1);
  if (data.targets.dim() > 2)
    throw InputError("data",
                     where + ": '" + y + "' has " + std::to_string(data.targets.dim()) +
                         " dimensions; targets are one number for each example, or one for each of its positions");
  return data;
}

}  // namespace etamax
