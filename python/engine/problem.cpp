#include "problem.h"

#include <pybind11/stl.h>

#include <map>
#include <stdexcept>

#include "etamax/problem/rule_run.h"
#include "vector.h"

namespace py = pybind11;

namespace etamax::python {
namespace {

LossAndGradient loss_and_gradient_of(const py::object& pair) {
  const auto tuple = pair.cast<py::tuple>();
  return {tuple[0].cast<double>(), vector_of(tuple[1])};
}

const char* name_of(MatrixKind kind) {
  switch (kind) {
    case MatrixKind::gauss_newton:
      return "gauss_newton";
    case MatrixKind::fisher:
      return "fisher";
    case MatrixKind::sampled_fisher:
      return "sampled_fisher";
    default:
      return "hessian";
  }
}

OptimizerState state_of(const py::object& state) {
  const auto [vectors, steps] = state.cast<std::pair<std::vector<py::object>, long>>();
  OptimizerState result;
  result.steps = steps;
  for (const py::object& vector : vectors) result.vectors.push_back(vector_of(vector));
  return result;
}

/// All the data, of which the problem's objective has a sample.
class PythonExamples final : public ExampleSet {
 public:
  explicit PythonExamples(py::object examples) : examples_(std::move(examples)) {}
  std::int64_t count() const override { return examples_.attr("count")().cast<std::int64_t>(); }
  Rows shuffled(std::uint64_t seed) const override { return examples_.attr("shuffled")(seed).cast<Rows>(); }
  std::unique_ptr<Objective> objective_on(const Rows& rows) override {
    return std::make_unique<PythonObjective>(examples_.attr("objective_on")(rows));
  }

 private:
  py::object examples_;
};

/// A training by the user's own optimizer: `etamax._torch.run.Run`.
class PythonRun final : public Run {
 public:
  /// `shares`: of the problem; must outlive the run.
  PythonRun(PythonObjective& f, const Optimizer& optimizer, const Vector* shares, const RunSettings& settings,
            py::object run)
      : f_(f),
        optimizer_(optimizer),
        shares_(shares),
        batches_(f, settings.batch_size, settings.seed),
        run_(std::move(run)) {}

  Step step(double lr) override {
    const Rows rows = batches_.full_batch() ? Rows{} : batches_.next();
    const double loss = run_.attr("step")(lr, batches_.full_batch() ? py::none() : py::cast(rows)).cast<double>();
    f_.count_gradient();
    ++steps_;
    return {loss, batches_.full_batch() ? f_.count() : static_cast<std::int64_t>(rows.size())};
  }
  void resume() override { run_.attr("resume")(); }
  void move(const Vector& by) override { run_.attr("move")(numbers_of(by)); }
  SavedRun save() const override { return {steps_, batches_.place(), {}, run_.attr("save")().cast<std::string>()}; }
  void restore(const SavedRun& saved) override {
    if (saved.steps < 0 || !run_.attr("restore")(py::bytes(saved.other)).cast<bool>())
      throw std::invalid_argument("another run was saved");
    batches_.go_to(saved.batches);
    steps_ = saved.steps;
  }
  long steps() const override { return steps_; }
  Vector parameters() const override { return vector_of(run_.attr("parameters")()); }
  std::optional<Vector> preconditioner() const override {
    const std::optional<RuleStepper> rule = rule_here();
    std::optional<Vector> p = rule ? rule->preconditioner() : std::nullopt;
    if (!shares_ || (!p && optimizer_.spec->preconditioner)) return p;
    if (p) return p->divide(*shares_);
    Vector root = *shares_;
    root.inverse_root();
    p = root;
    return p->multiply(root);
  }
  double lr_scale() const override {
    const std::optional<RuleStepper> rule = rule_here();
    return rule ? rule->lr_scale() : 1;
  }

