#include "etamax/problem/small_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <random>

#include "etamax/core/error.h"

namespace etamax {
namespace {

constexpr std::size_t kMostHidden = 3, kWidest = 32;
constexpr double kSameOutputs = 1e-3;

/// A number and its derivative along a direction of the parameters.
struct Dual {
  double value = 0, slope = 0;
};
Dual operator+(Dual a, Dual b) { return {a.value + b.value, a.slope + b.slope}; }
Dual operator-(Dual a, Dual b) { return {a.value - b.value, a.slope - b.slope}; }
Dual operator*(Dual a, Dual b) { return {a.value * b.value, a.slope * b.value + a.value * b.slope}; }
double value_of(double x) { return x; }
double value_of(Dual x) { return x.value; }

double tanh_of(double x) { return std::tanh(x); }
Dual tanh_of(Dual x) {
  const double y = std::tanh(x.value);
  return {y, (1 - y * y) * x.slope};
}
/// 1 / (1 + e^-x), by its smaller exponential.
double logistic(double x) {
  const double e = std::exp(-std::abs(x));
  return x >= 0 ? 1 / (1 + e) : e / (1 + e);
}
Dual logistic(Dual x) {
  const double y = logistic(x.value), other = logistic(-x.value);
  return {y, y * other * x.slope};
}
/// Less a target that is 0 or 1, without cancellation.
template <typename T>
T logistic_less(T x, double target) {
  return target > 0.5 ? T{} - logistic(T{} - x) : logistic(x);
}

double loss_of(SmallLoss loss, double output, double target) {
  if (loss == SmallLoss::mse) return (output - target) * (output - target);
  return (output > 0 ? output * (1 - target) : -output * target) + std::log1p(std::exp(-std::abs(output)));
}

/// One example's way through the network and back. T: double; or Dual, where the parameters are.
template <typename T>
class Pass {
 public:
  explicit Pass(const SmallNetworkShape& shape) : shape_(shape) {
    for (const std::size_t width : shape.widths) units_.emplace_back(width);
    back_ = units_;
  }

  T output(const T* parameters, const std::array<double, 2>& point) {
    units_[0] = {T{point[0]}, T{point[1]}};
    const std::size_t layers = shape_.widths.size() - 1;
    for (std::size_t l = 0; l < layers; ++l) {
      const std::vector<T>& in = units_[l];
      std::vector<T>& out = units_[l + 1];
      const T *weight = parameters, *bias = parameters + in.size() * out.size();
      for (std::size_t j = 0; j < out.size(); ++j) {
        T z = bias[j];
        for (const T& unit : in) z = z + *weight++ * unit;
        out[j] = l + 1 == layers ? z : activated(z);
      }
      parameters = bias + out.size();
    }
    return units_.back()[0];
  }

  /// Adds the gradient of the loss, `slope` by the output.
  void add_gradient(const T* parameters, T slope, T* gradient) {
    back_.back()[0] = slope;
    std::size_t at = shape_.parameters();
    for (std::size_t l = shape_.widths.size() - 1; l-- > 0;) {
      const std::vector<T>&in = units_[l], &delta = back_[l + 1];
      at -= (in.size() + 1) * delta.size();
      std::vector<T>& before = back_[l];
      std::fill(before.begin(), before.end(), T{});
      for (std::size_t j = 0; j < delta.size(); ++j) {
        for (std::size_t i = 0; i < in.size(); ++i) {
          const std::size_t k = at + j * in.size() + i;
          gradient[k] = gradient[k] + delta[j] * in[i];
          before[i] = before[i] + parameters[k] * delta[j];
        }
        T& bias = gradient[at + in.size() * delta.size() + j];
        bias = bias + delta[j];
      }
      if (l > 0)
        for (std::size_t i = 0; i < in.size(); ++i) before[i] = before[i] * slope_at(in[i]);
    }
  }

 private:
  T activated(T z) const {
    if (shape_.relu) return value_of(z) > 0 ? z : T{};
    return tanh_of(z);
  }
  /// Of the activation, where it gave y.
  T slope_at(T y) const {
    if (shape_.relu) return T{value_of(y) > 0 ? 1.0 : 0.0};
    return T{1} - y * y;
  }

