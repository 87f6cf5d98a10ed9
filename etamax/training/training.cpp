#include "etamax/training/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "etamax/core/format.h"

namespace etamax {

double Schedule::factor(long step) const {
  const double done = static_cast<double>(step) / static_cast<double>(horizon);
  const double factor = name == "cosine"   ? 0.5 * (1 + std::cos(std::numbers::pi * done))
                        : name == "linear" ? 1 - done
                                           : 1;
  return step < warmup ? factor * static_cast<double>(step + 1) / static_cast<double>(warmup) : factor;
}

void LossTrace::add(long step, double loss) {
  constexpr std::size_t kMost = 2000;
  if (step % stride == 0) losses.push_back(loss);
  if (losses.size() <= kMost) return;
  for (std::size_t i = 1; 2 * i < losses.size(); ++i) losses[i] = losses[2 * i];
  losses.resize((losses.size() + 1) / 2);
  stride *= 2;
}

Training::Training(std::unique_ptr<Run> run, TrainingSettings settings, TrainingRecord begun)
    : run_(std::move(run)), settings_(std::move(settings)), record_(std::move(begun)) {}

void Training::train_to(long steps, const Watcher& watcher) {
  examples_seen_ = 0;
  if (record_.lost) return;
  run_->resume();
  while (record_.steps < steps) {
    double lr = settings_.lr * settings_.schedule.factor(record_.steps);
    if (settings_.steering) lr = settings_.steering->rate(*run_, lr);
    const auto [loss, examples] = run_->step(lr);
    if (settings_.steering) settings_.steering->stepped(*run_);
    examples_seen_ += examples;
    record_.trace.add(record_.steps, loss);
    if (record_.steps == 0) record_.first_loss = loss;
    if (!(loss <= settings_.divergence_threshold) || !std::isfinite(loss)) {
      record_.lost = loss;
      return;
    }
    ++record_.steps;
    if (watcher && !watcher({record_.steps, loss, *run_})) return;
    const long all = std::max(settings_.schedule.horizon, steps);
    report_progress(settings_.progress, static_cast<double>(record_.steps) / static_cast<double>(all),
                    [&, loss = loss] {
                      return fmt::format("lr {}, step {} of {}, loss {}", format_number(lr, 3), record_.steps, all,
                                         format_number(loss, 3));
                    });
  }
}

double divergence_threshold(double start_loss, std::optional<double> baseline) {
  constexpr double kTimes = 1e8;
  return kTimes * std::max({std::abs(start_loss), baseline.value_or(0), 1e-12});
}

}  // namespace etamax
