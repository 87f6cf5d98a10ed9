// Bounds that products in 32 bit give hold what dense linear algebra says in 64 bit, also where the inputs are of very
// unlike scales.
#include <gtest/gtest.h>

#include <cmath>

#include "dense.h"
#include "etamax/model/model_problem.h"

namespace etamax {
namespace {

using testing::dense_hessian;
using testing::largest_eigenvalue;
using testing::parameters;
using testing::set_parameters;
using testing::smallest_eigenvalue;

using torch::Tensor;

/// Random columns from 1 to `scale`.
Dataset unlike_columns(double scale, const std::string& loss, std::uint64_t seed) {
  torch::manual_seed(seed);
  constexpr int64_t kExamples = 300, kColumns = 12;
  Dataset data;
  data.name = "random";
  data.inputs = torch::randn({kExamples, kColumns}, torch::kDouble) + torch::rand({kColumns}, torch::kDouble);
  const Tensor teacher = torch::randn({kColumns}, torch::kDouble);
  const Tensor truth = data.inputs.mv(teacher) + 0.3 * torch::randn({kExamples}, torch::kDouble);
  data.inputs *= torch::logspace(0, std::log10(scale), kColumns, 10, torch::kDouble);
  data.targets = loss == "mse" ? truth : (truth > 0).to(torch::kDouble);
  return data;
}

/// By how much the bounds as Lanczos gives them miss an eigenvalue, in units of what they are widened by: 1 is too
/// much.
struct Misses {
  double largest = 0, smallest = 0;
  int looks = 0, passed_over = 0;
  void add(const Misses& other) {
    largest = std::max(largest, other.largest);
    smallest = std::max(smallest, other.smallest);
    looks += other.looks;
    passed_over += other.passed_over;
  }
};

/// The curvature as a part of that which losses of inputs of this size have: the mean square of the inputs, times the
/// second derivative of the loss by the outputs. Below `kSaturated` the exponentials of a saturated softmax leave the
/// range of 32 bit.
constexpr double kSaturated = 1e-30, kHealthy = 1e-2;
double part_of_natural(ModelObjective& exact, double mean_square) {
  return dense_hessian(exact).norm().item<double>() / mean_square;
}

/// D (H + d I) D in 64 bit.
Tensor dense_operator(ModelObjective& exact, const Probe& probe, const Optimizer& optimizer) {
  const std::optional<Vector>& p = probe.position().preconditioner;
  Tensor h = dense_hessian(exact);
  if (!p) return h;
  h = h + optimizer.gradient_decay() * torch::eye(h.size(0), torch::kDouble);
  const Tensor d = tensor_of(*p).to(torch::kDouble).rsqrt();
  return d.unsqueeze(0) * h * d.unsqueeze(1);
}

Misses look(ModelObjective& narrow, ModelObjective& exact, const Optimizer& optimizer,
            const OptimizerPosition& position, double mean_square) {
  set_parameters(exact, parameters(narrow).to(torch::kDouble));
  Misses misses;
  Probe probe(narrow, optimizer, position);
  const Tensor h = dense_operator(exact, probe, optimizer);
  const double part = part_of_natural(exact, mean_square);
  if (part < kSaturated) return ++misses.passed_over, misses;
  const double top = largest_eigenvalue(h), bottom = smallest_eigenvalue(h);
  const double size = std::max(std::abs(top), std::abs(bottom));
  for (const double gap : {0.1, 1e-3}) {
    ProbeOptions options{.confidence = 0.999, .gap = gap};
    const Curvature wide = probe.look(options).curvature;
    options.roundoff = false;
    const Curvature bare = probe.look(options).curvature;
    EXPECT_LE(*wide.lambda_max.lower, top);
    EXPECT_GE(*wide.lambda_max.upper, top);
    EXPECT_LE(*wide.lambda_min.lower, bottom);
    EXPECT_GE(*wide.lambda_min.upper, bottom);
    const auto miss = [](double truth, const Interval& inner, const Interval& outer) {
      const double by = *inner.lower - *outer.lower;
      EXPECT_GT(by, 0);
      return std::max(*inner.lower - truth, truth - *inner.upper) / by;
    };
    misses.largest = std::max(misses.largest, miss(top, bare.lambda_max, wide.lambda_max));
    misses.smallest = std::max(misses.smallest, miss(bottom, bare.lambda_min, wide.lambda_min));
    // Wider than needed, but no wider than matters.
    if (part > kHealthy) {
      EXPECT_LT(*bare.lambda_max.lower - *wide.lambda_max.lower, 2e-3 * size);
    }
    ++misses.looks;
  }
  return misses;
}

/// At the start, and along training at half of the edge.
Misses looks_along_a_run(const std::string& model, const Dataset& data, const std::string& loss_name,
                         const std::string& optimizer_name, std::uint64_t seed) {
  SCOPED_TRACE(data.name + ", " + model + ", " + loss_name + ", " + optimizer_name + ", seed " + std::to_string(seed));
  const LossSpec& loss = find_loss(loss_name);
  const auto network = [&] { return make_network(model, {data.inputs.size(1)}, loss.outputs(data.targets), seed); };
  ModelProblemOptions options;
  options.optimizer = optimizer_name;
  if (optimizer_name == "sgd") options.settings = {{"momentum", 0.9}, {"weight_decay", 0.01}};
  ModelProblem problem(network(), data, loss, options);
  ModelObjective& narrow = problem.objective();
  ModelObjective exact(network(), data, loss, {4096, torch::kDouble, torch::kCPU, {}});
  const Optimizer& optimizer = problem.optimizer();
  const std::unique_ptr<Run> run = problem.run({});
  if (edge_is_preconditioned(optimizer)) run->step(0);
  const double lr = *Probe(narrow, optimizer, OptimizerPosition::of(*run, optimizer)).look({}).edge.lr.lower / 2;
  const double mean_square = data.inputs.to(torch::kDouble).square().sum(1).mean().item<double>();
  Misses misses;
  for (const int steps : {0, 3, 30}) {
    for (int i = 0; i < steps; ++i) run->step(lr);
    misses.add(look(narrow, exact, optimizer, OptimizerPosition::of(*run, optimizer), mean_square));
  }
  return misses;
}

void report(const Misses& misses) {
  ::testing::Test::RecordProperty("largest_miss_over_widening", std::to_string(misses.largest));
  ::testing::Test::RecordProperty("smallest_miss_over_widening", std::to_string(misses.smallest));
  std::printf(
      "%d looks, %d passed over: bounds missed the largest eigenvalue by at most %.3g of the widening, the smallest by %.3g\n",
      misses.looks, misses.passed_over, misses.largest, misses.smallest);
}

TEST(Roundoff, OfRawBreastCancerIsWithinTheBounds) {
  const Dataset data = load_data("breast_cancer");
  Misses misses;
  for (const char* optimizer : {"gd", "sgd", "adam"})
    for (const char* loss : {"mse", "bce", "cross_entropy"})
      for (const std::uint64_t seed : {0, 1, 2, 3})
        misses.add(looks_along_a_run("linear", data, loss, optimizer, seed));
  report(misses);
}

TEST(Roundoff, OfColumnsOfUnlikeScalesIsWithinTheBounds) {
  Misses misses;
  for (const char* optimizer : {"gd", "adam"})
    for (const double scale : {1.0, 10.0, 100.0, 1e3, 1e4})
      for (const char* loss : {"mse", "bce", "cross_entropy"})
        for (const std::uint64_t seed : {0, 1, 2})
          misses.add(looks_along_a_run("linear", unlike_columns(scale, loss, seed), loss, optimizer, seed));
  report(misses);
}

TEST(Roundoff, OfNetworksIsWithinTheBounds) {
  Misses misses;
  for (const double scale : {1.0, 100.0, 1e4})
    for (const char* model : {"mlp:12-10-2:tanh", "mlp:12-8-6-2:relu"})
      for (const std::uint64_t seed : {0, 1, 2})
        misses.add(looks_along_a_run(model, unlike_columns(scale, "cross_entropy", seed), "cross_entropy", "gd", seed));
  report(misses);
}

}  // namespace
}  // namespace etamax
