#include "etamax/core/error.h"
#include "etamax/model/table_data.h"
#include "etamax/problem/plane_data.h"

namespace etamax::formats {

/// Points in the plane, made up: what the lab's networks learn, as small_network.h has them.
DataSpec plane() {
  DataSpec spec;
  spec.name = "plane";
  spec.summary = "200 points in the plane with labels 0 and 1: moons, rings or xor (made up)";
  spec.example = "plane:moons";
  spec.load = [](const std::string& shape, const DataOptions& options) {
    if (!options.empty()) throw InputError("data", "plane takes nothing after its shape");
    const PlaneData points = plane_data(shape);
    Dataset data;
    data.name = points.name;
    data.features = {"x", "y"};
    const auto count = static_cast<int64_t>(points.labels.size());
    data.inputs = torch::empty({count, 2}, torch::kDouble);
    data.targets = torch::empty({count}, torch::kDouble);
    auto inputs = data.inputs.accessor<double, 2>();
    auto targets = data.targets.accessor<double, 1>();
    for (int64_t i = 0; i < count; ++i) {
      const auto at = static_cast<std::size_t>(i);
      inputs[i][0] = points.points[at][0], inputs[i][1] = points.points[at][1];
      targets[i] = points.labels[at];
    }
    return data;
  };
  return spec;
}

}  // namespace etamax::formats
