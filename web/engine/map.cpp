// A map, pixel by pixel. Each worker of the page has an engine of its own, and asks it for its share.
#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/draw/scale.h"
#include "etamax/maps/engine.h"
#include "etamax/optim/options.h"
#include "web/engine/options.h"

namespace etamax::web {
namespace {

struct Map {
  explicit Map(const MapOptions& options) : problem(options), engine(problem) {}
  const MapProblem problem;
  const MapEngine engine;
};
std::unique_ptr<const Map> current;

MapAxis axis(const Json& wanted) {
  return {wanted.at("name"), wanted.at("from"), wanted.at("to"), wanted.at("log"), wanted.at("pixels")};
}

Json ticks(const MapAxis& a, bool across) {
  return web::ticks(a.log ? log_scale(std::log10(a.from), std::log10(a.to)) : linear_scale(a.from, a.to), a.pixels,
                    across);
}

/// What is typed, as in `explain`: the fields of the options that a page gives.
Fields fields(MapOptions& o, std::vector<double>& lr, long& max_steps) {
  return {{Group::problem, "expression", &o.expression, "Function to minimize"},
          {Group::problem, "start", &o.start, "Starting point", {}, {.option = "from"}},
          {Group::runs, "lr", &lr, "Learning rate of the runs, where it is no axis", Range::positive()},
          {Group::runs, "max_steps", &max_steps, "Maximum steps to follow each run", Range::from_to(1, 1000000)}};
}

}  // namespace

Json begin_map(const Json& question) {
  current.reset();
  MapOptions options;
  OptimizerOptions optimizer;
  std::vector<double> lr;
  read_options(question.at("options"), fields(options, lr, options.max_steps) + etamax::fields(optimizer));
  options.optimizer = optimizer.name();
  options.settings = optimizer.settings();
  if (!lr.empty()) options.lr = lr.front();
  options.x = axis(question.at("x"));
  options.y = axis(question.at("y"));
  current = std::make_unique<const Map>(options);
  return {{"x", ticks(options.x, true)}, {"y", ticks(options.y, false)}};
}

void fill_map(const std::uint32_t* numbers, std::size_t count, std::uint8_t* out) {
  if (!current) return;
  const std::vector<std::size_t> wanted(numbers, numbers + count);
  std::vector<MapPixel> pixels(count);
  Cost cost;
  current->engine.compute(wanted, pixels, cost);
  const double whole = std::log1p(static_cast<double>(current->problem.max_steps()));
  for (std::size_t k = 0; k < count; ++k) {
    out[3 * k] = static_cast<std::uint8_t>(pixels[k].fate);
    out[3 * k + 1] = pixels[k].period;
    out[3 * k + 2] = static_cast<std::uint8_t>(std::clamp(255 * std::log1p(pixels[k].steps) / whole, 0.0, 255.0));
  }
}

}  // namespace etamax::web
