// Where to begin, and how high it goes.
#include <algorithm>
#include <cmath>

#include "etamax/training/search.h"
#include "etamax/tune/parts.h"

namespace etamax {
namespace {

constexpr double kEdgeShare = 0.03;   // of the budget
constexpr double kUsualStart = 1e-3;  // where no edge is known
constexpr double kBelowEdge =
    0.25;                         // where to begin: batches and momentum make the edge too high more often than too low
constexpr int kMostOctaves = 20;  // from the first rate, up or down

}  // namespace

void find_edge(Replay& replay, PolicyState& state) {
  const TuningTerms& terms = replay.terms();
  if (!terms.has_edge) return;
  const std::int64_t warm = terms.preconditioned ? terms.steps_cost(kPreconditionerSteps) : 0;
  const auto share = static_cast<std::int64_t>(kEdgeShare * static_cast<double>(replay.budget().limit()));
  const std::int64_t examples =
      std::min<std::int64_t>(terms.training_examples, (share - warm) / (kUnitsOfEdge + Budget::kGradient));
  if (examples < std::min(kLeastEdgeExamples, terms.training_examples)) {
    state.edge.reason = "the budget does not pay for the curvature of enough examples";
    return;
  }
  state.edge_examples = examples;
  const StartFinding& found = replay.start({examples}, warm + (kUnitsOfEdge + Budget::kGradient) * examples);
  state.edge = found.edge;
  state.polyak_rate = found.polyak_rate;
}

void find_limit(Replay& replay, PolicyState& state) {
  const long steps = replay.terms().bracket_steps();
  const Interval& edge = state.edge.lr;
  // Where the loss is saturated the curvature is still to come: no step beyond Polyak's, loss / |gradient|^2, which
  // goes to zero loss where the loss is linear (Polyak, Introduction to Optimization, 1987; all losses here are at
  // least 0).
  std::optional<double> first = state.polyak_rate;
  if (edge.upper)
    first = std::min(first.value_or(INFINITY),
                     kBelowEdge * (edge.lower ? std::sqrt(*edge.lower * *edge.upper) : *edge.upper));
  replay.set_first_rate(first.value_or(kUsualStart));
  std::map<int, double> losses;
  const auto trains = [&](int k) -> std::optional<bool> {
    const auto trial = replay.evaluate(k, steps, "bracket");
    if (!trial) return std::nullopt;
    if (works(*trial)) losses[k] = *trial->loss;
    return works(*trial);
  };
  const auto best = [&] {
    return std::min_element(losses.begin(), losses.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
  };
  RateSearch search;
  search.first = replay.first_rate();
  search.most_octaves = kMostOctaves;
  search.doubling = true;
  search.trains = [&](double lr) { return trains(replay.place(lr)); };
  search.known = [&](double trains_at) {
    RateBracket known;
    if (trains_at > 0) known.trains = trains_at;
    if (const auto lost = replay.lowest_that_fails()) known.fails = replay.rate(*lost);
    return known;
  };
  search.may_go_on = [&] {
    return replay.budget().affords(replay.budget().limit() / 2);
  };  // never all of it for the bracket
  search.may_go_up = [&](double lr) { return replay.place(lr) - best() < 2 * Replay::kOctave; };
  const RateBracket bracket = find_largest_trainable_rate(search);
  if (!bracket.trains) return;
  state.highest_that_works = replay.place(*bracket.trains);
  for (int low = losses.begin()->first - Replay::kOctave; low > best() - 2 * Replay::kOctave && search.may_go_on();
       low -= Replay::kOctave)
    if (!trains(low).value_or(false)) break;
}

}  // namespace etamax
