// The price of a product in gradients of the same network on the same data, each timed between two gradients, in one
// run: the first at a place and a later one where the gradient's graph is kept, and over several chunks, where it is
// not, by each way. Usage: product_bench [NETWORK [WAY]]; with a way, 0 to 2, only products over chunks by it,
// so that the peak of memory is its own. Prints benchmark,real,cpu,unit: of the wall clock, and of the processor's.
#include <fmt/format.h>
#include <sys/resource.h>
#include <torch/types.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "etamax/curvature/vector_space.h"
#include "etamax/model/objective.h"
#include "etamax/model/runtime.h"
#include "timing.h"

namespace {

using torch::Tensor;
using namespace etamax;
using namespace etamax::bench;

struct Case {
  std::string name, model;
  Dataset data;
  int64_t chunk = 0;
};

/// 200 digits as images of 32x32 pixels.
Dataset images() {
  Dataset data = load_data("digits");
  const Tensor small = data.inputs.slice(0, 0, 200).view({-1, 1, 8, 8}) - 0.3;
  data.inputs = torch::upsample_bilinear2d(small, {32, 32}, false).expand({-1, 3, -1, -1}).contiguous();
  data.targets = data.targets.slice(0, 0, 200);
  return data;
}

std::unique_ptr<ModelObjective> objective(const Case& p, int64_t chunk, ProductMethod method) {
  const LossSpec& loss = find_loss("cross_entropy");
  const std::vector<int64_t> shape = p.data.inputs.sizes().slice(1).vec();
  return std::make_unique<ModelObjective>(make_network(p.model, shape, loss.outputs(p.data.targets), 0), p.data, loss,
                                          ModelObjectiveOptions{chunk, torch::kFloat, torch::kCPU, method});
}

/// Products in gradients, each beside one before and one after; `before` is not timed.
template <typename Before, typename Work>
void report(const std::string& name, ModelObjective& gradients, int rounds, const Before& before, const Work& work) {
  std::vector<double> wall, processor;
  for (int round = -1; round < rounds; ++round) {
    before();
    const Seconds a = time_of([&] { gradients.loss_and_gradient(); }), b = time_of(work),
                  c = time_of([&] { gradients.loss_and_gradient(); });
    if (round < 0) continue;  // libraries and memory are had now
    wall.push_back(2 * b.wall / (a.wall + c.wall));
    processor.push_back(2 * b.processor / (a.processor + c.processor));
  }
  print(name, median(wall), median(processor), "gradients");
}

/// In the order of ProductMethod.
const std::vector<std::string> kWays = {"double_backward", "forward_over_reverse", "reverse_over_forward"};

void over_chunks(const Case& p, std::size_t way, int rounds) {
  const auto f = objective(p, p.chunk, static_cast<ProductMethod>(way));
  const Vector v = f->random_normal(1);
  Vector product;
  report(
      p.name + "/chunks/" + kWays.at(way), *f, rounds, [] {}, [&] { f->apply(v, product); });
}

void measure(const Case& p) {
  constexpr int kRounds = 5;
  const auto kept = objective(p, p.data.inputs.size(0), ProductMethod::double_backward);
  fmt::print(stderr, "{}: {} parameters\n", p.name, kept->dim());
  const Vector place = kept->parameters(), v = kept->random_normal(1);
  Vector product;
  const auto apply = [&] { kept->apply(v, product); };
  const Seconds cold = time_of(apply), gradient = time_of([&] { kept->loss_and_gradient(); });
  print(p.name + "/very first in the process", cold.wall / gradient.wall, cold.processor / gradient.processor,
        "gradients");
  report(
      p.name + "/first at a place", *kept, kRounds, [&] { kept->set_parameters(place); }, apply);
  report(
      p.name + "/later", *kept, kRounds, [] {}, apply);
  report(
      p.name + "/gauss_newton", *kept, kRounds, [] {},
      [&] { kept->apply_matrix({MatrixKind::gauss_newton}, v, product); });
  kept->set_parameters(place);
  for (std::size_t way = 0; way < kWays.size(); ++way) over_chunks(p, way, kRounds);
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  const std::vector<Case> cases = {
      {"mlp", "mlp:64-256-256-10:tanh", digits(), 450},
      {"deep mlp", "mlp:64-256-256-256-256-10:relu", digits(), 450},
      {"cnn", "cnn:24-48-96:relu", images(), 50},
      {"transformer", "transformer:width=128,layers=3,heads=4,vocabulary=17", text(32), 8},
  };
  for (const Case& p : cases) {
    if (argc >= 2 && p.name != argv[1]) continue;
    if (argc < 3) {
      measure(p);
      continue;
    }
    const std::size_t way = std::min<std::size_t>(static_cast<std::size_t>(std::atoi(argv[2])), kWays.size() - 1);
    over_chunks(p, way, 3);
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const double mib = static_cast<double>(used.ru_maxrss) / 1024;
    print(p.name + "/chunks/" + kWays[way] + "/peak", mib, mib, "MiB of the process");
  }
}
