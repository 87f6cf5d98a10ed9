#include "etamax/maps/map.h"

#include <fmt/format.h>

#include <algorithm>

#include "etamax/explain/explain.h"
#include "etamax/expr/objective_table.h"
#include "etamax/files/npz.h"
#include "etamax/files/replace_file.h"
#include "etamax/maps/bifurcation.h"
#include "etamax/optim/options.h"
#include "etamax/report/bifurcation.h"
#include "etamax/report/explanation.h"
#include "etamax/report/map.h"
#include "file_faults.h"
#include "lab_page.h"
#include "map_arguments.h"
#include "map_state.h"
#include "network_map.h"
#include "options.h"
#include "status.h"
#include "verbs.h"
#include "workers.h"

namespace etamax::apps {
namespace {

bool is_npz(const std::string& path) { return path.size() > 4 && path.ends_with(".npz"); }

/// The arrays of a map: values of both axes, and row by row from where y begins the fates (numbers of `fates`),
/// periods, steps and values.
std::string npz_of(const FateMap& map) {
  const auto nx = static_cast<std::size_t>(map.x.pixels), ny = static_cast<std::size_t>(map.y.pixels);
  std::vector<double> x, y, value;
  std::vector<std::int32_t> fate, period, steps;
  for (int i = 0; i < map.x.pixels; ++i) x.push_back(map.x.value(i));
  for (int j = 0; j < map.y.pixels; ++j) y.push_back(map.y.value(j));
  for (const MapPixel& pixel : map.pixels) {
    fate.push_back(pixel.drawn ? static_cast<std::int32_t>(pixel.fate) : -1);
    period.push_back(pixel.period);
    steps.push_back(static_cast<std::int32_t>(pixel.steps));
    value.push_back(pixel.value);
  }
  std::vector<std::string> fates;
  for (int f = 0; f <= static_cast<int>(Verdict::unclear); ++f) fates.push_back(to_string(static_cast<Verdict>(f)));
  NpzWriter npz;
  npz.add("x", x, {nx}), npz.add("y", y, {ny});
  npz.add("fate", fate, {ny, nx}), npz.add("period", period, {ny, nx}), npz.add("steps", steps, {ny, nx});
  npz.add("value", value, {ny, nx});
  npz.add("fates", fates);
  return npz.take();
}

class Map : public Verb {
 public:
  Fields fields() override {
    const Fields own = {
        {Group::problem,
         "expression",
         &options_.expression,
         "Function to minimize: an expression such as x^4-3x^2+x, or a named one such as rosenbrock; or a network "
         "to train, network:tanh:WIDTH",
         {},
         {.placeholder = "EXPR", .positional = true, .required = true}},
        {Group::problem,
         "x",
         &x_,
         "Horizontal axis: lr, a hyperparameter, a variable's start or `start`, with its range, as lr=0.01:2:log",
         {},
         {.usual = "of a network lr0=0.001:1e6:log", .placeholder = "NAME=FROM:TO[:log]"}},
        {Group::problem,
         "y",
         &y_,
         "Vertical axis, likewise, as start=-2:2 or momentum=0:0.99",
         {},
         {.usual = "of a network lr1=0.001:1e6:log", .placeholder = "NAME=FROM:TO[:log]"}},
        {Group::problem,
         "start",
         &options_.start,
         "Starts of the variables that are no axis: x=-1,y=2; a single number sets every one",
         {},
         {.option = "from"}},
        {Group::runs, "lr", &options_.lr, "Learning rate of all runs, where it is no axis", Range::positive()},
        {Group::runs,
         "size",
         &size_,
         "Runs across and upwards",
         {},
         {.usual = "960x540, of a network 256x256", .placeholder = "WxH"}},
        {Group::runs,
         "steps",
         &steps_,
         "Steps of each training of a network",
         Range::from_to(1, 1000000),
         {.usual = "500", .placeholder = "INT"}},
        {Group::runs,
         "state",
         &state_,
         "Keep the pixels of the map in FILE as they are drawn, and carry on from there",
         {},
         {.placeholder = "FILE"}},
        {Group::runs, "max_steps", &options_.max_steps, "Maximum steps to follow each run for its fate",
         Range::from_to(1, 1000000)},
        {Group::runs, "bifurcation", &bifurcation_,
         "Draw where the run from one start stays, above its Lyapunov exponent, in place of a map"},
        {Group::runs,
         "pixel",
         &pixel_,
         "Explain the run of one pixel instead, counted from 0 where both axes begin; of a network, its loss at every "
         "step",
         {},
         {.placeholder = "X,Y"}},
    };
    return own + etamax::fields(optimizer_) + apps::fields(execution_) + Fields{field_of_static(static_)} +
           apps::fields(output_, figures());
  }

  int run() override {
    check_spares("output", output_.output, "state", state_);
    const std::string npz = is_npz(output_.output) ? output_.output : "";
    if (!npz.empty()) {
      if (!output_.figure.empty()) throw InputError("figure", "a figure is a picture, and .npz holds arrays");
      check_replaceable("output", npz);
      output_.output.clear();
    }
    check(output_);
    if (!static_) output_.lab = lab_page();
    options_.settings = optimizer_.settings();
    if (is_network_name(options_.expression)) return run_network(npz);
    if (steps_)
      throw InputError("steps", "is of a network's trainings; a function's runs are followed for `max_steps`");
    if (!state_.empty() && bifurcation_) throw InputError("state", "is for maps; a bifurcation diagram takes no time");
    read_axes();
    options_.optimizer = optimizer_.optimizer.empty() ? usual_optimizer(named()) : optimizer_.name();
    if (bifurcation_) return draw_bifurcation(npz);
    if (!pixel_.empty()) return explain_pixel();
    MapState state(state_, MapProblem(options_), state_fault());
    const MapKeeping keeping = state.open();
    Status status(output_.quiet);
    Workers workers(execution_.threads, status);
    const FateMap map = map_of(options_, workers.workers(), workers.progress(), keeping);
    status.clear();
    state.save(map.pixels);
    return deliver_map(map, npz);
  }

