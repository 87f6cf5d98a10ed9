#include "tasks.h"

using etamax::Settings;
using etamax::TuneRequest;

namespace {

struct Training {
  std::string optimizer;
  Settings settings;
  std::int64_t batch_size;
  long steps;
};

TuneRequest request(const std::string& model, const std::string& data, const std::string& loss,
                    const Training& training) {
  TuneRequest r;
  r.model = model;
  r.data = data;
  r.loss = loss;
  r.options.optimizer = training.optimizer;
  r.options.settings = training.settings;
  r.options.batch_size = training.batch_size;
  r.options.steps = training.steps;
  r.options.budget = 3;
  r.options.validation = 0.2;
  return r;
}

TuneRequest standardized(TuneRequest r) {
  r.options.standardize = true;
  return r;
}

}  // namespace

const std::vector<BenchTask>& bench_tasks() {
  const TuneRequest cancer = request("linear", "breast_cancer", "bce", {"gd", {}, 0, 400});
  static const std::vector<BenchTask> tasks = {
      {"digits_mlp_gd", request("mlp:64-128-128-10:tanh", "digits", "cross_entropy", {"gd", {}, 64, 400}), 0.125},
      {"digits_mlp_momentum",
       request("mlp:64-128-128-10:relu", "digits", "cross_entropy", {"sgd", {{"momentum", 0.9}}, 64, 400}), 1.0 / 64},
      {"digits_cnn_adam", request("cnn:8-16:relu", "digits", "cross_entropy", {"adam", {}, 64, 300}), 1.0 / 1024},
      {"cancer_raw", cancer, 1.0 / (1 << 15)},
      {"cancer_standardized", standardized(cancer), 0.125},
      {"copying_transformer",
       request("transformer:width=32,layers=2,heads=2", "copying:length=8,vocabulary=10,examples=512", "cross_entropy",
               {"adamw", {}, 32, 300}),
       1.0 / 1024},
  };
  return tasks;
}
