// What curvature costs, in gradients of the same network on the same data, measured in one run. For each
// network: the time of a gradient, a product by either method over a gradient, the certified edge and the
// point estimate at initialization and after training, in products and in wall time. Usage: curvature_bench
// FOLDER [NETWORK]: the problems are left in FOLDER for bench/model/eigsh.py. Prints benchmark,real,cpu,unit:
// of the wall clock, and of the processor's.
#include <fmt/format.h>
#include <torch/types.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

#include "etamax/curvature/vector_space.h"
#include "etamax/model/objective.h"
#include "etamax/model/runtime.h"
#include "etamax/spectrum/lanczos.h"
#include "etamax/spectrum/track.h"
#include "timing.h"

namespace {

using torch::Tensor;
using namespace etamax;
using namespace etamax::bench;

struct Case {
  std::string name, model;
  Dataset data;
  int64_t batch = 0;  ///< of training; 0: all
};

/// 1,000 digits as colored images of 32x32 pixels.
Dataset images() {
  Dataset data = load_data("digits");
  const Tensor small = data.inputs.slice(0, 0, 1000).view({-1, 1, 8, 8}) - 0.3;
  torch::manual_seed(0);
  const Tensor tint = torch::rand({1000, 3, 1, 1}, torch::kDouble) + 0.5;
  data.inputs =
      torch::upsample_bilinear2d(small, {32, 32}, false) * tint + 0.1 * torch::randn({1000, 3, 32, 32}, torch::kDouble);
  data.targets = data.targets.slice(0, 0, 1000);
  return data;
}

std::unique_ptr<ModelObjective> objective(const Case& p, const LossSpec& loss, std::optional<ProductMethod> method) {
  std::vector<int64_t> shape = p.data.inputs.sizes().slice(1).vec();
  return std::make_unique<ModelObjective>(make_network(p.model, shape, loss.outputs(p.data.targets), 0), p.data, loss,
                                          ModelObjectiveOptions{4096, torch::kFloat, torch::kCPU, method});
}

void write(const std::filesystem::path& path, const Tensor& x) {
  const Tensor flat = x.to(torch::kFloat).contiguous();
  std::ofstream(path, std::ios::binary)
      .write(static_cast<const char*>(flat.data_ptr()), flat.numel() * static_cast<int64_t>(sizeof(float)));
}

void edges(const Case& p, const std::string& when, const Vector& parameters, const std::filesystem::path& folder) {
  const LossSpec& loss = find_loss("cross_entropy");
  write(folder / (p.name + "_" + when + ".f32"), tensor_of(parameters));
  auto f = objective(p, loss, {});
  const std::string name = p.name + "/" + when;
  /// Runs it three times, each time with the graph to be built; in seconds, and in gradients timed beside it.
  const auto report = [&](const std::string& what, const auto& work) {
    std::vector<double> wall, processor, wall_gradients, processor_gradients;
    std::size_t products = 0;
    for (int round = 0; round < 3; ++round) {
      f->set_parameters(parameters);
      std::vector<double> gradient, gradient_processor;
      for (int i = 0; i < 5; ++i) {
        const Seconds g = time_of([&] { f->gradient(); });
        gradient.push_back(g.wall);
        gradient_processor.push_back(g.processor);
      }
      const Seconds all = time_of([&] { products = work(); });
      wall.push_back(all.wall);
      processor.push_back(all.processor);
      wall_gradients.push_back(all.wall / median(gradient));
      processor_gradients.push_back(all.processor / median(gradient_processor));
    }
    const auto count = static_cast<double>(products);
    print(name + "/" + what + "/products", count, count, "products");
    print(name + "/" + what, median(wall_gradients), median(processor_gradients), "gradients");
    print(name + "/" + what + "/seconds", median(wall), median(processor), "s");
  };
  LanczosResult certified;
  report("certified", [&] {
    certified = certify_spectrum<Vector>(*f, {0.1, 0.999, 200, 0, {}});
    return certified.products;
  });
  print(name + "/lambda_max", certified.extremes.largest.lower, certified.extremes.largest.upper, "lower and upper");
  for (const auto& [what, tolerance] : {std::pair("point/0.001", 1e-3), std::pair("point/0.01", 1e-2)}) {
    EigenvalueEstimate point;
    const double wanted = tolerance;
    report(what, [&] {
      point = estimate_largest<Vector>(*f, {wanted, 200, 0, {}});
      return point.products;
    });
    print(name + "/" + what + "/lambda_max", point.value, point.value, "");
  }
}

/// What a look at the edge every 50 steps adds to training, in percent.
void tracking(const Case& p, const Vector& parameters) {
  auto f = objective(p, find_loss("cross_entropy"), {});
  f->set_parameters(parameters);
  EigenvalueTracker<Vector> tracker;
  tracker.look(*f);
  Vector w = parameters;
  std::vector<double> wall, processor;
  const auto step = [&] {
    w.add_scaled(-1e-6, f->gradient());
    f->set_parameters(w);
  };
  for (int round = 0; round < 7; ++round) {
    const Seconds with = time_of([&] {
      tracker.look(*f);
      step();
    });
    const Seconds others = time_of([&] {
      for (int i = 0; i < 7; ++i) step();
    });
    wall.push_back(100 * (with.wall / others.wall * 7 - 1) / 50);
    processor.push_back(100 * (with.processor / others.processor * 7 - 1) / 50);
  }
  print(p.name + "/tracking every 50 steps", median(wall), median(processor), "percent");
}

/// With replacement.
Rows random_rows(const ModelObjective& f, int64_t count) {
  const Tensor rows = torch::randint(f.count(), {count}, torch::kLong);
  return {rows.data_ptr<int64_t>(), rows.data_ptr<int64_t>() + count};
}

void measure(const Case& p, const std::filesystem::path& folder) {
  const LossSpec& loss = find_loss("cross_entropy");
  write(folder / (p.name + "_inputs.f32"), p.data.inputs);
  write(folder / (p.name + "_targets.f32"), p.data.targets);
  auto kept = objective(p, loss, ProductMethod::double_backward);
  auto dual = objective(p, loss, ProductMethod::forward_over_reverse);
  fmt::print(stderr, "{}: {} parameters\n", p.name, kept->dim());
  const Vector start = kept->parameters(), v = kept->random_normal(1);
  Vector product;
  const auto gradient = [&] { dual->gradient(); };  // which has kept no graph
  const auto by_kept = [&] { kept->apply(v, product); };
  const auto by_dual = [&] { dual->apply(v, product); };
  const Seconds building = time_of(by_kept);
  gradient();
  by_dual();
  std::vector<double> g, gp, k, kp, d, dp;
  for (int i = 0; i < (p.name == "mlp" ? 41 : 9); ++i) {
    const Seconds a = time_of(gradient), b = time_of(by_kept), c = time_of(by_dual), e = time_of(gradient);
    const double wall = (a.wall + e.wall) / 2, processor = (a.processor + e.processor) / 2;
    g.push_back(wall);
    gp.push_back(processor);
    k.push_back(b.wall / wall);
    kp.push_back(b.processor / processor);
    d.push_back(c.wall / wall);
    dp.push_back(c.processor / processor);
  }
  print(p.name + "/gradient", 1e3 * median(g), 1e3 * median(gp), "ms");
  print(p.name + "/product/first", building.wall / median(g), building.processor / median(gp), "gradients");
  print(p.name + "/product/double_backward", median(k), median(kp), "gradients");
  print(p.name + "/product/forward_over_reverse", median(d), median(dp), "gradients");
  edges(p, "initial", start, folder);

  // 300 steps of heavy ball, at a third of the edge; with batches far below it, as at a tenth of that a last digit
  // decides whether the first steps blow up.
  const double sharpest = certify_spectrum<Vector>(*kept, {0.1, 0.999, 200, 0, {}}).extremes.largest.upper;
  const double momentum = 0.9, lr = 2 * (1 + momentum) / sharpest / 3 * (p.batch == 0 ? 1 : 0.03);
  Vector w = start, velocity = start.zeros();
  torch::manual_seed(1);
  for (int step = 0; step < 300; ++step) {
    kept->set_parameters(w);
    const Vector now = p.batch == 0 ? kept->gradient() : kept->batch_gradient(random_rows(*kept, p.batch)).gradient;
    velocity.scale(momentum).add_scaled(1, now);
    w.add_scaled(-lr, velocity);
  }
  kept->set_parameters(w);
  fmt::print(stderr, "{}: loss {:.3g}\n", p.name, kept->loss());
  edges(p, "trained", w, folder);
  tracking(p, w);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return fmt::print(stderr, "usage: curvature_bench FOLDER [NETWORK]\n"), 2;
  keep_freed_memory();
  const std::vector<Case> cases = {
      {"mlp", "mlp:64-256-256-10:tanh", digits(), 0},
      {"cnn", "cnn:24-48-96:relu", images(), 100},
      {"transformer", "transformer:width=128,layers=5,heads=4,vocabulary=17", text(64), 16},
  };
  for (const Case& p : cases)
    if (argc < 3 || p.name == argv[2]) measure(p, argv[1]);
}