  const SmallNetworkShape& shape_;
  std::vector<std::vector<T>> units_, back_;
};

template <typename T>
T loss_slope(SmallLoss loss, T output, double target) {
  return loss == SmallLoss::mse ? T{2} * (output - T{target}) : logistic_less(output, target);
}

std::vector<Dual> duals(const Eigen::VectorXd& x, const Eigen::VectorXd& v) {
  std::vector<Dual> both;
  for (Eigen::Index i = 0; i < x.size(); ++i) both.push_back({x[i], v[i]});
  return both;
}

PlaneData data_of(const std::string& name) {
  const std::string prefix = "plane:";
  if (!name.starts_with(prefix))
    throw InputError("data", "'" + name + "'", "plane: and the name of a shape, as plane:moons");
  return plane_data(name.substr(prefix.size()));
}

InputError wrong_model(const std::string& model) {
  return InputError("model", "'" + model + "'",
                    fmt::format("mlp:2-WIDTHS-1:tanh, or relu, with one to {} WIDTHS from 1 to {}, as mlp:2-8-1:tanh",
                                kMostHidden, kWidest));
}

SmallNetworkShape shape_of(const SmallNetworkOptions& options) {
  SmallNetworkShape shape;
  const std::string& model = options.model;
  const std::size_t colon = model.find(':', 4);
  const std::string activation = colon == std::string::npos ? "tanh" : model.substr(colon + 1);
  if (!model.starts_with("mlp:") || (activation != "tanh" && activation != "relu")) throw wrong_model(model);
  shape.relu = activation == "relu";
  const char *at = model.data() + 4, *end = model.data() + std::min(colon, model.size());
  while (true) {
    std::size_t width = 0;
    const auto read = std::from_chars(at, end, width);
    if (read.ec != std::errc() || width < 1 || width > kWidest) throw wrong_model(model);
    shape.widths.push_back(width);
    if (read.ptr == end) break;
    if (*read.ptr != '-') throw wrong_model(model);
    at = read.ptr + 1;
  }
  if (shape.widths.size() < 3 || shape.widths.size() > 2 + kMostHidden || shape.widths.front() != 2 ||
      shape.widths.back() != 1)
    throw wrong_model(model);
  if (options.loss != "mse" && options.loss != "bce") throw InputError("loss", "'" + options.loss + "'", "mse or bce");
  shape.loss = options.loss == "mse" ? SmallLoss::mse : SmallLoss::bce;
  return shape;
}

SmallNetworkObjective objective_of(const SmallNetworkOptions& options) {
  SmallNetworkShape shape = shape_of(options);
  Eigen::VectorXd start = shape.start(options.seed);
  return {std::move(shape), data_of(options.data), std::move(start)};
}

}  // namespace

std::size_t SmallNetworkShape::parameters() const {
  std::size_t count = 0;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) count += (widths[l] + 1) * widths[l + 1];
  return count;
}

std::vector<ParameterBlock> SmallNetworkShape::blocks() const {
  std::vector<ParameterBlock> all;
  std::size_t at = 0;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l)  // an activation stands between two layers, and is counted too
    for (const bool weight : {true, false}) {
      const std::size_t size = (weight ? widths[l] : 1) * widths[l + 1];
      all.push_back({fmt::format("{}.{}", 2 * l, weight ? "weight" : "bias"), at, at + size});
      at += size;
    }
  return all;
}

Eigen::VectorXd SmallNetworkShape::start(std::uint64_t seed) const {
  std::mt19937 random(static_cast<std::uint32_t>(seed));
  Eigen::VectorXd x(static_cast<Eigen::Index>(parameters()));
  Eigen::Index at = 0;
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    const float bound = static_cast<float>(1 / std::sqrt(static_cast<double>(widths[l])));
    const std::size_t size = (widths[l] + 1) * widths[l + 1];
    for (std::size_t k = 0; k < size; ++k)  // 24 bits, as many as a number of 32 bit holds
      x[at++] = static_cast<float>(static_cast<double>(random() & 0xFFFFFF) * 0x1p-24 * (2 * bound) - bound);
  }
  return x;
}

SmallNetworkObjective::SmallNetworkObjective(SmallNetworkShape shape, PlaneData data, Eigen::VectorXd start)
    : DenseObjective(shape.blocks(), std::move(start)), shape_(std::move(shape)), data_(std::move(data)) {}

