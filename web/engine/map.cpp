// A map, pixel by pixel. Each worker of the page has an engine of its own, and asks it for its share.
#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/draw/scale.h"
#include "etamax/maps/engine.h"
#include "etamax/maps/network_map.h"
#include "etamax/optim/options.h"
#include "etamax/report/appearance.h"
#include "web/engine/options.h"

namespace etamax::web {
namespace {

/// What the map that was asked for last is of.
class Pixels {
 public:
  virtual ~Pixels() = default;
  virtual void compute(const std::vector<std::size_t>& numbers, std::vector<MapPixel>& out) const = 0;
  /// From 0, at once, to 1: how long it took until the fate was plain.
  virtual double lateness(const MapPixel& pixel) const = 0;
};
std::unique_ptr<const Pixels> current;

double share_of_log(double steps, long most) { return std::log1p(steps) / std::log1p(static_cast<double>(most)); }

class FunctionPixels : public Pixels {
 public:
  explicit FunctionPixels(const MapOptions& options) : problem_(options), engine_(problem_) {}
  void compute(const std::vector<std::size_t>& numbers, std::vector<MapPixel>& out) const override {
    Cost cost;
    engine_.compute(numbers, out, cost);
  }
  double lateness(const MapPixel& pixel) const override { return share_of_log(pixel.steps, problem_.max_steps()); }

 private:
  const MapProblem problem_;
  const MapEngine engine_;
};

class NetworkPixels : public Pixels {
 public:
  explicit NetworkPixels(const NetworkMapOptions& options) : engine_(options), steps_(options.steps) {}
  void compute(const std::vector<std::size_t>& numbers, std::vector<MapPixel>& out) const override {
    Cost cost;
    engine_.compute(numbers, out, cost);
  }
  /// Of a training that learns: the mean of its losses, divided by the first.
  double lateness(const MapPixel& pixel) const override {
    if (pixel.fate == Verdict::trains) return -pixel.value / static_cast<double>(steps_);
    return share_of_log(pixel.steps, steps_);
  }

 private:
  const NetworkMapEngine engine_;
  const long steps_;
};

MapAxis axis(const Json& wanted) {
  return {wanted.at("name"), wanted.at("from"), wanted.at("to"), wanted.at("log"), wanted.at("pixels")};
}

Json ticks(const MapAxis& a, bool across) {
  const int pixels = a.pixels;
  return web::ticks(a.log ? log_scale(std::log10(a.from), std::log10(a.to)) : linear_scale(a.from, a.to), pixels,
                    across);
}

/// What is typed, as in `explain`: the fields of the options that a page gives.
Fields fields(MapOptions& o, std::vector<double>& lr, long& max_steps) {
  return {{Group::problem, "expression", &o.expression, "Function to minimize"},
          {Group::problem, "start", &o.start, "Starting point", {}, {.option = "from"}},
          {Group::runs, "lr", &lr, "Learning rate of the runs, where it is no axis", Range::positive()},
          {Group::runs, "max_steps", &max_steps, "Maximum steps to follow each run", Range::from_to(1, 1000000)}};
}
Fields fields(NetworkMapOptions& o) {
  return {{Group::problem, "expression", &o.network, "Network"},
          {Group::runs, "steps", &o.steps, "Steps of each training", Range::from_to(1, 1000000)}};
}

bool is_of_network(const Json& options) {
  return options.contains("expression") && is_network_name(options["expression"].get<std::string>());
}

NetworkMapOptions network_options(const Json& question) {
  NetworkMapOptions options;
  read_options(question.at("options"), fields(options));
  if (question.contains("x")) options.x = axis(question["x"]), options.y = axis(question.at("y"));
  return options;
}

MapOptions function_options(const Json& question) {
  MapOptions options;
  OptimizerOptions optimizer;
  std::vector<double> lr;
  read_options(question.at("options"), fields(options, lr, options.max_steps) + etamax::fields(optimizer));
  options.optimizer = optimizer.name();
  options.settings = optimizer.settings();
  if (!lr.empty()) options.lr = lr.front();
  options.x = axis(question.at("x"));
  options.y = axis(question.at("y"));
  return options;
}

}  // namespace

Json begin_map(const Json& question) {
  current.reset();
  if (is_of_network(question.at("options")))
    current = std::make_unique<const NetworkPixels>(network_options(question));
  else
    current = std::make_unique<const FunctionPixels>(function_options(question));
  return {{"x", ticks(axis(question["x"]), true)}, {"y", ticks(axis(question["y"]), false)}};
}

void fill_map(const std::uint32_t* numbers, std::size_t count, std::uint8_t* out) {
  if (!current) return;
  const std::vector<std::size_t> wanted(numbers, numbers + count);
  std::vector<MapPixel> pixels(count);
  current->compute(wanted, pixels);
  for (std::size_t k = 0; k < count; ++k) {
    out[3 * k] = static_cast<std::uint8_t>(pixels[k].fate);
    out[3 * k + 1] = pixels[k].period;
    out[3 * k + 2] = static_cast<std::uint8_t>(std::clamp(255 * current->lateness(pixels[k]), 0.0, 255.0));
  }
}

Json replay(const Json& question) {
  const NetworkMapEngine engine(network_options(question));
  NetworkMapEngine::Rates rates;
  if (question.contains("pixel"))
    rates = engine.rates(question["pixel"].get<std::size_t>());
  else
    rates = {question.at("lr0"), question.at("lr1")};
  if (!(rates.input > 0) || !(rates.output > 0)) throw InputError("a learning rate is above 0");
  const NetworkReplay run = engine.replay(rates);
  Json out = Json::parse(to_json(run));
  const Appearance look = appearance(run.verdict);
  out["sign"] = look.sign;
  out["color"] = name(look.color);
  return out;
}

}  // namespace etamax::web
