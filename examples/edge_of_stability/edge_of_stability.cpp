// The edge of stability: full-batch gradient descent raises the largest curvature of its loss until it hovers
// where its own learning rate is just stable, 2/lr; heavy ball does the same at (2 + 2 momentum)/lr, and Adam, whose
// curvature is that of P^-1 H, at 38/lr. Cohen et al., "Gradient descent on neural networks typically occurs at the
// edge of stability", 2021, and "Adaptive gradient methods at the edge of stability", 2022.
//
// Usage: edge_of_stability FOLDER: writes FOLDER/edge_of_stability.csv and .svg.
#include <cstdio>
#include <fstream>

#include "etamax/core/format.h"
#include "etamax/curvature/probe.h"
#include "etamax/draw/chart.h"
#include "etamax/draw/svg.h"
#include "etamax/model/model_problem.h"
#include "etamax/model/runtime.h"
#include "etamax/spectrum/track.h"

namespace {

using namespace etamax;

struct Setup {
  std::string title, optimizer;
  Settings settings;
  double lr = 0;
  long steps = 0;
  /// The curvature at which lr is the edge: the edge is inversely proportional to it.
  double edge() const {
    const Optimizer rule = make_optimizer(optimizer, settings);
    return stability_edge(*rule.spec, rule.values, 1).value() / lr;
  }
};

struct Record {
  long step = 0;
  double loss = 0, sharpness = 0;
};

std::vector<Record> train(const Setup& setup) {
  constexpr long kEvery = 20;
  Dataset data = load_data("digits");
  standardize(data);
  // The digit as a number, in standard deviations: with labels the task is so easy that the loss, and with it
  // the curvature, is gone before the edge is reached.
  data.targets = (data.targets - data.targets.mean()) / data.targets.std();
  ModelProblem problem(make_network("mlp:64-32-32-1:tanh", {64}, 1, 0), data, find_loss("mse"),
                       {.optimizer = setup.optimizer, .settings = setup.settings});
  Objective& f = problem.objective();
  const Optimizer& optimizer = problem.optimizer();
  const std::unique_ptr<Run> run = problem.run({});
  EigenvalueTracker<Vector> tracker({4});
  std::vector<Record> records;
  for (long step = 0; step <= setup.steps; ++step) {
    if (step % kEvery == 0 && (step > 0 || !edge_is_preconditioned(optimizer))) {
      Probe probe(f, optimizer, OptimizerPosition::of(*run, optimizer));
      records.push_back({step, f.loss(), tracker.look(probe.hessian()).value});
    }
    run->step(setup.lr);
  }
  return records;
}

Chart picture(const Setup& setup, const std::vector<Record>& records) {
  Chart chart;
  chart.title = setup.title;
  chart.subtitle = "sharpness; dashed: where learning rate " + format_number(setup.lr) + " is just stable";
  Chart::Line sharpness;
  sharpness.paint = {Color::blue};
  double highest = setup.edge();
  for (const Record& r : records) {
    sharpness.points.push_back({static_cast<double>(r.step), r.sharpness});
    highest = std::max(highest, r.sharpness);
  }
  chart.x = {"step", linear_scale(0, static_cast<double>(setup.steps)), {}};
  chart.y = {"largest curvature", linear_scale(0, 1.1 * highest), {}};
  Chart::Line edge;
  edge.points = {{0, setup.edge()}, {static_cast<double>(setup.steps), setup.edge()}};
  edge.paint = {Color::vermillion};
  edge.dash = Dash::dashed;
  chart.lines = {edge, sharpness};
  return chart;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: edge_of_stability FOLDER\n"), 2;
  keep_freed_memory();
  const std::string folder = argv[1];
  std::ofstream csv(folder + "/edge_of_stability.csv");
  csv << "optimizer,lr,edge,step,loss,sharpness\n";
  std::vector<Chart> charts;
  for (const Setup& setup : {Setup{"gradient descent, edge 2/lr", "gd", {}, 0.1, 1500},
                             Setup{"heavy ball, edge (2 + 2 momentum)/lr", "sgd", {{"momentum", 0.5}}, 0.1, 1500},
                             Setup{"Adam, edge 38/lr of P^-1 H", "adam", {{"beta2", 0.99}}, 0.001, 1500}}) {
    const std::vector<Record> records = train(setup);
    for (const Record& r : records)
      csv << setup.optimizer << ',' << setup.lr << ',' << setup.edge() << ',' << r.step << ',' << r.loss << ','
          << r.sharpness << '\n';
    charts.push_back(picture(setup, records));
  }
  std::ofstream(folder + "/edge_of_stability.svg") << to_svg(side_by_side(charts, 3, 1200, 320), Theme::light);
  if (!csv.flush()) return std::fprintf(stderr, "cannot write to %s\n", folder.c_str()), 1;
}
