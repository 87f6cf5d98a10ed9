#include "etamax/maps/bifurcation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "etamax/core/format.h"
#include "etamax/core/stopwatch.h"
#include "etamax/expr/objective_table.h"
#include "etamax/maps/doublings.h"
#include "etamax/maps/settling.h"

namespace etamax {
namespace {

constexpr std::size_t kColumns = 1024;  // side by side

/// The rule's step, and beside it what it makes of a small distance.
StepProgram growing_program(const StepExpressions& step) {
  std::vector<std::string> names = step.state;
  std::vector<Expression> next = step.next;
  add_growth(step, names, next);
  return {next, names, step.parameters, kStepNumber};
}

/// The problem with a vertical axis that moves nothing: it needs one.
MapOptions with_one_row(MapOptions options, const std::string& variable) {
  options.y = {variable, 0, 1, false, 1};
  if (options.start.size() != 1) throw InputError("start", "the start of the runs, one number, for example `start=-1`");
  options.y.from = options.start.front().second;
  options.y.to = options.y.from + 1;
  options.start.clear();
  return options;
}

/// Iterates of all columns, one moment after the other.
struct Kept {
  History points;
  std::vector<double> growth;
};

/// `out`: as many columns as there are lanes.
void judge(const Lanes& lanes, const Kept& kept, long steps, BifurcationColumn* out, Asking& asking) {
  constexpr double kExponent = 1e-3;
  for (std::size_t lane = 0; lane < lanes.live; ++lane) {
    BifurcationColumn& column = out[lane];
    if (!std::isfinite(lanes.state[0][lane])) {
      column.fate = Verdict::diverges;
      continue;
    }
    column.lyapunov = kept.growth[lane] / static_cast<double>(steps);
    const std::size_t last = kept.points.size() - 1;
    const double size = std::abs(kept.points.at(last, 0, lane));
    if (kept.points.distance(last, last - 1, lane) <= 1e-12 * (1 + size)) {
      column.fate = Verdict::converges, column.period = 1;
    } else if (const int period = period_of(kept.points, lane, 1e-9 * (1 + size), asking); period > 0) {
      column.fate = Verdict::cycles, column.period = period;
    } else if (*column.lyapunov > kExponent) {
      column.fate = Verdict::chaotic;
    }
  }
}

/// What the picture shows: all that stays, or nearly all of it where a few go far.
void choose_range(BifurcationDiagram& d, std::vector<double> stayed) {
  if (stayed.empty()) stayed = {-1, 1};
  std::sort(stayed.begin(), stayed.end());
  d.low = stayed.front(), d.high = stayed.back();
  const double room = d.high > d.low ? 0.03 * (d.high - d.low) : std::max(0.1, 0.1 * std::abs(d.low));
  d.low -= room, d.high += room;
}

std::vector<std::string> answer_of(const BifurcationDiagram& d) {
  std::vector<std::string> sentences;
  const bool rates = d.x.name == "lr";
  const std::string axis = rates ? "a learning rate" : "a " + d.x.name;
  if (!d.doublings.empty()) {
    std::vector<std::string> parts;
    for (const PeriodDoubling& p : d.doublings)
      parts.push_back(fmt::format("{} to {} at {}", p.period, 2 * p.period, format_number(p.at, 9)));
    sentences.push_back("The period doubles from " + joined(parts) + ".");
    if (d.doublings.back().ratio)
      sentences.push_back(
          fmt::format("The last range of one period is {} times shorter than the one before; that tends to "
                      "Feigenbaum's 4.669.",
                      format_number(*d.doublings.back().ratio, 5)));
  }
  const auto first = [&](Verdict fate) {
    const auto at =
        std::find_if(d.columns.begin(), d.columns.end(), [fate](const BifurcationColumn& c) { return c.fate == fate; });
    return at == d.columns.end() ? -1 : static_cast<int>(at - d.columns.begin());
  };
  if (const int at = first(Verdict::chaotic); at >= 0)
    sentences.push_back(
        fmt::format("The first run that is chaotic is at {} of {}.", axis, format_number(d.x.value(at), 5)));
  if (const int at = first(Verdict::diverges); at >= 0)
    sentences.push_back(fmt::format("The first that diverges is at {}.", format_number(d.x.value(at), 5)));
  if (sentences.empty())
    sentences.emplace_back(first(Verdict::cycles) < 0
                               ? "All of these runs settle at a point, or none of them is told apart."
                               : "No doubling of a period is in this range.");
  return sentences;
}

}  // namespace

BifurcationDiagram bifurcation(const BifurcationOptions& options, const Progress& progress) {
  const Stopwatch watch;
  const std::vector<std::string> variables = parse_objective(options.runs.expression).variables;
  if (variables.size() != 1)
    throw InputError("bifurcation", fmt::format("is drawn of a function of one variable; this one has {}",
                                                variables.empty() ? "none" : joined(variables)));
  const MapProblem problem(with_one_row(options.runs, variables.front()));
  const StepExpressions step =
      step_expressions(problem.function(), problem.optimizer(), problem.values(), problem.free_hyperparameters());
  const StepProgram program = growing_program(step);
  const std::size_t states = step.state.size();
  BifurcationDiagram d;
  d.expression = problem.expression();
  d.variable = problem.function().variables().front();
  d.optimizer = problem.optimizer().name;
  d.hyperparameters = shown_settings(problem.optimizer(), problem.values());
  d.lr = problem.lr();
  d.start = options.runs.start.front().second;
  d.x = problem.x();
  d.rows = options.rows, d.skipped = options.skipped, d.kept = options.kept;
  const auto width = static_cast<std::size_t>(d.x.pixels);
  d.columns.resize(width);
  std::vector<double> stayed;
  std::vector<std::vector<double>> iterates(width);
  Asking asking(progress);
  try {
    for (std::size_t begin = 0; begin < width; begin += kColumns) {
      asking.done(static_cast<double>(begin) / static_cast<double>(width));
      asking.now();
      std::vector<MapProblem::Run> runs;
      for (std::size_t i = begin; i < std::min(width, begin + kColumns); ++i)
        runs.push_back(problem.run(static_cast<int>(i), 0));
      Lanes lanes = lanes_of(problem, 1, states, runs);
      lanes.state.resize(2 * states, std::vector<double>(lanes.padded(), 0));
      lanes.state[states].assign(lanes.padded(), 1);
      Kept kept{{}, std::vector<double>(lanes.live, 0)};
      lanes.run(program, 1, options.skipped, asking);
      for (long k = 0; k < options.kept; ++k) {
        for (std::size_t lane = 0; lane < lanes.live; ++lane) {
          double size = 0;
          for (std::size_t s = 0; s < states; ++s) size = std::max(size, std::abs(lanes.state[states + s][lane]));
          if (k > 0) kept.growth[lane] += std::log(std::max(size, std::numeric_limits<double>::min()));
          const double to = std::isnormal(size) ? 1 / size : 0;
          for (std::size_t s = 0; s < states; ++s)
            lanes.state[states + s][lane] = to > 0 ? lanes.state[states + s][lane] * to : (s == 0 ? 1 : 0);
        }
        lanes.run(program, options.skipped + 1 + k, 1, asking);
        kept.points.add(lanes);
      }
      d.cost.gradients += (options.skipped + options.kept) * static_cast<long>(lanes.live);
      judge(lanes, kept, options.kept - 1, &d.columns[begin], asking);
      for (std::size_t lane = 0; lane < lanes.live; ++lane) {
        if (d.columns[begin + lane].fate == Verdict::diverges) continue;
        for (std::size_t k = 0; k < kept.points.size(); ++k)
          iterates[begin + lane].push_back(kept.points.at(k, 0, lane));
        const auto [low, high] = std::minmax_element(iterates[begin + lane].begin(), iterates[begin + lane].end());
        stayed.push_back(*low), stayed.push_back(*high);
      }
    }
    if (d.x.name == "lr" && states == 1) d.doublings = period_doublings(problem, d.start, d.x.from, d.x.to, d.cost);
  } catch (const Interrupted&) {
    d.partial = true;
  }
  choose_range(d, std::move(stayed));
  d.counts.assign(width * static_cast<std::size_t>(d.rows), 0);
  for (std::size_t i = 0; i < width; ++i)
    for (const double x : iterates[i]) {
      const auto row = static_cast<std::size_t>(
          std::clamp((x - d.low) / (d.high - d.low) * d.rows, 0.0, static_cast<double>(d.rows - 1)));
      ++d.counts[row * width + i];
    }
  d.answer = answer_of(d);
  d.cost.seconds = watch.seconds();
  return d;
}

}  // namespace etamax
