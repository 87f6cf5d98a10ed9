// Examples shared out over ranks: two threads with a network and half of the examples each say what one objective on
// all of them says, and both the same numbers.
#include <gtest/gtest.h>

#include <barrier>
#include <thread>

#include "dense.h"
#include "etamax/curvature/starting_position.h"
#include "etamax/model/model_problem.h"

namespace etamax {
namespace {

using testing::distance;

using torch::Tensor;

constexpr std::size_t kRanks = 2;
constexpr double kExact = 1e-12;

/// Where the threads meet. A thread that fails leaves, so that the other one does not wait for ever.
class Meeting {
 public:
  template <typename T>
  void sum(std::size_t rank, std::vector<T>& parts, T& x, const std::function<void(T&, const T&)>& add) {
    parts[rank] = x;
    barrier_.arrive_and_wait();
    T total = parts[0];  // in the same order everywhere
    for (std::size_t k = 1; k < kRanks; ++k) add(total, parts[k]);
    barrier_.arrive_and_wait();
    x = total;
  }
  void leave() { barrier_.arrive_and_drop(); }
  std::vector<double> numbers = std::vector<double>(kRanks);
  std::vector<Vector> vectors = std::vector<Vector>(kRanks);

 private:
  std::barrier<> barrier_{static_cast<std::ptrdiff_t>(kRanks)};
};

class Rank final : public Reduction {
 public:
  Rank(Meeting& meeting, std::size_t rank) : meeting_(meeting), rank_(rank) {}
  void sum(double& x) override {
    meeting_.sum<double>(rank_, meeting_.numbers, x, [](double& total, const double& part) { total += part; });
  }
  void sum(Vector& x) override {
    meeting_.sum<Vector>(rank_, meeting_.vectors, x, [](Vector& total, const Vector& part) {
      total = vector_of(tensor_of(total) + tensor_of(part));
    });
  }