double SmallNetworkObjective::value(const Eigen::VectorXd& x) {
  Pass<double> pass(shape_);
  double sum = 0;
  for (std::size_t i = 0; i < data_.labels.size(); ++i)
    sum += loss_of(shape_.loss, pass.output(x.data(), data_.points[i]), data_.labels[i]);
  return sum / static_cast<double>(data_.labels.size());
}

Eigen::VectorXd SmallNetworkObjective::gradient_at(const Eigen::VectorXd& x) {
  Pass<double> pass(shape_);
  Eigen::VectorXd gradient = Eigen::VectorXd::Zero(x.size());
  for (std::size_t i = 0; i < data_.labels.size(); ++i) {
    const double output = pass.output(x.data(), data_.points[i]);
    pass.add_gradient(x.data(), loss_slope(shape_.loss, output, data_.labels[i]), gradient.data());
  }
  return gradient / static_cast<double>(data_.labels.size());
}

Eigen::VectorXd SmallNetworkObjective::product(const Eigen::VectorXd& x, const Eigen::VectorXd& v) {
  Pass<Dual> pass(shape_);
  const std::vector<Dual> parameters = duals(x, v);
  std::vector<Dual> gradient(parameters.size());
  for (std::size_t i = 0; i < data_.labels.size(); ++i) {
    const Dual output = pass.output(parameters.data(), data_.points[i]);
    pass.add_gradient(parameters.data(), loss_slope(shape_.loss, output, data_.labels[i]), gradient.data());
  }
  Eigen::VectorXd product(x.size());
  for (Eigen::Index k = 0; k < x.size(); ++k) product[k] = gradient[static_cast<std::size_t>(k)].slope;
  return product / static_cast<double>(data_.labels.size());
}

std::vector<double> SmallNetworkObjective::outputs(const std::vector<std::array<double, 2>>& points) const {
  Pass<double> pass(shape_);
  std::vector<double> all;
  for (const auto& point : points) all.push_back(pass.output(x().data(), point));
  return all;
}

std::optional<double> SmallNetworkObjective::baseline() const {
  double ones = 0;
  for (const int label : data_.labels) ones += label;
  const double p = ones / static_cast<double>(data_.labels.size());
  if (shape_.loss == SmallLoss::mse) return p * (1 - p);
  const auto part = [](double q) { return q > 0 ? -q * std::log(q) : 0; };
  return part(p) + part(1 - p);
}

bool SmallNetworkObjective::outputs_are_all_the_same() {
  const std::vector<double> all = outputs(data_.points);
  const auto [low, high] = std::minmax_element(all.begin(), all.end());
  return *high - *low <= kSameOutputs * std::max(std::abs(*low), std::abs(*high));
}

std::unique_ptr<Objective> SmallNetworkObjective::objective_on(const Rows& rows) {
  PlaneData some{data_.name, {}, {}};
  for (const std::int64_t row : rows) {
    some.points.push_back(data_.points[static_cast<std::size_t>(row)]);
    some.labels.push_back(data_.labels[static_cast<std::size_t>(row)]);
  }
  return std::make_unique<SmallNetworkObjective>(shape_, std::move(some), x());
}

std::vector<double> SmallNetworkObjective::losses() {
  std::vector<double> all = outputs(data_.points);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = loss_of(shape_.loss, all[i], data_.labels[i]);
  return all;
}

std::vector<double> SmallNetworkObjective::curvatures(const Vector& v) {
  const Eigen::VectorXd& direction = etamax::entries(v);
  std::vector<double> all;
  for (std::int64_t i = 0; i < count(); ++i) all.push_back(direction.dot(etamax::entries(batch_product({i}, v))));
  return all;
}

LossAndGradient SmallNetworkObjective::batch_gradient(const Rows& rows) {
  return objective_on(rows)->loss_and_gradient();
}

Vector SmallNetworkObjective::batch_product(const Rows& rows, const Vector& v) {
  Vector product;
  objective_on(rows)->apply(v, product);
  return product;
}

SmallNetworkProblem::SmallNetworkProblem(const SmallNetworkOptions& options, Optimizer optimizer)
    : options_(options), f_(objective_of(options)), optimizer_(std::move(optimizer)) {}

ProblemDescription SmallNetworkProblem::description() const {
  ProblemDescription about;
  about.model = options_.model, about.data = f_.data().name, about.loss = options_.loss;
  return about;
}

}  // namespace etamax
