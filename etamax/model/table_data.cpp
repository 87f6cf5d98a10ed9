#include "etamax/model/table_data.h"

namespace etamax {

Dataset dataset_from_table(const std::string& name, const NumericTable& table, std::size_t target) {
  const auto rows = static_cast<int64_t>(table.rows()), columns = static_cast<int64_t>(table.columns);
  const torch::Tensor all =
      torch::from_blob(const_cast<double*>(table.values.data()), {rows, columns}, torch::kDouble);
  const auto at = static_cast<int64_t>(target);
  Dataset data;
  data.name = name;
  data.targets = all.select(1, at).clone();
  data.inputs = torch::cat({all.slice(1, 0, at), all.slice(1, at + 1, columns)}, 1);
  for (std::size_t i = 0; i < table.names.size(); ++i)
    if (i != target) data.features.push_back(table.names[i]);
  return data;
}

}  // namespace etamax
