// Where a small network's learning rates stand before its training: the edge, certified as in `analyze`.
#include "web/engine/network.h"

#include "etamax/core/error.h"
#include "etamax/curvature/attribution.h"
#include "etamax/curvature/starting_position.h"
#include "etamax/optim/options.h"
#include "web/engine/options.h"
#include "web/engine/pictures.h"

namespace etamax::web {
namespace {

Json end(const std::optional<double>& x) { return x ? Json(*x) : Json(nullptr); }
Json interval(const Interval& i) { return {{"lower", end(i.lower)}, {"upper", end(i.upper)}}; }

/// What theory says of plain gradient descent along the sharpest direction; of other rules the edge alone.
Ruler ruler_of(const StabilityEdge& edge, const Optimizer& optimizer) {
  Ruler ruler;
  if (!edge.lr.lower || !edge.lr.upper) return ruler;
  const double low = *edge.lr.lower, high = *edge.lr.upper;
  if (optimizer.spec->name == "gd") {
    ruler.bands.push_back({"monotone", 0, low / 2, "theory"});
    ruler.bands.push_back({"oscillating", low / 2, low, "theory"});
    ruler.bands.push_back({"catapult", high, 2 * high, "theory"});
  }
  ruler.marks.push_back({"stability edge", low, std::array<double, 2>{low, high}, "theory"});
  return ruler;
}

}  // namespace

Fields fields(SmallNetworkOptions& o) {
  return {{Group::problem, "data", &o.data, "Points in the plane"},
          {Group::problem, "model", &o.model, "Network"},
          {Group::problem, "loss", &o.loss, "Loss"}};
}

Json network_edge(const Json& question) {
  SmallNetworkOptions network;
  OptimizerOptions optimizer;
  read_options(question.at("options"), fields(network) + etamax::fields(optimizer));
  SmallNetworkProblem problem(network, make_optimizer(optimizer.name(), optimizer.settings()));
  SmallNetworkObjective& f = problem.objective();
  Probe probe(f, problem.optimizer(), starting_position(problem, {0, 0, 0, true, {}}));
  const Probe::Finding top = probe.look({.direction = true});
  Json layers = Json::array();
  if (top.direction)
    for (const LayerShare& layer : layer_shares(f, probe.hessian().in_parameters(top.direction)))
      layers.push_back({{"name", layer.name}, {"share", layer.share}});
  Json out = {{"parameters", f.dim()},
              {"loss", f.loss()},
              {"lambda_max", interval(top.curvature.lambda_max)},
              {"confidence", end(top.curvature.confidence)},
              {"lr_edge", interval(top.edge.lr)},
              {"formula", top.edge.formula},
              {"reason", top.edge.reason},
              {"layers", layers}};
  if (question.contains("ruler"))
    out["ruler"] = ruler_picture(ruler_of(top.edge, problem.optimizer()), question["ruler"], false);
  return out;
}

}  // namespace etamax::web
