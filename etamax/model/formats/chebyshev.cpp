#include <utility>

#include "etamax/model/table_data.h"

namespace etamax::formats {

/// Points evenly from -1 to 1, both among them, and the Chebyshev polynomial T_k of each: T_{k+1} = 2 x T_k - T_{k-1}.
/// A regression task of Cohen et al., Gradient descent on neural networks typically occurs at the edge of stability,
/// 2021, with 20 points and k of 3, 4 or 5.
DataSpec chebyshev() {
  DataSpec spec;
  spec.name = "chebyshev";
  spec.summary =
      "points in -1 to 1 and a Chebyshev polynomial of them (made up; a regression task of Cohen et al. 2021)";
  spec.example = "chebyshev:degree=4,examples=20";
  spec.load = [](const std::string& first, const DataOptions& others) {
    const std::string where = "chebyshev";
    DataOptions options = made_up_options(where, first, others);
    check_options(where, options, {"degree", "examples"});
    const int64_t degree = take_number(where, options, "degree", 4, 1, 1000);
    const int64_t examples = take_number(where, options, "examples", 20, 2, 1'000'000);
    const torch::Tensor x = torch::linspace(-1, 1, examples, torch::kDouble);
    torch::Tensor before = torch::ones_like(x), value = x;
    for (int64_t k = 1; k < degree; ++k) before = std::exchange(value, 2 * x * value - before);
    Dataset data;
    data.name = "chebyshev:degree=" + std::to_string(degree) + ",examples=" + std::to_string(examples);
    data.inputs = x.reshape({examples, 1}).clone();
    data.targets = value.clone();
    data.features = {"x"};
    return data;
  };
  return spec;
}

}  // namespace etamax::formats
