// A small network's training, a few steps at a time, with its sharpness on the way.
#include "etamax/training/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/curvature/attribution.h"
#include "etamax/curvature/probe.h"
#include "etamax/optim/options.h"
#include "etamax/spectrum/track.h"
#include "web/engine/network.h"
#include "web/engine/options.h"

namespace etamax::web {
namespace {

constexpr double kReach = 2.4;         // of the picture: all points lie in it
constexpr long kFirstOfAdaptive = 10;  // steps: before them a preconditioner says little
constexpr long kMostAtOnce = 10000;

Json number(double x) { return std::isfinite(x) ? Json(x) : Json(nullptr); }

struct Look {
  double sharpness = 0;
  std::optional<double> edge, critical;
};

class LiveTraining {
 public:
  LiveTraining(const SmallNetworkOptions& network, Optimizer optimizer, double lr)
      : problem_(network, std::move(optimizer)),
        lr_(lr),
        first_(problem_.objective().parameters()),
        threshold_(divergence_threshold(problem_.objective().loss(), problem_.objective().baseline())),
        run_(problem_.run({})) {}

  Json points() {
    Json all = Json::array();
    const PlaneData& data = problem_.objective().data();
    for (std::size_t i = 0; i < data.points.size(); ++i)
      all.push_back({data.points[i][0], data.points[i][1], data.labels[i]});
    return all;
  }

  /// One step, and what is to be told of it.
  void step(Json& out) {
    run_->step(lr_);
    tell(out);
  }

  void tell(Json& out) {
    const double loss = problem_.objective().loss();
    const bool lost = !(loss <= threshold_);
    const std::optional<Look> now = lost ? std::nullopt : look();
    out["losses"].push_back(number(loss));
    out["sharpness"].push_back(now ? number(now->sharpness) : Json(nullptr));
    out["edge"].push_back(now && now->edge ? number(*now->edge) : Json(nullptr));
    out["critical"].push_back(now && now->critical ? number(*now->critical) : Json(nullptr));
    if (now && now->edge && lr_ > *now->edge && !crossed_ && !lost) {
      crossed_ = run_->steps();
      at_crossing_ = *now;
    }
    if (lost) lost_ = loss;
  }

  bool lost() const { return lost_.has_value(); }
  long steps() const { return run_->steps(); }

  Json layers() {
    Json all = Json::array();
    SmallNetworkObjective& f = problem_.objective();
    const std::optional<Vector>& unit = tracker_.vector();
    const Vector x = f.parameters();
    for (const ParameterBlock& block : f.blocks()) {
      const auto norm = [&](const Vector& v) {
        const Vector part = v.part(block.from, block.to);
        return std::sqrt(part.dot(part));
      };
      const double share = unit ? norm(*unit) : 0;
      all.push_back({{"name", block.name}, {"share", share * share}, {"growth", number(norm(x) / norm(first_))}});
    }
    return all;
  }

  /// The network over the square, 0 to 255 from label 0 to label 1.
  Json outputs(int grid) {
    const SmallNetworkObjective& f = problem_.objective();
    std::vector<std::array<double, 2>> points;
    for (int row = 0; row < grid; ++row)
      for (int column = 0; column < grid; ++column)
        points.push_back({kReach * (2 * (column + 0.5) / grid - 1), kReach * (2 * (row + 0.5) / grid - 1)});
    Json all = Json::array();
    for (double y : f.outputs(points)) {
      if (f.shape().loss == SmallLoss::bce) y = 1 / (1 + std::exp(-y));
      all.push_back(std::isfinite(y) ? Json(static_cast<int>(std::lround(255 * std::clamp(y, 0.0, 1.0))))
                                     : Json(nullptr));
    }
    return all;
  }

  Json how_lost() {
    if (!lost_) return nullptr;
    std::string reason = fmt::format("In step {} the loss came to be {}.", steps(),
                                     std::isfinite(*lost_) ? format_number(*lost_, 3) : "no number any more");
    if (crossed_) {
      reason += fmt::format(
          " {} the learning rate {} was above the stability edge, {}: the sharpness was {}",
          *crossed_ == 0 ? std::string("Before the first step") : fmt::format("After step {}", *crossed_),
          format_number(lr_), format_number(*at_crossing_.edge, 3), format_number(at_crossing_.sharpness, 3));
      if (at_crossing_.critical) reason += fmt::format(", more than {}", format_number(*at_crossing_.critical, 3));
      reason += ".";
    }
    const std::vector<LayerShare> shares =
        tracker_.vector() ? layer_shares(problem_.objective(), *tracker_.vector()) : std::vector<LayerShare>{};
    if (!shares.empty())
      reason += fmt::format(" At the last look before, {:.0f}% of the sharpest direction lay in {}.",
                            100 * shares.front().share, shares.front().name);
    return {{"step", steps()}, {"reason", reason}};
  }

 private:
  /// One product, where the vector of the look before still serves.
  std::optional<Look> look() {
    const Optimizer& optimizer = problem_.optimizer();
    if (!optimizer.spec->recurrence) return std::nullopt;
    if (edge_is_preconditioned(optimizer) && run_->steps() < kFirstOfAdaptive) return std::nullopt;
    OptimizerPosition position = OptimizerPosition::of(*run_, optimizer);
    const double decay = position.preconditioner ? 0 : optimizer.gradient_decay();
    Probe probe(problem_.objective(), optimizer, std::move(position));
    if (probe.hessian().dim() == 0) return std::nullopt;
    Look found;
    found.sharpness = tracker_.look(probe.hessian()).value;
    found.edge = probe.edge({found.sharpness, {}}).lr.upper;
    if (found.edge) found.critical = (found.sharpness + decay) * *found.edge / lr_ - decay;
    return found;
  }

  SmallNetworkProblem problem_;
  double lr_;
  Vector first_;
  double threshold_;
  std::unique_ptr<Run> run_;
  EigenvalueTracker<Vector> tracker_;
  std::optional<long> crossed_;  ///< the step after which the rate was first above the edge
  Look at_crossing_;
  std::optional<double> lost_;  ///< the loss that ended it
};
std::unique_ptr<LiveTraining> current;

Json told(const Json& question, Json out) {
  out["step"] = current->steps();
  out["layers"] = current->layers();
  if (const int grid = question.value("grid", 0); grid > 0) out["outputs"] = current->outputs(std::min(grid, 200));
  out["reach"] = kReach;
  out["lost"] = current->how_lost();
  return out;
}

Json nothing_told() {
  return {
      {"losses", Json::array()}, {"sharpness", Json::array()}, {"edge", Json::array()}, {"critical", Json::array()}};
}

}  // namespace

Json begin_training(const Json& question) {
  current.reset();
  SmallNetworkOptions network;
  OptimizerOptions optimizer;
  double lr = 0;
  read_options(question.at("options"), fields(network) +
                                           Fields{{Group::runs, "lr", &lr, "Learning rate", Range::positive()}} +
                                           etamax::fields(optimizer));
  if (!(lr > 0)) throw InputError("lr", "which rate is trained at?");
  current = std::make_unique<LiveTraining>(network, make_optimizer(optimizer.name(), optimizer.settings()), lr);
  Json out = nothing_told();
  current->tell(out);
  out = told(question, std::move(out));
  out["points"] = current->points();
  return out;
}

Json train_on(const Json& question) {
  if (!current) throw InputError("no training has begun");
  Json out = nothing_told();
  for (long left = std::min(question.value("count", 1L), kMostAtOnce); left > 0 && !current->lost(); --left)
    current->step(out);
  return told(question, std::move(out));
}

}  // namespace etamax::web
