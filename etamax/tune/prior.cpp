#include "etamax/tune/prior.h"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace etamax {
namespace {

struct RecordedTask {
  const char* name;
  int kind, full_batch, decays;
  double start;
  int best;
  const char* mean[kShares];
  const char* deviation[kShares];
  const char* fails;
};

#include "etamax/tune/prior_table.inc"

constexpr double kLeastDeviation = 0.02;  // of an observation, besides what starts differ by
constexpr double kRelative = 0.15;        // of the progress
constexpr double kMisfit = 0.3;           // of the progress; and of the highest that the task reaches,
constexpr double kMisfitOfAll = 0.06;
constexpr double kShareOfAll[kShares] = {0.15, 0.25, 0.4, 0.7, 1};  // less of it early

double decoded(char c) {
  const double root = (c - 80) / 46.0;
  return std::copysign(root * root, root);
}

/// Around the best rate; its last values beyond both ends.
Prior::Curve spread_out(std::string_view coded, int best) {
  Prior::Curve curve;
  const int last = static_cast<int>(coded.size()) - 1;
  for (int u = 0; u < Prior::kPlaces; ++u)
    curve[u] =
        static_cast<float>(decoded(coded[static_cast<std::size_t>(std::clamp(u - Prior::kHalfWidth + best, 0, last))]));
  return curve;
}

Prior::Task task_of(const RecordedTask& row) {
  Prior::Task task;
  task.name = row.name;
  task.kind = static_cast<RuleKind>(row.kind);
  task.full_batch = row.full_batch != 0;
  task.decays = row.decays != 0;
  task.start = row.start;
  task.fails = spread_out(row.fails, row.best);
  for (std::size_t f = 0; f < kShares; ++f) task.mean[f] = spread_out(row.mean[f], row.best);
  const double most = std::max(0.05f, task.mean[kWhole].maxCoeff());
  for (std::size_t f = 0; f < kShares; ++f) {
    const Prior::Curve& mean = task.mean[f];
    task.variance[f] = spread_out(row.deviation[f], row.best).square() +
                       static_cast<float>(kLeastDeviation * kLeastDeviation) +
                       (static_cast<float>(kRelative) * mean).square();
    task.misfit[f] =
        static_cast<float>(kMisfit) * mean.abs() + static_cast<float>(kMisfitOfAll * most * kShareOfAll[f]);
    const Prior::Curve all = task.variance[f] + task.misfit[f].square();
    task.weight[f] = 0.5f / all;
    task.norm[f] = 0.5f * all.log();
  }
  return task;
}

}  // namespace

UsualRate usual_rate(const std::string& optimizer) {
  static const std::pair<const char*, std::pair<RuleKind, double>> kUsual[] = {
      {"gd", {RuleKind::plain, 0.1}},         {"sgd", {RuleKind::plain, 0.1}},
      {"adam", {RuleKind::adaptive, 1e-3}},   {"adamw", {RuleKind::adaptive, 1e-3}},
      {"rmsprop", {RuleKind::running, 1e-2}}, {"adagrad", {RuleKind::running, 1e-2}},
      {"lion", {RuleKind::sign, 1e-4}},       {"signsgd", {RuleKind::sign, 1e-3}}};
  for (const auto& [name, usual] : kUsual)
    if (optimizer == name) return {usual.first, std::log2(usual.second)};
  return {RuleKind::unknown, std::log2(1e-2)};
}

double expected_octave(const UsualRate& usual, const double* bound) {
  if (usual.kind == RuleKind::unknown) return usual.octave;
  const auto [offset, slope] = kCenters[static_cast<int>(usual.kind)];
  if (usual.kind != RuleKind::plain) return offset + slope * usual.octave;
  return bound ? offset + slope * *bound : usual.octave;
}

double progress_of(double loss, double constant, double floor) {
  if (!std::isfinite(loss)) return kLostProgress;
  const double ratio = std::max(0.0, loss - floor) / (constant - floor);
  return std::max(-1.0, ratio <= 1 ? 1 - ratio : -0.25 * std::log(ratio));
}

double loss_of(double progress, double constant, double floor) {
  return floor + (constant - floor) * (progress >= 0 ? 1 - progress : std::exp(-4 * progress));
}

const Prior& Prior::learned() {
  static const Prior all = [] {
    Prior prior;
    for (const RecordedTask& row : kRecorded) prior.tasks_.push_back(std::make_shared<const Task>(task_of(row)));
    return prior;
  }();
  return all;
}

Prior Prior::without(const std::string& name) const {
  Prior rest;
  for (const auto& task : tasks_)
    if (task->name != name) rest.tasks_.push_back(task);
  return rest;
}

}  // namespace etamax