 private:
  Meeting& meeting_;
  std::size_t rank_;
};

/// Each does the same work, in a thread of its own.
void on_all_ranks(const std::function<void(std::size_t rank, Reduction&)>& work) {
  Meeting meeting;
  std::vector<std::string> failed(kRanks);
  std::vector<std::thread> threads;
  for (std::size_t rank = 0; rank < kRanks; ++rank)
    threads.emplace_back([&, rank] {
      Rank reduction(meeting, rank);
      try {
        work(rank, reduction);
      } catch (const std::exception& e) {
        failed[rank] = e.what();
      }
      meeting.leave();
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& what : failed) EXPECT_EQ(what, "");
}

struct Job {
  std::string model, loss;
  int64_t chunk = 4096;
  std::optional<ProductMethod> method = {};
};

constexpr int64_t kExamples = 50, kFirst = 31;  // unequal parts

Dataset all_data(const std::string& loss) {
  Dataset data;
  data.name = "random";
  torch::manual_seed(5);
  data.inputs = torch::randn({kExamples, 6}, torch::kDouble);
  data.targets = loss == "cross_entropy" ? torch::arange(kExamples, torch::kDouble).remainder(3)
                                         : torch::randn({kExamples}, torch::kDouble);
  return data;
}

Dataset part_of(const Dataset& data, std::size_t rank) {
  return take_rows(data, rank == 0 ? torch::arange(kFirst) : torch::arange(kFirst, kExamples));
}

/// Of the examples of all ranks with these numbers, this rank's own numbers.
Rows rows_of(std::size_t rank, const Rows& rows) {
  Rows mine;
  for (const std::int64_t row : rows)
    if ((row < kFirst) == (rank == 0)) mine.push_back(row < kFirst ? row : row - kFirst);
  return mine;
}

Network network_of(const Job& job) { return make_network(job.model, {6}, job.loss == "cross_entropy" ? 3 : 1, 1); }

/// One for each rank: drawn by PyTorch's one generator, and so not by the threads.
std::vector<Network> networks_of(const Job& job) {
  std::vector<Network> networks;
  for (std::size_t rank = 0; rank < kRanks; ++rank) networks.push_back(network_of(job));
  return networks;
}

ModelObjective objective(const Network& network, const Job& job, const Dataset& data, Reduction* reduction,
                         torch::ScalarType type = torch::kDouble) {
  return ModelObjective(network, data, find_loss(job.loss), {job.chunk, type, torch::kCPU, job.method, reduction});
}

struct Numbers {
  double loss = 0;
  std::vector<std::pair<std::string, Tensor>> vectors;
  Probe::Finding certified;
};

Numbers numbers_of(ModelObjective& f, const std::function<Rows(const Rows&)>& mine) {
  Numbers n;
  const auto keep = [&](const char* name, const Vector& v) { n.vectors.push_back({name, tensor_of(v)}); };
  const Vector v = f.random_normal(3);
  Vector out;
  n.loss = f.loss();
  keep("gradient", f.gradient());
  f.apply(v, out);
  keep("product", out);
  keep("gradient after a product", f.gradient());  // of the kept graph, where there is one
  const auto whole = f.loss_and_gradient();
  keep("gradient with its loss", whole.gradient);
  EXPECT_EQ(whole.loss, n.loss);
  const Rows rows = {2, 40, 7, 49, 30, 31, 11};
  const auto batch = f.batch_gradient(mine(rows));
  keep("batch gradient", batch.gradient);
  keep("batch loss", vector_of(torch::full({1}, batch.loss, torch::kDouble)));
  keep("batch product", f.batch_product(mine(rows), v));
  n.certified = testing::probed(f, 0.01);
  return n;
}

void expect_close(const Numbers& found, const Numbers& wanted) {
  EXPECT_NEAR(found.loss / wanted.loss, 1, kExact);
  for (std::size_t i = 0; i < wanted.vectors.size(); ++i)
    EXPECT_LT(distance(found.vectors[i].second, wanted.vectors[i].second), kExact) << wanted.vectors[i].first;
  const Interval &a = found.certified.edge.lr, &b = wanted.certified.edge.lr;
  EXPECT_NEAR(*a.lower / *b.lower, 1, kExact);
  EXPECT_NEAR(*a.upper / *b.upper, 1, kExact);
  EXPECT_EQ(found.certified.curvature.hvps, wanted.certified.curvature.hvps);
}

void expect_identical(const Numbers& a, const Numbers& b) {
  EXPECT_EQ(a.loss, b.loss);
  for (std::size_t i = 0; i < a.vectors.size(); ++i)
    EXPECT_TRUE(a.vectors[i].second.equal(b.vectors[i].second)) << a.vectors[i].first;
  EXPECT_EQ(a.certified.curvature.lambda_max.lower, b.certified.curvature.lambda_max.lower);
  EXPECT_EQ(a.certified.curvature.lambda_max.upper, b.certified.curvature.lambda_max.upper);
  EXPECT_EQ(a.certified.edge.lr.lower, b.certified.edge.lr.lower);
}

TEST(Ranks, SayWhatOneObjectiveOnAllExamplesSays) {
  for (const Job& job : {
           Job{"linear", "mse"},
           {"mlp:6-7-3:tanh", "cross_entropy"},
           {"mlp:6-7-3:tanh", "cross_entropy", 4096, ProductMethod::forward_over_reverse},
           {"mlp:6-7-3:gelu", "cross_entropy", 8},
           {"mlp:6-7-3:tanh", "cross_entropy", 4096, ProductMethod::reverse_over_forward},
           {"mlp:6-7-1:tanh", "mse", 25},  // several chunks on one rank, one on the other
           {"mlp:6-7-1:tanh", "mse", 25, ProductMethod::double_backward},
       }) {
    SCOPED_TRACE(job.model + " in chunks of " + std::to_string(job.chunk));
    const Dataset data = all_data(job.loss);
    const std::vector<Network> networks = networks_of(job);
    std::vector<Numbers> found(kRanks);
    on_all_ranks([&](std::size_t rank, Reduction& reduction) {
      ModelObjective f = objective(networks[rank], job, part_of(data, rank), &reduction);
      found[rank] = numbers_of(f, [&](const Rows& rows) { return rows_of(rank, rows); });
    });
    ModelObjective whole = objective(network_of(job), job, data, nullptr);
    const Numbers wanted = numbers_of(whole, [](const Rows& rows) { return rows; });
    if (::testing::Test::HasFailure()) return;
    expect_close(found[0], wanted);
    expect_identical(found[0], found[1]);
  }
}

/// The edge of Adam after some steps, which all take together.
TEST(Ranks, TrainTogetherToTheSameEdge) {
  const Job job = {"mlp:6-7-3:tanh", "cross_entropy"};
  const Dataset data = all_data(job.loss);
  struct End {
    Tensor parameters;
    Interval edge;
  };
  const auto end_of = [&](const Network& network, const Dataset& part, Reduction* reduction) {
    ModelProblemOptions options;
    options.optimizer = "adam";
    options.objective = {4096, torch::kDouble, torch::kCPU, {}, reduction};
    ModelProblem problem(network, part, find_loss(job.loss), options);
    const std::unique_ptr<etamax::Run> run = problem.run({});
    for (int i = 0; i < 20; ++i) run->step(0.01);
    const OptimizerPosition at = OptimizerPosition::of(*run, problem.optimizer());
    Probe probe(problem.objective(), problem.optimizer(), at);
    return End{tensor_of(problem.objective().parameters()), probe.look({}).edge.lr};
  };
  const std::vector<Network> networks = networks_of(job);
  std::vector<End> found(kRanks);
  on_all_ranks([&](std::size_t rank, Reduction& reduction) {
    found[rank] = end_of(networks[rank], part_of(data, rank), &reduction);
  });
  const End wanted = end_of(network_of(job), data, nullptr);
  if (::testing::Test::HasFailure()) return;
  EXPECT_TRUE(found[0].parameters.equal(found[1].parameters));
  EXPECT_EQ(found[0].edge.lower, found[1].edge.lower);
  EXPECT_LT(distance(found[0].parameters, wanted.parameters), kExact);
  EXPECT_NEAR(*found[0].edge.lower / *wanted.edge.lower, 1, kExact);
  EXPECT_NEAR(*found[0].edge.upper / *wanted.edge.upper, 1, kExact);
}

/// What 32 bit loses is measured on all examples too.
TEST(Ranks, MeasureTheRoundoffTogether) {
  const Job job = {"mlp:6-7-1:tanh", "mse"};
  const Dataset data = all_data(job.loss);
  const std::vector<Network> networks = networks_of(job);
  std::vector<Probe::Finding> found(kRanks);
  on_all_ranks([&](std::size_t rank, Reduction& reduction) {
    ModelObjective f = objective(networks[rank], job, part_of(data, rank), &reduction, torch::kFloat);
    found[rank] = testing::probed(f, 0.01);
  });
  if (::testing::Test::HasFailure()) return;
  EXPECT_EQ(found[0].products_64, 2);
  EXPECT_EQ(found[0].curvature.lambda_max.lower, found[1].curvature.lambda_max.lower);
  EXPECT_EQ(found[0].curvature.lambda_max.upper, found[1].curvature.lambda_max.upper);
  ModelObjective exact = objective(network_of(job), job, data, nullptr);
  const double truth = testing::largest_eigenvalue(testing::dense_hessian(exact));
  EXPECT_LE(*found[0].curvature.lambda_max.lower, truth);
  EXPECT_GE(*found[0].curvature.lambda_max.upper, truth);
}

}  // namespace
}  // namespace etamax