 private:
  int deliver_map(const FateMap& map, const std::string& npz) {
    std::string wrote;
    if (!npz.empty() && write_or_tell(faults_.listener(), [&] { wrote = write_npz(npz, npz_of(map)); }) &&
        !output_.quiet && !output_.json)
      put_line(wrote);
    return faults_.status_of(deliver(map, output_));
  }

  FileFault state_fault() { return faults_.listener("; the work goes on"); }

  static std::vector<std::string> figures() {
    std::vector<std::string> names = names_of(map_pictures());
    for (const std::string& name : names_of(bifurcation_pictures())) names.push_back(name);
    return names;
  }

  /// What is given a value or is an axis: a momentum that moves asks for an optimizer that has one, unless the function
  /// calls a variable so.
  Settings named() const {
    Settings all = options_.settings;
    const std::vector<std::string> variables = parse_objective(options_.expression).variables;
    for (const MapAxis* axis : {&options_.x, &options_.y})
      if (std::find(variables.begin(), variables.end(), axis->name) == variables.end())
        all.emplace_back(axis->name, axis->from);
    return all;
  }

  void read_axes() {
    if (x_.empty()) throw InputError("x", "the horizontal axis is missing, for example `x=lr=0.01:2:log`");
    options_.x = axis_of("x", x_);
    if (bifurcation_ && !y_.empty())
      throw InputError("y", "a bifurcation diagram has no vertical axis but the iterates");
    if (!bifurcation_ && y_.empty())
      throw InputError("y", "the vertical axis is missing, for example `y=start=-2:2`; or give `bifurcation`");
    if (!bifurcation_) options_.y = axis_of("y", y_);
    set_size(size_.empty() ? "960x540" : size_, options_.x, options_.y);
  }

  /// A network's trainings in place of a function's runs.
  int run_network(const std::string& npz) {
    if (!options_.start.empty()) throw InputError("start", "a network's start is the published one, and given to none");
    if (options_.lr) throw InputError("lr", "a network has two rates, lr0 and lr1, and they are the axes");
    if (optimizer_.name() != "gd" || !optimizer_.settings().empty())
      throw InputError("optimizer", optimizer_.name(), "gd: a network is trained by plain gradient descent");
    if (bifurcation_) throw InputError("bifurcation", "is for functions, not for networks");
    NetworkMapRequest request;
    request.options.network = options_.expression;
    if (steps_) {
      request.options.steps = static_cast<long>(*steps_);
      if (static_cast<double>(request.options.steps) != *steps_)
        throw InputError("steps", format_exactly(*steps_), "a whole number");
    }
    if (!x_.empty()) request.options.x = axis_of("x", x_);
    if (!y_.empty()) request.options.y = axis_of("y", y_);
    set_size(size_.empty() ? "256x256" : size_, request.options.x, request.options.y);
    request.state = state_;
    request.state_fault = state_fault();
    if (!pixel_.empty()) {
      const auto [i, j] = pixel_of(pixel_, request.options.x, request.options.y);
      return replay_network(request, i, j, output_);
    }
    return deliver_map(network_map(request, execution_.threads, output_.quiet), npz);
  }

  int draw_bifurcation(const std::string& npz) {
    if (!npz.empty()) throw InputError("output", "a bifurcation diagram is no .npz");
    if (!pixel_.empty()) throw InputError("pixel", "is one of a map; a bifurcation diagram has none");
    BifurcationOptions options;
    options.runs = options_;
    options.rows = options_.y.pixels;
    Status status(output_.quiet);
    const BifurcationDiagram diagram = bifurcation(options, progress_of(status));
    status.clear();
    return deliver(diagram, output_);
  }

  /// The run of one pixel, by the verb that tells everything about one.
  int explain_pixel() {
    const MapProblem problem(options_);
    const auto [i, j] = pixel_of(pixel_, options_.x, options_.y);
    const MapProblem::Run run = problem.run(i, j);
    ExplainOptions options;
    options.expression = options_.expression;
    for (std::size_t k = 0; k < run.start.size(); ++k)
      options.start.emplace_back(problem.function().variables()[k], run.start[k]);
    options.lr = {run.lr};
    options.optimizer = options_.optimizer;
    for (std::size_t h = 0; h < problem.optimizer().hyperparameters.size(); ++h)
      options.settings.emplace_back(problem.optimizer().hyperparameters[h].name, run.values[h]);
    options.follow.max_steps = options_.max_steps;
    Status status(output_.quiet);
    options.follow.progress = progress_of(status);
    const Explanation answer = explain(options);
    status.clear();
    return deliver(answer, output_);
  }

  static std::string write_npz(const std::string& path, const std::string& content);

  MapOptions options_;
  std::string x_, y_, size_, pixel_, state_;
  std::optional<double> steps_;
  bool bifurcation_ = false, static_ = false;
  OptimizerOptions optimizer_;
  ExecutionOptions execution_;
  OutputOptions output_;
  FileFaults faults_;
};

std::string Map::write_npz(const std::string& path, const std::string& content) {
  replace_file("output", path, content);
  return fmt::format("wrote {} ({} kB, NumPy)", path, (content.size() + 999) / 1000);
}

}  // namespace

std::unique_ptr<Verb> make_map() { return std::make_unique<Map>(); }

}  // namespace etamax::apps
