#include "certify.h"

#include <pybind11/stl.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "arguments.h"
#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/curvature/probe.h"
#include "etamax/optim/options.h"
#include "etamax/problem/dense.h"
#include "interruption.h"
#include "problem.h"

namespace py = pybind11;

namespace etamax::python {
namespace {

/// The largest entry of the products of an operator, of which squares of the smallest differences that count (1e-14 of
/// it) are still numbers. Below, norms are lost, and with them the bounds.
constexpr double kSmallestScale = 1e-138;

/// What products of that unit roundoff may lose of their symmetry: half of their digits, as differences of gradients
/// do.
double asymmetry_by_rounding(double roundoff) { return 4 * std::sqrt(roundoff); }

void check_scale(double size) {
  if (size > 0 && size < kSmallestScale)
    throw InputError("matvec", "its products are of the size " + format_number(size, 2) +
                                   ", whose squares are no numbers: multiply it by 1e" +
                                   std::to_string(static_cast<int>(std::round(-std::log10(size)))));
}

/// What half of v' A v asks: its Hessian is the operator.
class OperatorObjective final : public DenseObjective {
 public:
  OperatorObjective(const py::function& product, std::size_t n, double roundoff)
      : DenseObjective(Eigen::VectorXd::Zero(static_cast<Eigen::Index>(n))), product_(product), roundoff_(roundoff) {}
  double value(const Eigen::VectorXd& x) override { return 0.5 * x.dot(product(x, x)); }
  Eigen::VectorXd gradient_at(const Eigen::VectorXd& x) override { return product(x, x); }
  Eigen::VectorXd product(const Eigen::VectorXd&, const Eigen::VectorXd& v) override {
    // By Python's buffers alone: arrays of NumPy 2 look different from those that an older pybind11 knows.
    const auto in = py::memoryview::from_memory(v.data(), static_cast<py::ssize_t>(sizeof(double)) * v.size());
    const py::buffer_info out = product_(in).cast<py::buffer>().request();
    if (out.itemsize != sizeof(double) || out.size != v.size()) throw std::logic_error("a product of another form");
    const Eigen::Map<const Eigen::VectorXd> result(static_cast<const double*>(out.ptr), v.size());
    largest_ = std::max(largest_, result.lpNorm<Eigen::Infinity>());  // of a random vector at first, which misses none
    check_scale(largest_);
    return result;
  }
  double roundoff() const override { return roundoff_; }

 private:
  const py::function& product_;
  double roundoff_;
  double largest_ = 0;
};

double size_of(const Interval& x) { return std::max(std::abs(x.lower.value_or(0)), std::abs(x.upper.value_or(0))); }

/// The roundings of the operator's size that the recurrence adds in 64 bit too; where products are coarser, the probe
/// has allowed for more.
void allow_for_rounding(Probe::Finding& found) {
  constexpr double kRoundings = 32 * 0x1p-53;
  Interval &top = found.curvature.lambda_max, &bottom = found.curvature.lambda_min, &edge = found.edge.lr;
  const double by = kRoundings * std::max(size_of(top), size_of(bottom));
  if (edge.lower && top.upper) *edge.lower *= 1 - std::min(1.0, by / std::abs(*top.upper));
  if (edge.upper && top.lower) *edge.upper *= 1 + by / std::abs(*top.lower);
  for (Interval* x : {&top, &bottom}) {
    if (x->lower) *x->lower -= by;
    if (x->upper) *x->upper += by;
  }
}

struct CertifyOptions {
  OptimizerOptions optimizer;
  ProbeOptions probe;
  long max_products = static_cast<long>(ProbeOptions{}.max_products);
};

Fields fields(CertifyOptions& o) {
  return Fields{{Group::runs, "gap", &o.probe.gap, "Relative width to which the bounds on lambda_max are narrowed",
                 Range::between(0, 1)},
                {Group::runs,
                 "confidence",
                 &o.probe.confidence,
                 "Confidence of the bounds; None gives a point estimate",
                 Range::between(0, 1),
                 {.none = true}},
                {Group::runs, "max_products", &o.max_products, "Products with the operator at most",
                 Range::from_to(1, 1000000)},
                {Group::runs, "seed", &o.probe.seed, "Random seed of the start", Range::at_least(0)}} +
         etamax::fields(o.optimizer);
}

py::dict interval(const Interval& x) {
  py::dict ends;
  ends["lower"] = py::cast(x.lower);
  ends["upper"] = py::cast(x.upper);
  return ends;
}

CertifyOptions options_of(const py::dict& given) {
  CertifyOptions options;
  read_arguments("certify", fields(options), given);
  options.probe.max_products = static_cast<std::size_t>(options.max_products);
  options.probe.progress = progress_of(py::none());
  return options;
}

Probe::Finding looked(Probe& probe, const ProbeOptions& options) {
  try {
    return probe.look(options);
  } catch (const InputError& e) {
    throw e.field() == "operator" ? InputError("matvec", e.constraint()) : e;
  }
}

py::dict look(Objective& f, const CertifyOptions& options) {
  const Optimizer optimizer = make_optimizer(options.optimizer.name(), options.optimizer.settings());
  Probe probe(f, optimizer);
  const Interruptions interruptions;
  Probe::Finding found = looked(probe, options.probe);
  const Curvature& seen = found.curvature;  // its inner ends are Ritz values, which are 0 where all products are
  check_scale(std::max(std::abs(seen.lambda_max.lower.value_or(0)), std::abs(seen.lambda_min.upper.value_or(0))));
  if (options.probe.confidence) allow_for_rounding(found);
  py::dict answer;
  answer["lambda_max"] = interval(found.curvature.lambda_max);
  answer["lambda_min"] = interval(found.curvature.lambda_min);
  answer["confidence"] = py::cast(found.curvature.confidence);
  answer["reached_gap"] = found.curvature.reached_gap;
  answer["products"] = found.curvature.hvps;
  answer["optimizer"] = optimizer.spec->name;
  answer["lr_edge"] = interval(found.edge.lr);
  answer["lr_edge_reason"] = found.edge.reason.empty() ? py::object(py::none()) : py::str(found.edge.reason);
  answer["partial"] = found.interrupted;
  return answer;
}

}  // namespace

py::list certify_options() {
  CertifyOptions options;
  return described(fields(options));
}

py::dict certify(const py::function& product, std::size_t n, double roundoff, const py::dict& given) {
  CertifyOptions options = options_of(given);
  options.probe.most_asymmetry = asymmetry_by_rounding(roundoff);
  OperatorObjective f(product, n, roundoff);
  return look(f, options);
}

py::dict certify_objective(const py::object& objective, bool symmetric, const py::dict& given) {
  CertifyOptions options = options_of(given);
  PythonObjective f(objective);
  if (!symmetric) options.probe.most_asymmetry = asymmetry_by_rounding(f.roundoff());
  return look(f, options);
}

}  // namespace etamax::python
