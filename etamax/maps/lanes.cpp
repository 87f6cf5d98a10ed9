#include "etamax/maps/lanes.h"

#include <algorithm>
#include <cmath>

namespace etamax {

void Lanes::run(const StepProgram& program, long first, long steps, Asking& asking) {
  constexpr std::size_t kGroup = StepProgram::kGroup;
  const std::size_t all = padded();
  std::vector<double*> to(state.size());
  std::vector<const double*> from(parameter.size());
  // Between two questions, as many steps as a group of lanes may make, of as many groups as may make them.
  const double most = Asking::kUnasked / program.work() / kGroup;
  for (const long end = first + steps; first < end;) {
    const long some = std::clamp<long>(static_cast<long>(std::min(most, 1e9)), 1, end - first);
    const double groups = std::min(std::max(most / static_cast<double>(some), 1.0), static_cast<double>(all / kGroup));
    const std::size_t lanes = static_cast<std::size_t>(groups) * kGroup;
    for (std::size_t begin = 0; begin < all; begin += lanes) {
      const std::size_t count = std::min(lanes, all - begin);
      for (std::size_t i = 0; i < to.size(); ++i) to[i] = state[i].data() + begin;
      for (std::size_t i = 0; i < from.size(); ++i) from[i] = parameter[i].data() + begin;
      program.run(to.data(), from.data(), count, first, some);
      asking.after(program.work() * static_cast<double>(count) * static_cast<double>(some));
    }
    first += some;
  }
}

void Lanes::fill_group() {
  if (live == 0) return;
  each_row([this](std::vector<double>& row) {
    row.resize(padded());
    std::fill(row.begin() + static_cast<std::ptrdiff_t>(live), row.end(), row.front());
  });
}

void Lanes::drop(const std::vector<std::uint8_t>& done) {
  std::vector<std::uint32_t> kept;
  for (std::uint32_t lane = 0; lane < live; ++lane)
    if (done[lane] == 0) kept.push_back(lane);
  if (kept.size() == live) return;
  each_row([&kept](std::vector<double>& row) {
    for (std::size_t to = 0; to < kept.size(); ++to) row[to] = row[kept[to]];
  });
  for (std::size_t to = 0; to < kept.size(); ++to) number[to] = number[kept[to]];
  live = kept.size();
  number.resize(live);
  fill_group();
}

Lanes Lanes::chosen(const std::vector<std::uint8_t>& flags) const {
  std::vector<std::uint8_t> others(live);
  for (std::size_t lane = 0; lane < live; ++lane) others[lane] = flags[lane] == 0 ? 1 : 0;
  Lanes copy = *this;
  copy.drop(others);
  return copy;
}

std::vector<double> Lanes::point(std::size_t lane) const {
  std::vector<double> x;
  for (std::size_t i = 0; i < start.size(); ++i) x.push_back(state[i][lane]);
  return x;
}

void History::add(const Lanes& lanes) {
  lanes_ = lanes.live, dimension_ = lanes.start.size();
  for (std::size_t i = 0; i < dimension_; ++i)
    points_.insert(points_.end(), lanes.state[i].begin(), lanes.state[i].begin() + static_cast<std::ptrdiff_t>(lanes_));
}

std::vector<double> History::point(std::size_t k, std::size_t lane) const {
  std::vector<double> x;
  for (std::size_t i = 0; i < dimension_; ++i) x.push_back(at(k, i, lane));
  return x;
}

double History::distance(std::size_t a, std::size_t b, std::size_t lane) const {
  double largest = 0;
  for (std::size_t i = 0; i < dimension_; ++i) largest = std::max(largest, std::abs(at(a, i, lane) - at(b, i, lane)));
  return largest;
}

Lanes lanes_of(const MapProblem& problem, std::size_t dimension, std::size_t states,
               const std::vector<MapProblem::Run>& runs) {
  Lanes lanes;
  lanes.live = runs.size();
  const std::size_t n = lanes.padded();
  const std::vector<std::string> free = problem.free_hyperparameters();
  lanes.state.assign(states, std::vector<double>(n));
  lanes.parameter.assign(1 + free.size(), std::vector<double>(n));
  lanes.start.assign(dimension, std::vector<double>(n));
  lanes.travel.assign(n, 0);
  std::vector<std::size_t> index;
  for (const std::string& name : free)
    for (std::size_t h = 0; h < problem.optimizer().hyperparameters.size(); ++h)
      if (problem.optimizer().hyperparameters[h].name == name) index.push_back(h);
  for (std::size_t lane = 0; lane < n; ++lane) {
    const MapProblem::Run& run = runs[lane < runs.size() ? lane : 0];
    for (std::size_t i = 0; i < dimension; ++i) lanes.state[i][lane] = lanes.start[i][lane] = run.start[i];
    lanes.parameter[0][lane] = run.lr;
    for (std::size_t f = 0; f < index.size(); ++f) lanes.parameter[1 + f][lane] = run.values[index[f]];
    if (lane < runs.size()) lanes.number.push_back(static_cast<std::uint32_t>(lane));
  }
  lanes.before = lanes.lap = lanes.start;
  return lanes;
}

}  // namespace etamax
