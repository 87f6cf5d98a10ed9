#include "tasks.h"

using namespace etamax;

namespace {

struct Recipe {
  std::string optimizer;
  Settings settings;
  std::int64_t batch_size;
  long steps;
};

BenchTask task(const std::string& name, const std::string& model, const std::string& data, const std::string& loss,
               const Recipe& recipe, double grid_from) {
  BenchTask t;
  t.name = name;
  t.setup.model = model;
  t.setup.data = data;
  t.setup.loss = loss;
  t.setup.optimizer = recipe.optimizer;
  t.setup.settings = recipe.settings;
  t.setup.validation = 0.2;
  t.options.batch_size = recipe.batch_size;
  t.options.steps = recipe.steps;
  t.options.budget = 3;
  t.grid_from = grid_from;
  return t;
}

BenchTask standardized(BenchTask t) {
  t.setup.standardize = true;
  return t;
}

}  // namespace

BenchTask BenchTask::with_seed(std::uint64_t seed) const {
  BenchTask t = *this;
  t.setup.seed = t.options.seed = seed;
  return t;
}

const std::vector<BenchTask>& bench_tasks() {
  static const std::vector<BenchTask> tasks = {
      task("digits_mlp_gd", "mlp:64-128-128-10:tanh", "digits", "cross_entropy", {"gd", {}, 64, 400}, 0.125),
      task("digits_mlp_momentum", "mlp:64-128-128-10:relu", "digits", "cross_entropy",
           {"sgd", {{"momentum", 0.9}}, 64, 400}, 1.0 / 64),
      task("digits_cnn_adam", "cnn:8-16:relu", "digits", "cross_entropy", {"adam", {}, 64, 300}, 1.0 / 1024),
      task("cancer_raw", "linear", "breast_cancer", "bce", {"gd", {}, 0, 400}, 1.0 / (1 << 15)),
      standardized(task("cancer_standardized", "linear", "breast_cancer", "bce", {"gd", {}, 0, 400}, 0.125)),
      task("copying_transformer", "transformer:width=32,layers=2,heads=2",
           "copying:length=8,vocabulary=10,examples=512", "cross_entropy", {"adamw", {}, 32, 300}, 1.0 / 1024),
  };
  return tasks;
}

TaskRuns::TaskRuns(const BenchTask& task)
    : name_(task.name),
      options_(task.options),
      problem_(make_problem(task.setup)),
      terms_(terms_of(*problem_, options_)),
      chance_loss_(problem_->objective().baseline().value()) {
  problem_->objective().set_parameters(problem_->start(options_.seed));
  start_loss_ = problem_->objective().loss();
}

std::unique_ptr<TrialRun> TaskRuns::run(double lr, std::uint64_t seed, long warmup) {
  return std::make_unique<TrialRun>(*problem_, options_, terms_, start_loss_, lr, seed, warmup);
}

RunRecord TaskRuns::whole_run(double lr, std::uint64_t seed, long warmup) {
  return run(lr, seed, warmup)->train_to(options_.steps);
}

TaskRuns::Losses TaskRuns::at_start(std::uint64_t seed) {
  problem_->objective().set_parameters(problem_->start(seed));
  const double training = problem_->objective().loss();
  return {problem_->validation() ? problem_->validation()->loss() : training, training};
}
