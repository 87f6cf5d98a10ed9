// Whatever is asked about somebody's module, and however it ends, the module and the process are afterwards as they
// were, to the bit.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/nn.h>
#include <torch/version.h>

#include <cstring>
#include <stdexcept>

#include "../refusal.h"
#include "etamax/analyze/analyze.h"
#include "etamax/curvature/probe.h"
#include "etamax/model/model_problem.h"
#include "etamax/tune/tune.h"
#include "tensors.h"

namespace etamax {
namespace {

using testing::expect_refused;

using torch::Tensor;

/// All that a loan may touch: norms with statistics, dropout, a frozen layer, a layer that is held twice, one that is
/// not used, a parameter that is not contiguous, buffers of our own; in mixed modes.
struct Guest : torch::nn::Module {
  torch::nn::Linear first{nullptr}, frozen{nullptr}, shared{nullptr}, unused{nullptr}, last{nullptr};
  torch::nn::BatchNorm1d norm{nullptr}, inner_norm{nullptr};
  torch::nn::Dropout dropout{nullptr};
  torch::nn::Sequential inner{nullptr};
  torch::nn::LSTM recurrent{nullptr};
  Tensor scale, offset, calls;
  /// Thrown by the forward pass of that number, counted from 0.
  long throws_at = -1, forwards = 0;
  std::exception_ptr thrown;

  Guest() {
    first = register_module("first", torch::nn::Linear(5, 6));
    norm = register_module("norm", torch::nn::BatchNorm1d(6));
    dropout = register_module("dropout", torch::nn::Dropout(0.5));
    frozen = register_module("frozen", torch::nn::Linear(6, 6));
    inner_norm = torch::nn::BatchNorm1d(6);
    inner = register_module("inner", torch::nn::Sequential(torch::nn::Linear(6, 6), inner_norm, torch::nn::Dropout(0.3),
                                                           torch::nn::Functional(torch::tanh)));
    recurrent = register_module(
        "recurrent", torch::nn::LSTM(torch::nn::LSTMOptions(6, 3).num_layers(2).dropout(0.4).batch_first(true)));
    shared = register_module("shared", torch::nn::Linear(6, 6));
    register_module("shared_again", shared);
    unused = register_module("unused", torch::nn::Linear(4, 4));
    last = register_module("last", torch::nn::Linear(6, 3));
    scale = register_parameter("scale", torch::rand({6, 6}).t() + 0.5);
    offset = register_buffer("offset", torch::randn({6}));
    calls = register_buffer("calls", torch::zeros({1}, torch::kLong));
    for (Tensor& p : frozen->parameters()) p.set_requires_grad(false);
  }

  Tensor forward(const Tensor& x) {
    if (forwards++ == throws_at) std::rethrow_exception(thrown);
    calls.add_(1);
    Tensor h = torch::tanh(norm(first(x)));
    h = h + frozen(dropout(h));
    h = inner->forward(h).mm(scale) + offset;
    h = torch::tanh(shared(torch::tanh(shared(h))));
    h = h + std::get<0>(recurrent->forward(h.unsqueeze(1))).squeeze(1).repeat({1, 2});
    return last(h);
  }
};

/// Everything of a tensor that its owner can see.
struct Picture {
  void *tensor, *data;
  Tensor value, grad_value;
  void* grad_data = nullptr;
  std::vector<int64_t> sizes, strides;
  torch::ScalarType type;
  torch::Device device;
  bool requires_grad, is_leaf;
  int64_t version;

