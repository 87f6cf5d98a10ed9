#include "etamax/model/table_data.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/suggest.h"
#include "etamax/files/bytes.h"

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

constexpr const char* kUsualTargets[] = {"y", "targets", "target", "labels", "label", "y_train", "train_labels"};

/// The names in "a+b", of which a known one may hold a '+' itself.
template <typename Known>
std::vector<std::string> names_in(const std::string& text, const Known& known) {
  std::size_t end = known(text) ? text.npos : text.find('+');
  for (std::size_t plus = end; plus != text.npos; plus = text.find('+', plus + 1))
    if (known(text.substr(0, plus))) {
      end = plus;
      break;
    }
  std::vector<std::string> names = {text.substr(0, end)};
  if (end != text.npos)
    for (std::string& name : names_in(text.substr(end + 1), known)) names.push_back(std::move(name));
  return names;
}

struct ArrayNames {
  std::vector<std::string> inputs;
  std::string targets;
};

ArrayNames array_names(const std::string& where, const ArrayFile& file, const DataOptions& options) {
  const auto inputs = options.find("inputs"), targets = options.find("targets");
  if ((inputs == options.end()) != (targets == options.end()))
    throw InputError("data", where + ": inputs=NAME and targets=NAME belong together");
  if (inputs != options.end()) {
    ArrayNames names{names_in(inputs->second, [&](const std::string& name) { return file.has(name); }),
                     targets->second};
    std::vector<std::string> all = names.inputs;
    all.push_back(names.targets);
    for (const std::string& name : all)
      if (!file.has(name)) {
        const std::string near = closest(name, file.names);
        throw InputError("data",
                         where + ": there is no array '" + name + "'" +
                             (near.empty() ? "; there are " + listed(file.names) : "; did you mean '" + near + "'?"));
      }
    return names;
  }
  std::vector<ArrayNames> found;
  for (const auto& [x, y] : kUsualNames)
    if (file.has(x) && file.has(y)) found.push_back({{x}, y});
  if (found.empty() && file.names.size() > 1)
    for (const char* name : kUsualTargets) {
      if (!file.has(name)) continue;
      found.push_back({file.names, name});
      std::erase(found.back().inputs, name);
    }
  if (found.size() == 1) return found.front();
  throw InputError("data", where + ": which of its arrays (" + listed(file.names) +
                               ") are the inputs and the targets? Say inputs=NAME,targets=NAME");
}

NumberKind kind_of(ElementType type) {
  switch (type) {
    case ElementType::float16:
    case ElementType::bfloat16:
    case ElementType::float32:
    case ElementType::float64:
      return NumberKind::floating;
    case ElementType::boolean:
      return NumberKind::boolean;
    default:
      return NumberKind::whole;
  }
}

/// An array, with what it is as an input among others.
struct Input {
  torch::Tensor numbers;
  InputPart part;
};

/// Several inputs as one table, each laid flat.
void set_parts(const std::string& where, const std::vector<Input>& inputs, Dataset& data) {
  std::vector<torch::Tensor> flat;
  for (const auto& [numbers, part] : inputs) {
    if (numbers.size(0) != inputs[0].numbers.size(0))
      throw InputError("data", where + ": '" + part.name + "' has " + std::to_string(numbers.size(0)) +
                                   " examples, but '" + inputs[0].part.name + "' " +
                                   std::to_string(inputs[0].numbers.size(0)));
    data.parts.push_back(part);
    flat.push_back(numbers.dim() == 1 ? numbers.unsqueeze(1) : numbers.flatten(1));
  }
  data.inputs = torch::cat(flat, 1);
}

}  // namespace

DataOptions made_up_options(const std::string& where, const std::string& first, const DataOptions& others) {
  DataOptions options = others;
  if (const std::size_t equals = first.find('='); equals != std::string::npos)
    options.emplace(first.substr(0, equals), first.substr(equals + 1));
  else if (!first.empty())
    throw InputError("data", where + ": '" + first + "' is not KEY=VALUE");
  return options;
}

int64_t take_number(const std::string& where, DataOptions& options, const char* name, int64_t otherwise, int64_t least,
                    int64_t most) {
  const auto given = options.extract(name);
  if (given.empty()) return otherwise;
  const std::string& text = given.mapped();
  const std::optional<int64_t> value = whole_number(text);
  if (!value || *value < least || *value > most)
    throw InputError("data", where + ": " + name + " = '" + text + "' is not a whole number in " +
                                 std::to_string(least) + ".." + std::to_string(most));
  return *value;
}

