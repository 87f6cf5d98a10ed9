#include "etamax/maps/network.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "etamax/core/error.h"
#include "etamax/maps/detail_network.h"

namespace etamax {

namespace detail {

AlignedNumbers::AlignedNumbers(std::size_t size)
    : data_(static_cast<double*>(::operator new(size * sizeof(double), kAlignment))) {
  std::fill_n(data_.get(), size, 0.0);
}

NetworkLanes::NetworkLanes(const NetworkData& data, std::size_t lanes)
    : input_weights(data.width * data.units * lanes),
      input_gradient(data.width * data.units * lanes),
      output_weights(data.units * lanes),
      output_gradient(data.units * lanes),
      input_rate(lanes),
      output_rate(lanes),
      loss(lanes),
      hidden(data.units * kExampleBlock * lanes) {}

}  // namespace detail

namespace {

std::size_t filled_up(std::size_t count, std::size_t block) { return (count + block - 1) / block * block; }

detail::NetworkData compile(const NetworkTask& task) {
  const std::size_t n = task.width, rows = filled_up(task.examples(), detail::kExampleBlock);
  detail::NetworkData data{.width = n,
                           .units = filled_up(n, detail::kUnitBlock),
                           .examples = task.examples(),
                           .rows = rows,
                           .input_scale = 2 * std::numbers::log2e * std::sqrt(2 / static_cast<double>(n)),
                           .inputs = std::vector<double>(rows * n),
                           .targets = std::vector<double>(rows)};
  constexpr std::size_t B = detail::kExampleBlock;
  for (std::size_t e = 0; e < task.examples(); ++e) {
    for (std::size_t i = 0; i < n; ++i)
      data.inputs[(e / B * n + i) * B + e % B] = task.inputs[e * n + i] * data.input_scale;
    data.targets[e] = task.targets[e] * static_cast<double>(n);
  }
  return data;
}

/// Sums up the losses of one run, as they come. What is at the limit is counted, not added up: runs that overflow at
/// once then have one measure, whatever the order of the additions.
class Tally {
 public:
  explicit Tally(std::size_t steps) : steps_(steps) {}

  void add(double loss) {
    if (seen_ == 0) first_ = loss;
    count(std::isfinite(loss) ? loss / first_ : lost(), 1);
  }
  bool complete() const { return seen_ == steps_; }

  /// All losses that are left are no numbers when the weights have overflowed.
  NetworkRun verdict(bool overflowed) {
    NetworkRun run;
    run.done = true;
    run.steps = seen_;
    count(lost(), steps_ - seen_);
    const std::size_t in_tail = std::min(steps_, kNetworkTail);
    const double at_limit = static_cast<double>(at_limit_);
    run.tail = tail_at_limit_ == in_tail
                   ? kNetworkLossLimit
                   : (tail_ + static_cast<double>(tail_at_limit_) * kNetworkLossLimit) / static_cast<double>(in_tail);
    const bool trains = run.tail < 1;
    run.measure = trains ? -(sum_ + at_limit * kNetworkLossLimit) : inverses_ + at_limit / kNetworkLossLimit;
    if (trains)
      run.fate = Verdict::trains;
    else
      run.fate = overflowed || run.tail >= kNetworkLossLimit ? Verdict::diverges : Verdict::unclear;
    return run;
  }

 private:
  /// What a loss that is no number counts for.
  double lost() const { return kNetworkLossLimit / first_; }

  void count(double loss, std::size_t times) {
    const std::size_t before_tail = steps_ - std::min(steps_, kNetworkTail);
    const std::size_t in_tail = std::min(times, seen_ + times - std::min(seen_ + times, before_tail));
    seen_ += times;
    if (loss >= kNetworkLossLimit) {
      at_limit_ += times, tail_at_limit_ += in_tail;
      return;
    }
    const double k = static_cast<double>(times);
    sum_ += k * loss, inverses_ += k / loss;
    tail_ += loss * static_cast<double>(in_tail);
  }

  std::size_t steps_, seen_ = 0, at_limit_ = 0, tail_at_limit_ = 0;
  double first_ = 1, sum_ = 0, inverses_ = 0, tail_ = 0;
};

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

}  // namespace

struct NetworkTrainings::Compiled {
  NetworkTask task;
  std::size_t steps;
  detail::NetworkData data = compile(task);

