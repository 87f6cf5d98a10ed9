#include "recorded.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "etamax/files/bytes.h"
#include "etamax/files/npy.h"

using namespace etamax;

std::vector<ZooTask> zoo_tasks(const std::string& zoo, const std::string& part) {
  std::map<std::string, std::string> parts;
  std::ifstream index(zoo + "/records/index.csv");
  for (std::string line; std::getline(index, line);) {
    std::istringstream fields(line);
    std::string id, of, recorded;
    std::getline(fields, id, ',') && std::getline(fields, of, ',') && std::getline(fields, recorded, ',');
    if (recorded == "1") parts[id] = of;
  }
  std::vector<ZooTask> tasks;
  std::ifstream table(zoo + "/tasks.txt");
  bool header = true;
  for (std::string line; std::getline(table, line);) {
    if (line.empty() || line[0] == '#') continue;
    if (std::exchange(header, false)) continue;
    ZooTask task;
    std::istringstream(line) >> task.name >> task.model >> task.data >> task.loss >> task.optimizer >> task.batch >>
        task.schedule >> task.warmup >> task.horizon;
    const auto found = parts.find(task.id());
    if (found == parts.end() || found->second != part) continue;
    task.part = part;
    tasks.push_back(task);
  }
  return tasks;
}

RecordedTask::RecordedTask(const std::string& zoo, const ZooTask& task) : task_(task) {
  const std::string path = zoo + "/records/" + task.id() + ".npz";
  const ArrayFile file = open_npz(path, read_whole_file(path));
  half_octaves_ = file.read("half_octaves");
  steps_ = file.read("steps");
  training_ = file.read("training");
  held_out_ = file.read("held_out");
  lost_ = file.read("lost");
  start_training_ = file.read("start_training");
  start_held_out_ = file.read("start_held_out");
  edge_ = file.read("edge");
  scaled_gradient_norm_ = file.read("scaled_gradient_norm");
  constant_ = file.read("constant");
  training_examples_ = static_cast<std::int64_t>(file.read("training_examples").at(0));
  held_out_examples_ = static_cast<std::int64_t>(file.read("held_out_examples").at(0));
}

TuningTerms RecordedTask::terms(double budget, int repetition) const {
  TuningTerms terms;
  terms.horizon = task_.horizon;
  terms.training_examples = training_examples_;
  terms.validation_examples = held_out_examples_;
  terms.batch_size = task_.batch > 0 ? std::min(task_.batch, training_examples_) : training_examples_;
  terms.seeds = 3;
  terms.budget = budget;
  terms.optimizer = task_.optimizer.substr(0, task_.optimizer.find(':'));
  terms.decays = task_.schedule != "constant";
  terms.has_edge = !std::isnan(edge_.at(static_cast<std::size_t>(repetition % 3)));
  terms.preconditioned = terms.has_edge && terms.optimizer != "sgd" && terms.optimizer != "gd";
  terms.constant_loss = constant_.at(1);
  terms.start_loss = start_held_out_.at(static_cast<std::size_t>(repetition % 3));
  return terms;
}

StartFinding RecordedTask::start(int repetition) const {
  const auto s = static_cast<std::size_t>(repetition % 3);
  StartFinding found;
  if (std::isfinite(edge_.at(s))) found.edge.lr = {0.95 * edge_.at(s), 1.05 * edge_.at(s)};
  const double slope = std::pow(scaled_gradient_norm_.at(s), 2);
  if (slope > 0) found.polyak_rate = start_training_.at(s) / slope;
  return found;
}

std::size_t RecordedTask::rate_place(double lr) const {
  const double place = std::round(2 * std::log2(lr)) - half_octaves_.at(0);
  return static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(half_octaves_.size() - 1)));
}

int RecordedTask::half_octave(double lr) const { return static_cast<int>(half_octaves_.at(rate_place(lr))); }

double RecordedTask::loss(const NumberArray& of, std::size_t rate, std::size_t start, std::size_t checkpoint) const {
  return of.at((rate * of.shape[1] + start) * of.shape[2] + checkpoint);
}

double RecordedTask::end_loss(double lr, int start) const {
  const std::size_t rate = rate_place(lr), of = static_cast<std::size_t>(start);
  const double end = loss(held_out_, rate, of, steps_.size() - 1);
  return lost_.at(rate * lost_.shape[1] + of) >= 0 || !std::isfinite(end) ? INFINITY : end;
}

RunRecord RecordedTask::run(const TrialRequest& request, const TuningTerms& terms, long made, int repetition) const {
  const std::size_t rate = rate_place(request.lr), start = (request.seed + static_cast<std::uint64_t>(repetition)) % 3;
  std::size_t checkpoint = 0;
  for (std::size_t c = 1; c < steps_.size(); ++c)
    if (std::abs(steps_.at(c) - static_cast<double>(request.steps)) <=
        std::abs(steps_.at(checkpoint) - static_cast<double>(request.steps)))
      checkpoint = c;
  RunRecord run;
  run.lr = request.lr;
  run.seed = request.seed;
  run.warmup_steps = request.warmup_steps;
  run.steps = request.steps;
  run.start_loss = *terms.start_loss;
  const double lost = lost_.at(rate * lost_.shape[1] + start);
  const double now = loss(held_out_, rate, start, checkpoint);
  if ((lost >= 0 && lost <= static_cast<double>(request.steps)) || !std::isfinite(now)) {
    run.verdict = Verdict::diverges;
    run.steps = std::clamp(static_cast<long>(lost), made, request.steps);
    run.units = terms.steps_cost(run.steps - made);
    return run;
  }
  run.loss = now;
  run.training_loss = loss(training_, rate, start, checkpoint);
  run.verdict = now < *terms.start_loss ? Verdict::trains : Verdict::unclear;
  run.units = terms.steps_cost(request.steps - made) + terms.evaluations_cost(made, request.steps) +
              terms.judging_cost(request.steps);
  return run;
}