void check_options(const std::string& where, const DataOptions& options, std::initializer_list<const char*> known) {
  for (const auto& [key, value] : options) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    throw InputError("data", where + ": there is no option '" + key + "'" +
                                 (known.size() == 0 ? "" : "; there is " + listed({known.begin(), known.end()})));
  }
}

std::vector<std::size_t> target_columns(const std::string& where, std::size_t columns,
                                        const std::vector<std::string>& names, const DataOptions& options) {
  if (columns < 2) throw InputError("data", where + ": has one column; it needs features and a target");
  const auto option = options.find("target");
  if (option == options.end()) return {columns - 1};
  const auto place = [&](const std::string& wanted) -> std::optional<std::size_t> {
    const auto name = std::find(names.begin(), names.end(), wanted);
    if (name != names.end()) return static_cast<std::size_t>(name - names.begin());
    const auto count = static_cast<int64_t>(columns), number = whole_number(wanted).value_or(0);
    if (number == 0 || number < -count || number > count) return {};
    return static_cast<std::size_t>(number > 0 ? number - 1 : count + number);
  };
  std::vector<std::size_t> targets;
  for (const std::string& wanted : names_in(option->second, place)) {
    const auto found = place(wanted);
    if (!found) {
      const std::string near = closest(wanted, names);
      throw InputError("data", where + ": there is no column '" + wanted + "'" +
                                   (near.empty() ? "; it has " + std::to_string(columns) + " columns"
                                                 : "; did you mean '" + near + "'?"));
    }
    if (std::find(targets.begin(), targets.end(), *found) != targets.end())
      throw InputError("data", where + ": column '" + wanted + "' is named twice");
    targets.push_back(*found);
  }
  if (targets.size() == columns) throw InputError("data", where + ": every column is a target, and none a feature");
  return targets;
}

Dataset dataset_from_columns(const std::string& name, const torch::Tensor& all, const std::vector<std::string>& names,
                             const std::vector<std::size_t>& targets) {
  // Without rows, nothing bounds the columns that a header may claim.
  if (all.size(0) == 0) throw InputError("data", name + " has no examples");
  Dataset data;
  data.name = name;
  std::vector<int64_t> inputs;
  for (std::size_t i = 0; i < static_cast<std::size_t>(all.size(1)); ++i) {
    if (std::find(targets.begin(), targets.end(), i) != targets.end()) continue;
    inputs.push_back(static_cast<int64_t>(i));
    if (!names.empty()) data.features.push_back(names[i]);
  }
  const auto columns = [&](const std::vector<int64_t>& which) { return all.index_select(1, torch::tensor(which)); };
  data.inputs = columns(inputs);
  data.targets = columns({targets.begin(), targets.end()});
  if (targets.size() == 1) data.targets = data.targets.squeeze(1);
  return data;
}

Dataset dataset_from_table(const std::string& name, const NumericTable& table,
                           const std::vector<std::size_t>& targets) {
  const auto rows = static_cast<int64_t>(table.rows()), columns = static_cast<int64_t>(table.columns);
  const torch::Tensor all = torch::from_blob(const_cast<double*>(table.values.data()), {rows, columns}, torch::kDouble);
  Dataset data = dataset_from_columns(name, all, table.names, targets);
  if (!table.classes.empty()) data.notes.push_back(classes_note(table.classes));
  return data;
}

std::string classes_note(const std::vector<std::string>& classes) {
  std::vector<std::string> numbered;
  for (std::size_t i = 0; i < classes.size(); ++i) numbered.push_back(std::to_string(i) + " " + printable(classes[i]));
  return "the classes are numbered in the order of their names: " + listed(numbered);
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
  const auto [names, y] = array_names(where, file, options);
  const auto read = [&](const std::string& array) {
    NumberArray stored = file.read(array);
    const NumberKind kind = kind_of(stored.stored);
    torch::Tensor numbers = tensor_of(std::move(stored));
    if (numbers.dim() == 0)
      throw InputError("data", where + ": '" + array + "' is a single number, not one for each example");
    return Input{numbers, {array, numbers.sizes().slice(1).vec(), kind}};
  };
  Dataset data;
  data.name = name;
  std::vector<Input> inputs;
  for (const std::string& array : names) inputs.push_back(read(array));
  const torch::Tensor& first = inputs[0].numbers;
  if (inputs.size() > 1)
    set_parts(where, inputs, data);
  else
    data.inputs = first.dim() == 1 ? first.unsqueeze(1) : first;
  data.targets = read(y).numbers;
  if (data.targets.dim() == 2 && data.targets.size(1) == 1) data.targets = data.targets.squeeze(1);
  return data;
}

}  // namespace etamax