  double loss_scale() const {
    const double n = static_cast<double>(task.width);
    return 1 / (n * n * static_cast<double>(task.examples()));
  }
  /// Puts a new training into a lane. The factors undo those of NetworkData and add the derivative of the mean
  /// square's.
  void start(detail::NetworkLanes& at, std::size_t lanes, std::size_t lane, double input_rate,
             double output_rate) const {
    const std::size_t n = task.width;
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < data.units; ++j)
        at.input_weights[data.place(i, j) * lanes + lane] = j < n ? task.input_weights[i * n + j] : 0;
    for (std::size_t j = 0; j < data.units; ++j)
      at.output_weights[j * lanes + lane] = j < n ? task.output_weights[j] : 0;
    at.output_rate[lane] = output_rate * 2 * loss_scale();
    at.input_rate[lane] = input_rate * 2 * loss_scale() * (std::numbers::ln2 / 2);
  }
  /// An output weight that is not finite makes all outputs, the loss and every later gradient of that weight not
  /// finite; and any NaN reaches the output weights within a step. An infinite input weight alone only saturates its
  /// unit.
  bool overflowed(const detail::NetworkLanes& at, std::size_t lanes, std::size_t lane) const {
    for (std::size_t j = 0; j < task.width; ++j)
      if (!std::isfinite(at.output_weights[j * lanes + lane])) return true;
    return false;
  }
};

NetworkTrainings::NetworkTrainings(const NetworkTask& task, std::size_t steps) {
  const std::size_t n = task.width;
  if (steps == 0) throw InputError("steps", "0", "at least 1");
  if (n == 0 || task.examples() == 0 || task.input_weights.size() != n * n || task.output_weights.size() != n ||
      task.inputs.size() != n * task.examples())
    throw InputError("the arrays of the network's task do not fit its width, " + std::to_string(n));
  compiled_ = std::make_unique<const Compiled>(Compiled{task, steps});
}
NetworkTrainings::~NetworkTrainings() = default;
NetworkTrainings::NetworkTrainings(NetworkTrainings&&) noexcept = default;
NetworkTrainings& NetworkTrainings::operator=(NetworkTrainings&&) noexcept = default;
std::size_t NetworkTrainings::steps() const { return compiled_->steps; }
const NetworkTask& NetworkTrainings::task() const { return compiled_->task; }

void NetworkTrainings::run(std::span<const double> input_rates, std::span<const double> output_rates,
                           std::span<NetworkRun> runs, const Progress& progress) const {
  const Compiled& c = *compiled_;
  const detail::NetworkTarget& target = detail::network_target_in_use();
  const std::size_t lanes = target.lanes;
  detail::NetworkLanes at(c.data, lanes);
  std::fill(runs.begin(), runs.end(), NetworkRun());

  std::size_t next = 0, ended = 0;
  std::vector<std::size_t> run_of(lanes, kNone);
  std::vector<Tally> tally(lanes, Tally(c.steps));
  const auto refill = [&](std::size_t lane) {
    run_of[lane] = next < runs.size() ? next++ : kNone;
    if (run_of[lane] == kNone)
      c.start(at, lanes, lane, 0, 0);  // a lane at rest
    else
      c.start(at, lanes, lane, input_rates[run_of[lane]], output_rates[run_of[lane]]);
    tally[lane] = Tally(c.steps);
  };
  for (std::size_t lane = 0; lane < lanes; ++lane) refill(lane);

  while (ended < runs.size()) {
    report_progress(progress, static_cast<double>(ended) / static_cast<double>(runs.size()));
    target.step(c.data, at);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      if (run_of[lane] == kNone) continue;
      tally[lane].add(at.loss[lane] * c.loss_scale());
      const bool overflowed = c.overflowed(at, lanes, lane);
      if (!overflowed && !tally[lane].complete()) continue;
      runs[run_of[lane]] = tally[lane].verdict(overflowed);
      ++ended;
      refill(lane);
    }
  }
}

std::vector<double> NetworkTrainings::losses(double input_rate, double output_rate) const {
  const Compiled& c = *compiled_;
  const detail::NetworkTarget& target = detail::network_target_in_use();
  detail::NetworkLanes at(c.data, target.lanes);
  for (std::size_t lane = 0; lane < target.lanes; ++lane) c.start(at, target.lanes, lane, 0, 0);
  c.start(at, target.lanes, 0, input_rate, output_rate);
  std::vector<double> losses;
  for (std::size_t step = 0; step <= c.steps; ++step) {
    const bool overflowed = c.overflowed(at, target.lanes, 0);
    target.step(c.data, at);
    losses.push_back(at.loss[0] * c.loss_scale());
    if (overflowed) break;
  }
  return losses;
}

NetworkRun judge_network_losses(std::span<const double> losses, std::size_t steps) {
  Tally tally(steps);
  for (const double loss : losses.first(losses.size() - 1)) tally.add(loss);
  return tally.verdict(!std::isfinite(losses.back()));
}

}  // namespace etamax