 private:
  /// The rule of the table with the memory that the user's optimizer has by now.
  std::optional<RuleStepper> rule_here() const {
    const py::object state = run_.attr("state")();
    if (state.is_none()) return {};
    RuleStepper rule(optimizer_, parameters());
    rule.set_state(state_of(state));
    return rule;
  }

  PythonObjective& f_;
  const Optimizer& optimizer_;
  const Vector* shares_;
  Batches batches_;
  py::object run_;
  long steps_ = 0;
};

/// The same network with the same optimizer on other inputs.
class OnOtherExamples final : public Problem {
 public:
  OnOtherExamples(Problem& original, py::object f) : original_(original), objective_(std::move(f)) {}
  Objective& objective() override { return objective_; }
  const Optimizer& optimizer() const override { return original_.optimizer(); }
  ProblemDescription description() const override { return original_.description(); }
  const OptimizerState* optimizer_state() const override { return original_.optimizer_state(); }
  const Vector* lr_shares() override { return original_.lr_shares(); }

 private:
  Problem& original_;
  PythonObjective objective_;
};

}  // namespace

PythonObjective::PythonObjective(py::object f) : f_(std::move(f)) {
  for (const auto& [name, from, to] :
       f_.attr("blocks")().cast<std::vector<std::tuple<std::string, std::size_t, std::size_t>>>())
    blocks_.push_back({name, from, to});
  count_ = f_.attr("count")().cast<std::int64_t>();
  least_batch_ = f_.attr("least_batch")().cast<std::int64_t>();
  roundoff_ = f_.attr("roundoff")().cast<double>();
}

PythonObjective::~PythonObjective() {
  try {
    f_.attr("close")();
  } catch (py::error_already_set& e) {
    e.discard_as_unraisable("etamax: closing an objective");
  }
}

double PythonObjective::loss() { return ++cost_.forwards, f_.attr("loss")().cast<double>(); }

LossAndGradient PythonObjective::loss_and_gradient() {
  return ++cost_.gradients, loss_and_gradient_of(f_.attr("loss_and_gradient")());
}

void PythonObjective::apply(const Vector& in, Vector& out) {
  ++cost_.hvps;
  out = vector_of(f_.attr("product")(numbers_of(in)));
}

ProductPrice PythonObjective::product_price() const {
  const auto [first, later] = f_.attr("product_price")().cast<std::pair<double, double>>();
  return {first, later};
}

std::string PythonObjective::why_no_matrix(MatrixKind kind) const {
  return f_.attr("why_no_matrix")(name_of(kind)).cast<std::string>();
}

void PythonObjective::apply_matrix(const MatrixChoice& matrix, const Vector& in, Vector& out) {
  if (matrix.kind == MatrixKind::hessian) {
    apply(in, out);
    return;
  }
  ++cost_.hvps;
  out = vector_of(f_.attr("matrix_product")(name_of(matrix.kind), numbers_of(in), matrix.seed));
}

Vector PythonObjective::parameters() const { return vector_of(f_.attr("parameters")()); }
void PythonObjective::set_parameters(const Vector& parameters) { f_.attr("set_parameters")(numbers_of(parameters)); }
Vector PythonObjective::random_normal(std::uint64_t seed) const { return vector_of(f_.attr("random_normal")(seed)); }

std::optional<double> PythonObjective::baseline() const {
  if (!baseline_) baseline_ = f_.attr("baseline")().cast<std::optional<double>>();
  return *baseline_;
}

bool PythonObjective::outputs_are_all_the_same() {
  ++cost_.forwards;
  return f_.attr("outputs_are_all_the_same")().cast<bool>();
}

std::unique_ptr<Objective> PythonObjective::in_64_bit() {
  const py::object exact = f_.attr("in_64_bit")();
  return exact.is_none() ? nullptr : std::make_unique<PythonObjective>(exact);
}

Rows PythonObjective::shuffled(std::uint64_t seed) const { return f_.attr("shuffled")(seed).cast<Rows>(); }

std::unique_ptr<Objective> PythonObjective::objective_on(const Rows& rows) {
  return std::make_unique<PythonObjective>(f_.attr("objective_on")(rows));
}

std::vector<double> PythonObjective::losses() {
  return ++cost_.forwards, f_.attr("losses")().cast<std::vector<double>>();
}

std::vector<double> PythonObjective::curvatures(const Vector& v) {
  cost_.hvps += 2;  // about what three nested passes cost
  return f_.attr("curvatures")(numbers_of(v)).cast<std::vector<double>>();
}

LossAndGradient PythonObjective::batch_gradient(const Rows& rows) {
  return ++cost_.gradients, loss_and_gradient_of(f_.attr("loss_and_gradient")(rows));
}

Vector PythonObjective::batch_product(const Rows& rows, const Vector& v) {
  return ++cost_.hvps, vector_of(f_.attr("product")(numbers_of(v), rows));
}

PythonProblem::PythonProblem(py::object problem, Optimizer optimizer)
    : problem_(std::move(problem)), optimizer_(std::move(optimizer)), objective_(problem_.attr("objective")()) {
  const py::object validation = problem_.attr("validation")(), all = problem_.attr("all_examples")(),
                   state = problem_.attr("state")(), shares = problem_.attr("lr_shares")();
  if (!validation.is_none()) validation_ = std::make_unique<PythonObjective>(validation);
  if (!all.is_none()) all_ = std::make_unique<PythonExamples>(all);
  if (!state.is_none()) state_ = state_of(state);
  if (!shares.is_none()) lr_shares_ = vector_of(shares);
}

ProblemDescription PythonProblem::description() const {
  const auto of = [about = problem_.attr("description")()](const char* name) { return about[name]; };
  const auto texts = [&](const char* name) { return of(name).cast<std::vector<std::string>>(); };
  const auto text = [&](const char* name) { return of(name).cast<std::string>(); };
  return {text("model"), text("data"),    text("loss"),    text("device"),
          text("dtype"), texts("frozen"), texts("unused"), texts("notes")};
}

Vector PythonProblem::start(std::uint64_t seed) { return vector_of(problem_.attr("start")(seed)); }

std::unique_ptr<Run> PythonProblem::run(const RunSettings& settings) {
  const py::object run = problem_.attr("run")(settings.from_state, settings.clip);
  if (run.is_none()) return Problem::run(settings);
  return std::make_unique<PythonRun>(objective_, optimizer_, lr_shares(), settings, run);
}

std::int64_t PythonProblem::example_in_data(std::int64_t i) const {
  return problem_.attr("example_in_data")(i).cast<std::int64_t>();
}

std::vector<InputColumn> PythonProblem::input_columns() {
  std::vector<InputColumn> columns;
  for (const auto& [name, mean_square] :
       problem_.attr("input_columns")().cast<std::vector<std::pair<std::string, double>>>())
    columns.push_back({name, mean_square});
  return columns;
}

std::unique_ptr<Problem> PythonProblem::standardized() {
  const py::object f = problem_.attr("standardized")();
  return f.is_none() ? nullptr : std::make_unique<OnOtherExamples>(*this, f);
}

Optimizer optimizer_of(const std::string& name, const Settings& settings, const std::string& unknown_because) {
  if (unknown_because.empty()) return make_optimizer(name, settings);
  static std::map<std::pair<std::string, std::string>, OptimizerSpec> unknown;  // an Optimizer points to its rule
  OptimizerSpec& spec = unknown[{name, unknown_because}];
  spec.name = name;
  spec.no_recurrence_reason = unknown_because;
  return {&spec, hyperparameter_values(spec, {})};
}

py::object preconditioner_of(const Optimizer& optimizer, const py::object& like, const py::object& state) {
  RuleStepper rule(optimizer, vector_of(like));
  rule.set_state(state_of(state));
  const std::optional<Vector> p = rule.preconditioner();
  return p ? numbers_of(*p) : py::none();
}

}  // namespace etamax::python