  explicit Picture(const Tensor& x)
      : tensor(x.unsafeGetTensorImpl()),
        data(x.data_ptr()),
        value(x.detach().clone()),
        sizes(x.sizes().vec()),
        strides(x.strides().vec()),
        type(x.scalar_type()),
        device(x.device()),
        requires_grad(x.requires_grad()),
        is_leaf(x.is_leaf()),
        version(x._version()) {
    if (!x.grad().defined()) return;
    grad_value = x.grad().clone();
    grad_data = x.grad().data_ptr();
  }
};

bool same_bits(const Tensor& a, const Tensor& b) {
  if (a.defined() != b.defined()) return false;
  if (!a.defined()) return true;
  const Tensor x = a.contiguous(), y = b.contiguous();
  return x.scalar_type() == y.scalar_type() && x.sizes() == y.sizes() &&
         std::memcmp(x.data_ptr(), y.data_ptr(), x.nbytes()) == 0;
}

bool operator==(const Picture& a, const Picture& b) {
  return a.tensor == b.tensor && a.data == b.data && same_bits(a.value, b.value) &&
         same_bits(a.grad_value, b.grad_value) && a.grad_data == b.grad_data && a.sizes == b.sizes &&
         a.strides == b.strides && a.type == b.type && a.device == b.device && a.requires_grad == b.requires_grad &&
         a.is_leaf == b.is_leaf && a.version == b.version;
}

/// The module, and what of the process a library might change.
struct World {
  std::vector<std::pair<std::string, Picture>> tensors;
  std::vector<bool> modes;
  Tensor generator;
  caffe2::TypeMeta type = torch::get_default_dtype();
  bool grad_mode = torch::GradMode::is_enabled();
  int threads = at::get_num_threads();
  std::vector<bool> flags;

  explicit World(const Guest& module) : generator(at::detail::getDefaultCPUGenerator().get_state()) {
    for (const auto& p : module.named_parameters()) tensors.push_back({p.key(), Picture(p.value())});
    for (const auto& b : module.named_buffers()) tensors.push_back({b.key(), Picture(b.value())});
    for (const auto& part : module.modules(/*include_self=*/false)) modes.push_back(part->is_training());
    modes.push_back(module.is_training());
    const at::Context& context = at::globalContext();
    flags = {context.deterministicAlgorithms(), context.userEnabledMkldnn(), context.allowTF32CuBLAS()};
#if TORCH_VERSION_MAJOR >= 2 || TORCH_VERSION_MINOR >= 13
    flags.insert(flags.end(), {context.userEnabledFlashSDP(), context.userEnabledMathSDP()});
#endif
#if TORCH_VERSION_MAJOR >= 2
    flags.push_back(context.userEnabledMemEfficientSDP());
#endif
  }
};

void expect_same(const World& before, const World& after) {
  ASSERT_EQ(before.tensors.size(), after.tensors.size());
  for (std::size_t i = 0; i < before.tensors.size(); ++i) {
    EXPECT_EQ(before.tensors[i].first, after.tensors[i].first);
    EXPECT_TRUE(before.tensors[i].second == after.tensors[i].second) << before.tensors[i].first;
  }
  EXPECT_EQ(before.modes, after.modes);
  EXPECT_TRUE(same_bits(before.generator, after.generator));
  EXPECT_EQ(before.type, after.type);
  EXPECT_EQ(before.grad_mode, after.grad_mode);
  EXPECT_EQ(before.threads, after.threads);
  EXPECT_EQ(before.flags, after.flags);
}

Dataset three_classes(int64_t features = 5) {
  Dataset data;
  data.name = "random";
  const at::Generator random = at::detail::createCPUGenerator(3);
  data.inputs = torch::randn({48, features}, random, torch::kDouble);
  data.inputs.select(1, 0) *= 30;  // dominates: the analysis standardizes as well
  data.targets = torch::arange(48, torch::kDouble).remainder(3);
  return data;
}

struct Kind {
  torch::ScalarType module, analysis;
};

class Loan : public ::testing::TestWithParam<Kind> {
 protected:
  Loan() {
    torch::manual_seed(11);
    module_ = std::make_shared<Guest>();
    module_->to(GetParam().module);
    // A step of training of its own: statistics, gradients, numbers of updates.
    module_->train();
    pending_ = module_->forward(three_classes().inputs.to(GetParam().module)).square().mean();
    pending_.backward({}, /*keep_graph=*/true);
    // Its own modes, and a gradient that it keeps where none is due.
    module_->inner_norm->eval();
    module_->dropout->eval();
    module_->first->eval();
    module_->unused->weight.mutable_grad() = torch::ones_like(module_->unused->weight);
    torch::rand({7});  // somewhere in the generator's stream
  }

  Network network() const {
    return network_of("guest", module_, [module = module_.get()](const Tensor& x) { return module->forward(x); });
  }
  ModelProblemOptions problem_options(const std::string& optimizer = "adam") const {
    ModelProblemOptions options;
    options.optimizer = optimizer;
    options.objective.type = GetParam().analysis;
    return options;
  }
  ModelObjectiveOptions objective_options() const { return {4096, GetParam().analysis, torch::kCPU, {}}; }
  static const LossSpec& loss() { return find_loss("cross_entropy"); }

