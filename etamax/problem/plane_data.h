#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace etamax {

/// Points in the plane, each with a label 0 or 1: data that can be looked at while a network learns them.
struct PlaneData {
  std::string name;
  std::vector<std::array<double, 2>> points;
  std::vector<int> labels;  ///< as many
};

struct PlaneShape {
  const char* name;
  const char* summary;
};
/// moons, rings, xor.
const std::vector<PlaneShape>& plane_shapes();

/// 200 points, half of each label, within some 2 of the origin; the same in every place. Throws InputError for a name
/// that is none of the shapes.
PlaneData plane_data(std::string_view shape);

}  // namespace etamax
