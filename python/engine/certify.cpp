#include "certify.h"

#include <pybind11/stl.h>

#include <stdexcept>

#include "arguments.h"
#include "etamax/curvature/probe.h"
#include "etamax/optim/options.h"
#include "etamax/problem/dense.h"
#include "interruption.h"
#include "problem.h"

namespace py = pybind11;

namespace etamax::python {
namespace {

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
    return Eigen::Map<const Eigen::VectorXd>(static_cast<const double*>(out.ptr), v.size());
  }
  double roundoff() const override { return roundoff_; }

 private:
  const py::function& product_;
  double roundoff_;
};

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

py::dict look(Objective& f, const CertifyOptions& options) {
  const Optimizer optimizer = make_optimizer(options.optimizer.name(), options.optimizer.settings());
  Probe probe(f, optimizer);
  const Interruptions interruptions;
  const Probe::Finding found = probe.look(options.probe);
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
  const CertifyOptions options = options_of(given);
  OperatorObjective f(product, n, roundoff);
  return look(f, options);
}

py::dict certify_objective(const py::object& objective, const py::dict& given) {
  const CertifyOptions options = options_of(given);
  PythonObjective f(objective);
  return look(f, options);
}

}  // namespace etamax::python