  /// Does it, and looks.
  template <typename Work>
  void leaves_no_trace(const std::string& what, Work work) {
    SCOPED_TRACE(what);
    const World before(*module_);
    work();
    expect_same(before, World(*module_));
  }

  std::shared_ptr<Guest> module_;
  Tensor pending_;  ///< a loss whose graph is alive
};

INSTANTIATE_TEST_SUITE_P(Guest, Loan,
                         ::testing::Values(Kind{torch::kDouble, torch::kFloat}, Kind{torch::kFloat, torch::kDouble},
                                           Kind{torch::kFloat, torch::kFloat}, Kind{torch::kDouble, torch::kDouble}),
                         [](const auto& i) {
                           const auto name = [](torch::ScalarType type) {
                             return type == torch::kDouble ? "double" : "float";
                           };
                           return std::string(name(i.param.module)) + "_in_" + name(i.param.analysis);
                         });

AnalyzeOptions short_analysis(std::int64_t batch_size = 0) {
  AnalyzeOptions options;
  options.steps = 6;
  options.preconditioner_steps = 4;
  options.batch_size = batch_size;
  return options;
}

TuneOptions short_tuning(std::int64_t batch_size) {
  TuneOptions options;
  options.steps = 16;
  options.batch_size = batch_size;
  options.seeds = 2;
  options.budget = 6;
  return options;
}

TEST_P(Loan, OfAnAnalysis) {
  for (const char* optimizer : {"gd", "adam"})
    for (const std::int64_t batch_size : {0, 20})
      for (const std::int64_t samples : {0, 40}) {
        ModelProblemOptions options = problem_options(optimizer);
        options.samples = samples;
        leaves_no_trace("analyze", [&] {
          ModelProblem problem(network(), three_classes(), loss(), options);
          const Analysis a = analyze(problem, short_analysis(batch_size));
          EXPECT_FALSE(a.partial);
          EXPECT_FALSE(a.runs.empty());
          EXPECT_FALSE(a.culprits.inputs.empty());
          EXPECT_TRUE(a.culprits.standardized_edge.has_value());
        });
      }
}

TEST_P(Loan, OfATuning) {
  for (const std::int64_t batch_size : {0, 10}) {
    ModelProblemOptions options = problem_options("sgd");
    options.validation = 0.25;
    options.standardize = true;
    if (batch_size > 0) options.other_start = [this](std::uint64_t) { return network(); };
    leaves_no_trace("tune", [&] {
      ModelProblem problem(network(), three_classes(), loss(), options);
      const Tuning t = tune(problem, short_tuning(batch_size));
      EXPECT_FALSE(t.partial);
      EXPECT_FALSE(t.trials.empty());
    });
  }
}

/// Everything that can be asked of an objective.
void ask_all(ModelObjective& f) {
  const Vector v = f.random_normal(1);
  Vector out;
  f.loss();
  f.gradient();
  f.apply(v, out);
  f.gradient();
  f.loss_and_gradient();
  f.losses();
  f.curvatures(v);
  f.batch_gradient({1, 5, 7});
  f.batch_product({1, 5, 7}, v);
  f.outputs();
  f.outputs_are_all_the_same();
  f.baseline();
  f.objective_on({0, 1, 2, 3})->gradient();
  if (const auto exact = f.in_64_bit()) exact->apply(exact->random_normal(2), out);
  const Optimizer gd = make_optimizer("gd", {});
  Probe(f, gd).look({.max_products = 5, .direction = true});
}

TEST_P(Loan, OfAnObjectiveThatIsReadOrWrittenTo) {
  leaves_no_trace("read", [&] {
    ModelObjective f(network(), three_classes(), loss(), objective_options());
    EXPECT_EQ(f.frozen(), (std::vector<std::string>{"frozen.weight", "frozen.bias"}));
    EXPECT_EQ(f.unused(), (std::vector<std::string>{"unused.weight", "unused.bias"}));
    ask_all(f);
  });
  leaves_no_trace("either method, in chunks", [&] {
    for (const auto method :
         {ProductMethod::double_backward, ProductMethod::forward_over_reverse, ProductMethod::reverse_over_forward}) {
      ModelObjectiveOptions options = objective_options();
      options.method = method;
      options.chunk = 20;
      ModelObjective f(network(), three_classes(), loss(), options);
      Vector out;
      try {
        f.apply(f.random_normal(1), out);
      } catch (const c10::Error&) {  // not every LibTorch has the derivatives of a recurrent layer
        EXPECT_NE(method, ProductMethod::double_backward);
      }
    }
  });
  leaves_no_trace("written", [&] {
    ModelObjective f(network(), three_classes(), loss(), objective_options());
    Vector x = f.parameters();
    f.set_parameters(x.scale(2));
    f.loss_and_gradient();
  });
  leaves_no_trace("nested", [&] {
    ModelObjective f(network(), three_classes(), loss(), objective_options());
    const double before = f.loss();
    {
      ModelObjective g(network(), three_classes(), loss(), {4096, torch::kDouble, torch::kCPU, {}});
      Vector x = g.parameters();
      g.set_parameters(x.scale(3));
      g.gradient();
    }
    EXPECT_EQ(f.loss(), before);
  });
}

TEST_P(Loan, ThatIsRefused) {
  leaves_no_trace("features that do not fit", [&] {
    expect_refused("model", "cannot take examples of shape",
                   [&] { ModelProblem problem(network(), three_classes(4), loss(), problem_options()); });
  });
  leaves_no_trace("more classes than outputs", [&] {
    Dataset data = three_classes();
    data.targets[0] = 7;
    expect_refused("model", "needs 8", [&] { ModelProblem(network(), data, loss(), problem_options()); });
  });
  leaves_no_trace("a loss that is not finite", [&] {
    LossSpec infinite = loss();
    infinite.each = [](const Tensor& outputs, const Tensor& targets) {
      return find_loss("cross_entropy").each(outputs, targets) / torch::zeros({1}, outputs.options());
    };
    ModelProblem problem(network(), three_classes(), infinite, problem_options());
    expect_refused("model", "before any step", [&] { analyze(problem, short_analysis()); });
    expect_refused("model", "before any step", [&] { tune(problem, short_tuning(0)); });
  });
  leaves_no_trace("options", [&] {
    ModelProblem problem(network(), three_classes(), loss(), problem_options());
    expect_refused("batch_size", "", [&] { analyze(problem, short_analysis(49)); });
    expect_refused("steps", "", [&] { tune(problem, {.steps = 3}); });
  });
}

TEST_P(Loan, WhoseForwardPassThrows) {
  const auto throwing = [&](auto error, long at, auto work) {
    leaves_no_trace("at forward pass " + std::to_string(at), [&] {
      module_->forwards = 0;
      module_->throws_at = at;
      module_->thrown = std::make_exception_ptr(error);
      EXPECT_THROW(work(), decltype(error)) << at;
      module_->throws_at = -1;
    });
  };
  for (const long at : {2, 3, 4, 8, 20, 60}) {
    throwing(std::runtime_error("somebody's own"), at, [&] {
      ModelProblem problem(network(), three_classes(), loss(), problem_options());
      analyze(problem, short_analysis(20));
    });
    throwing(std::bad_alloc(), at, [&] {
      ModelProblemOptions options = problem_options("sgd");
      options.validation = 0.25;
      ModelProblem problem(network(), three_classes(), loss(), options);
      tune(problem, short_tuning(10));
    });
    throwing(std::bad_alloc(), at, [&] {
      ModelObjective f(network(), three_classes(), loss(), objective_options());
      for (int i = 0; i < 10; ++i) ask_all(f);
    });
  }
  throwing(std::runtime_error("at once"), 0, [&] { ModelObjective(network(), three_classes(), loss(), {}); });
}

/// Asked so often in all, it is ended at several points from the first to the last. `work` gives whether it ended
/// early.
template <typename Work>
void end_at_several_points(Work work) {
  int calls = 0;
  EXPECT_FALSE(work([&](double) { return ++calls > 0; }));
  ASSERT_GT(calls, 10);
  for (const int last : {1, 2, 5, calls / 4, calls / 2, 3 * calls / 4, calls}) {
    SCOPED_TRACE("ended at call " + std::to_string(last) + " of " + std::to_string(calls));
    int now = 0;
    EXPECT_TRUE(work([&](double) { return ++now < last; }));
  }
}

TEST_P(Loan, ThatIsInterrupted) {
  bool early = false;
  end_at_several_points([&](const Progress& progress) {
    leaves_no_trace("analyze", [&] {
      ModelProblem problem(network(), three_classes(), loss(), problem_options());
      AnalyzeOptions options = short_analysis(20);
      options.progress = progress;
      early = analyze(problem, options).partial;
    });
    return early;
  });
  end_at_several_points([&](const Progress& progress) {
    leaves_no_trace("tune", [&] {
      ModelProblem problem(network(), three_classes(), loss(), problem_options());
      TuneOptions options = short_tuning(10);
      options.progress = progress;
      early = tune(problem, options).partial;
    });
    return early;
  });
  end_at_several_points([&](const Progress& progress) {
    leaves_no_trace("a listener that throws", [&] {
      ModelProblem problem(network(), three_classes(), loss(), problem_options());
      AnalyzeOptions options = short_analysis();
      options.progress = [&](double done) { return progress(done) ? true : throw std::runtime_error("gone"); };
      early = false;
      try {
        analyze(problem, options);
      } catch (const std::runtime_error& e) {
        early = std::string(e.what()) == "gone";
      }
    });
    return early;
  });
}

TEST_P(Loan, WhereTheProcessHasItsOwnSettings) {
  const auto type = torch::get_default_dtype();
  const int threads = at::get_num_threads();
  torch::set_default_dtype(torch::scalarTypeToTypeMeta(torch::kDouble));
  at::set_num_threads(1);
#if TORCH_VERSION_MAJOR >= 2 || TORCH_VERSION_MINOR >= 13
  at::globalContext().setSDPUseFlash(false);
#endif
  leaves_no_trace("other defaults", [&] {
    ModelProblem problem(network(), three_classes(), loss(), problem_options());
    analyze(problem, short_analysis());
  });
  {
    const torch::NoGradGuard no_gradient;  // whoever calls us need not want gradients
    leaves_no_trace("no gradients", [&] {
      ModelProblem problem(network(), three_classes(), loss(), problem_options());
      EXPECT_FALSE(analyze(problem, short_analysis()).partial);
      ask_all(problem.objective());
    });
  }
#if TORCH_VERSION_MAJOR >= 2 || TORCH_VERSION_MINOR >= 13
  at::globalContext().setSDPUseFlash(true);
#endif
  at::set_num_threads(threads);
  torch::set_default_dtype(type);
}

/// A graph that the owner made before can be differentiated afterwards: autograd finds its tensors unchanged.
TEST_P(Loan, LeavesAGraphOfTheOwnersWhole) {
  std::vector<Tensor> wanted;
  for (const Tensor& p : module_->parameters())
    if (p.requires_grad()) wanted.push_back(p);
  const auto gradients = [&] {
    return torch::autograd::grad({pending_}, wanted, {}, /*retain_graph=*/true, false, /*allow_unused=*/true);
  };
  const auto before = gradients();
  {
    ModelProblem problem(network(), three_classes(), loss(), problem_options());
    analyze(problem, short_analysis());
  }
  const auto after = gradients();
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_TRUE(same_bits(before[i], after[i])) << i;
}

TEST_P(Loan, CountsALayerThatIsHeldTwiceOnce) {
  ModelObjective f(network(), three_classes(), loss(), objective_options());
  std::size_t wanted = 0;
  for (const auto& p : module_->named_parameters())
    if (p.key().rfind("shared_again", 0) != 0 && p.key().rfind("unused", 0) != 0 && p.key().rfind("frozen", 0) != 0)
      wanted += static_cast<std::size_t>(p.value().numel());
  EXPECT_EQ(f.dim(), wanted);
  if (GetParam().analysis != torch::kDouble) return;
  const Tensor v = testing::random_normal(f, 1);
  const auto slope = [&](double h) { return testing::product_by_differences(f, v, h); };
  EXPECT_LT(testing::distance((4 * slope(1e-5) - slope(2e-5)) / 3, testing::product(f, v)), 1e-6);
}

}  // namespace
}  // namespace etamax
