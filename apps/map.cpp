#include "etamax/maps/map.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "etamax/explain/explain.h"
#include "etamax/files/npz.h"
#include "etamax/files/replace_file.h"
#include "etamax/maps/bifurcation.h"
#include "etamax/optim/options.h"
#include "etamax/report/bifurcation.h"
#include "etamax/report/explanation.h"
#include "etamax/report/map.h"
#include "options.h"
#include "status.h"
#include "verbs.h"
#include "workers.h"

namespace etamax::apps {
namespace {

constexpr long kMostPixels = 64'000'000;  // 2 GB while a map is made

/// The whole of `text` as a number.
std::optional<double> number_in(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::vector<std::string> parts_of(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

/// "lr=0.01:2:log".
MapAxis axis_of(const std::string& field, const std::string& text) {
  const auto refuse = [&] {
    return InputError(field, text, "an axis such as lr=0.01:2:log or start=-2:2",
                      fmt::format("{}: '{}' is no axis; NAME=FROM:TO or NAME=FROM:TO:log", field, text));
  };
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) throw refuse();
  MapAxis axis;
  axis.name = text.substr(0, equals);
  const std::vector<std::string> parts = parts_of(text.substr(equals + 1), ':');
  axis.log = parts.size() == 3 && parts[2] == "log";
  if (parts.size() != 2 && !axis.log) throw refuse();
  const auto from = number_in(parts[0]), to = number_in(parts[1]);
  if (!from || !to) throw refuse();
  axis.from = *from, axis.to = *to;
  return axis;
}

/// "1920x1080", or two numbers with a comma between them.
std::array<int, 2> pair_of(const std::string& field, const std::string& text, char separator, const char* example) {
  const std::vector<std::string> parts = parts_of(text, separator);
  std::array<int, 2> pair{};
  for (std::size_t k = 0; k < 2; ++k) {
    const auto number = parts.size() == 2 ? whole_number(parts[k]) : std::nullopt;
    if (!number || *number < 0 || *number > 1'000'000)
      throw InputError(field, text, fmt::format("two whole numbers such as {}", example));
    pair[k] = static_cast<int>(*number);
  }
  return pair;
}

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
         "Function to minimize: an expression such as x^4-3x^2+x, or a named one such as rosenbrock",
         {},
         {.placeholder = "EXPR", .positional = true, .required = true}},
        {Group::problem,
         "x",
         &x_,
         "Horizontal axis: lr, a hyperparameter, a variable's start or `start`, with its range, as lr=0.01:2:log",
         {},
         {.placeholder = "NAME=FROM:TO[:log]", .required = true}},
        {Group::problem,
         "y",
         &y_,
         "Vertical axis, likewise, as start=-2:2 or momentum=0:0.99",
         {},
         {.placeholder = "NAME=FROM:TO[:log]"}},
        {Group::problem,
         "start",
         &options_.start,
         "Starts of the variables that are no axis: x=-1,y=2; a single number sets every one",
         {},
         {.option = "from"}},
        {Group::runs, "lr", &options_.lr, "Learning rate of all runs, where it is no axis", Range::positive()},
        {Group::runs, "size", &size_, "Runs across and upwards", {}, {.placeholder = "WxH"}},
        {Group::runs, "max_steps", &options_.max_steps, "Maximum steps to follow each run for its fate",
         Range::from_to(1, 1000000)},
        {Group::runs, "bifurcation", &bifurcation_,
         "Draw where the run from one start stays, above its Lyapunov exponent, in place of a map"},
        {Group::runs,
         "pixel",
         &pixel_,
         "Explain the run of one pixel instead, counted from 0 where both axes begin",
         {},
         {.placeholder = "X,Y"}},
    };
    return own + etamax::fields(optimizer_) + apps::fields(execution_) + apps::fields(output_, figures());
  }

  int run() override {
    const std::string npz = is_npz(output_.output) ? output_.output : "";
    if (!npz.empty()) {
      if (!output_.figure.empty()) throw InputError("figure", "a figure is a picture, and .npz holds arrays");
      check_replaceable("output", npz);
      output_.output.clear();
    }
    check(output_);
    options_.settings = optimizer_.settings();
    read_axes();
    options_.optimizer = optimizer_.optimizer.empty() ? usual_optimizer(named()) : optimizer_.name();
    if (bifurcation_) return draw_bifurcation(npz);
    if (!pixel_.empty()) return explain_pixel();
    Status status(output_.quiet);
    Workers workers(execution_.threads, status);
    const FateMap map = map_of(options_, workers.workers(), workers.progress());
    status.clear();
    if (!npz.empty()) {
      const std::string wrote = write_npz(npz, npz_of(map));
      if (!output_.quiet && !output_.json) put_line(wrote);
    }
    return deliver(map, output_);
  }

 private:
  static std::vector<std::string> figures() {
    std::vector<std::string> names = names_of(map_pictures());
    for (const std::string& name : names_of(bifurcation_pictures())) names.push_back(name);
    return names;
  }

  /// What is given a value or is an axis: a momentum that moves asks for an optimizer that has one.
  Settings named() const {
    Settings all = options_.settings;
    for (const MapAxis* axis : {&options_.x, &options_.y}) all.emplace_back(axis->name, axis->from);
    return all;
  }

  void read_axes() {
    options_.x = axis_of("x", x_);
    if (bifurcation_ && !y_.empty())
      throw InputError("y", "a bifurcation diagram has no vertical axis but the iterates");
    if (!bifurcation_ && y_.empty())
      throw InputError("y", "the vertical axis is missing, for example `y=start=-2:2`; or give `bifurcation`");
    if (!bifurcation_) options_.y = axis_of("y", y_);
    const auto [width, height] = pair_of("size", size_, 'x', "960x540");
    if (width < 2 || height < 2) throw InputError("size", size_, "at least 2x2");
    if (static_cast<long>(width) * height > kMostPixels)
      throw InputError("size", size_, fmt::format("at most {} runs in all, 10000x6400", kMostPixels));
    options_.x.pixels = width, options_.y.pixels = height;
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
    const auto [i, j] = pair_of("pixel", pixel_, ',', "480,270");
    if (i >= options_.x.pixels || j >= options_.y.pixels)
      throw InputError("pixel", pixel_,
                       fmt::format("in the map, whose last is {},{}", options_.x.pixels - 1, options_.y.pixels - 1));
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
  std::string x_, y_, size_ = "960x540", pixel_;
  bool bifurcation_ = false;
  OptimizerOptions optimizer_;
  ExecutionOptions execution_;
  OutputOptions output_;
};

std::string Map::write_npz(const std::string& path, const std::string& content) {
  replace_file("output", path, content);
  return fmt::format("wrote {} ({} kB, NumPy)", path, (content.size() + 999) / 1000);
}

}  // namespace

std::unique_ptr<Verb> make_map() { return std::make_unique<Map>(); }

}  // namespace etamax::apps
