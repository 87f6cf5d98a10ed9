#include "etamax/training/short_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/problem/batches.h"
#include "etamax/training/search.h"

namespace etamax {
namespace {

constexpr int kOctavesUp = 40;
const double kHalfOctave = std::sqrt(2.0);
constexpr int kMostMoves = 16;          // by half an octave, of an end for the sake of other starts
constexpr std::size_t kCandidates = 4;  // for the rate to use
constexpr std::size_t kFinalists = 3;   // of them, tried from all starts
constexpr int kPastTheBest = 3;         // half octaves down without a lower loss, and no more are asked

bool trains(const RunRecord& run) { return run.verdict == Verdict::trains; }

/// Of runs by rate, ascending: the last that trains before one that is too high.
RateBracket bracket_of(const std::vector<RunRecord>& runs) {
  RateBracket bracket;
  for (const RunRecord& run : runs) {
    if (trains(run) && !bracket.fails) bracket.trains = run.lr;
    if (fails(run) && bracket.trains && !bracket.fails) bracket.fails = run.lr;
  }
  return bracket;
}

bool equal(const Vector& a, const Vector& b) {
  Vector difference = a;
  difference.add_scaled(-1, b);
  return difference.dot(difference) == 0;
}

}  // namespace

RunRecord short_run(Problem& problem, double lr, const RunStart& start, const ShortRunSettings& settings,
                    const Training::Watcher& watcher, Steering* steering) {
  Objective& f = problem.objective();
  const KeepParameters keep(f);
  f.set_parameters(start.parameters);
  RunRecord record;
  record.lr = lr;
  record.seed = start.seed;
  record.start_loss = start.loss;
  TrainingSettings how;
  how.lr = lr;
  how.schedule = settings.schedule;
  how.divergence_threshold = divergence_threshold(start.loss, settings.baseline);
  record.divergence_threshold = how.divergence_threshold;
  how.progress = settings.progress;
  how.steering = steering;
  Training training(problem.run({settings.batch_size, start.seed, true, settings.clip}), how);
  training.train_to(settings.steps, watcher);
  record.steps = training.steps();
  LossTrace trace = training.trace();
  std::optional<double> lost = training.lost();
  const bool ended = !lost && record.steps < settings.steps;
  if (!lost && !ended) {
    // After the last step only the loss is of interest, and that on all the data.
    record.loss = f.loss();
    if (is_full_batch(f, settings.batch_size)) trace.add(record.steps, *record.loss);
    if (!std::isfinite(*record.loss) || *record.loss > training.settings().divergence_threshold)
      lost = std::exchange(record.loss, {});
  }
  record.losses = std::move(trace.losses);
  record.stride = trace.stride;
  if (lost) {
    record.verdict = Verdict::diverges;
    record.first_bad_step = record.steps;
    record.lost_loss = lost;
    record.reason = fmt::format("After {} the loss is {}.", counted(record.steps, "step"),
                                std::isfinite(*lost)
                                    ? fmt::format("{}, above the divergence threshold of {}", format_number(*lost, 3),
                                                  format_number(training.settings().divergence_threshold, 3))
                                    : "no longer a finite number");
  } else if (record.loss && !start.outputs_same && f.outputs_are_all_the_same()) {
    record.verdict = Verdict::collapses;
    record.reason = fmt::format("The loss is finite but stuck at {}: the outputs are the same for all inputs.",
                                format_number(*record.loss, 3));
  }
  return record;
}

Starts starts_of(Problem& problem, std::uint64_t seed, long count, const ShortRunSettings& settings) {
  Objective& f = problem.objective();
  const KeepParameters keep(f);
  const auto start_at = [&](std::uint64_t order, const Vector& parameters) {
    f.set_parameters(parameters);
    return RunStart{order, parameters, f.loss(), f.outputs_are_all_the_same()};
  };
  Starts starts;
  starts.all.push_back(start_at(seed, keep.parameters()));
  const bool other_orders = !is_full_batch(f, settings.batch_size);
  bool other_weights = false;
  const Vector usual = problem.start(seed);
  for (std::uint64_t k = 1; count > 1 && k < 2 * static_cast<std::uint64_t>(count); ++k) {
    const Vector parameters = problem.start(seed + k);
    const bool other = !equal(parameters, usual);
    if (!other && !other_orders) break;
    other_weights = other_weights || other;
    if (other) {
      starts.all.push_back(start_at(seed + k, parameters));
    } else {  // in another order, and else as the first
      starts.all.push_back(starts.all.front());
      starts.all.back().seed = seed + k;
    }
  }
  starts.usual = std::min(starts.all.size(), static_cast<std::size_t>(count));
  if (starts.all.size() > 1)
    starts.about = other_weights && other_orders ? "weights and order of the examples"
                   : other_weights               ? "weights"
                                                 : "order of the examples";
  return starts;
}

TrainableSearch::TrainableSearch(Problem& problem, const Starts& starts, ShortRunSettings settings)
    : problem_(problem), starts_(starts), settings_(std::move(settings)) {}

/// The run at that rate, or at one that is the same to rounding, from one of the starts: made where it was not made
/// before. All are judged anew.
const RunRecord& TrainableSearch::run(double lr, std::size_t start, Analysis& answer) {
  std::vector<RunRecord>& runs = start == 0 ? answer.runs : answer.other_starts;
  const RunStart& from = starts_.all[start];
  for (const RunRecord& main : answer.runs)
    if (std::abs(main.lr / lr - 1) < 1e-9) lr = main.lr;
  if (!made(lr, start, answer)) {
    RunRecord fresh = short_run(problem_, lr, from, settings_);
    const auto place =
        std::upper_bound(runs.begin(), runs.end(), lr, [](double a, const RunRecord& b) { return a < b.lr; });
    runs.insert(place, std::move(fresh));
    judge_all({&answer.runs, &answer.other_starts}, settings_.baseline);
  }
  return *made(lr, start, answer);
}

/// Null where it was not made.
const RunRecord* TrainableSearch::made(double lr, std::size_t start, const Analysis& answer) const {
  const std::vector<RunRecord>& runs = start == 0 ? answer.runs : answer.other_starts;
  const auto found = std::find_if(runs.begin(), runs.end(), [&](const RunRecord& run) {
    return run.lr == lr && run.seed == starts_.all[start].seed;
  });
  return found == runs.end() ? nullptr : &*found;
}

/// Whether every usual start trains at that rate, or every one fails, and every further one that was tried there or is
/// to be; asks until one does not.
bool TrainableSearch::all(double lr, bool train, Analysis& answer, bool with_further) {
  for (std::size_t start = 0; start < starts_.all.size(); ++start) {
    if (start >= starts_.usual && !with_further && !made(lr, start, answer)) continue;
    if (trains(run(lr, start, answer)) != train) return false;
  }
  return true;
}

/// The first of the rates from `lr` on, each `factor` times the one before, at which every start trains, or every one
/// fails, as the rate of its runs; none among as many as are asked.
std::optional<double> TrainableSearch::first_where_all(double lr, double factor, bool train, Analysis& answer) {
  for (int moved = 0; moved <= kMostMoves; ++moved, lr *= factor) {
    lr = run(lr, 0, answer).lr;
    if (all(lr, train, answer)) return lr;
  }
  return {};
}

void TrainableSearch::search(double around, const std::vector<double>& also, Analysis& answer) {
  LargestTrainable& found = answer.trainable;
  found.steps = settings_.steps;
  found.starts = static_cast<long>(starts_.usual);
  found.starts_about = starts_.about;
  RateSearch search;
  // The first run below the edge is the measure that the others are held to.
  search.first = around / 2;
  search.most_octaves_up = kOctavesUp;
  search.trains = [&](double lr) -> std::optional<bool> { return !fails(run(lr, 0, answer)); };
  search.known = [&](double) { return bracket_of(answer.runs); };
  for (const double lr : also) search.trains(lr);
  // A run made late may end below all before it, and change what counts as training: all is asked again, mostly of runs
  // that are there, until the answer is that of the runs it was made with.
  std::size_t runs = 0;
  const auto made = [&] { return answer.runs.size() + answer.other_starts.size(); };
  do {
    runs = made();
    found.reason.clear();
    answer.recommended.reset();
    answer.recommended_reason.clear();
    const RateBracket bracket = find_largest_trainable_rate(search);
    found.lr = {bracket.trains, bracket.fails};
    if (!bracket.trains) {
      found.reason = why_none_trains(answer);
      answer.recommended_reason = found.reason;
      continue;
    }
    ask_other_starts(answer);
    for (const double lr : also) all(lr, true, answer);
    recommend(answer);
  } while (made() > runs);
}

void TrainableSearch::ask_other_starts(Analysis& answer) {
  LargestTrainable& found = answer.trainable;
  const double first = *found.lr.lower;
  found.lr.lower = first_where_all(first, 1 / kHalfOctave, true, answer);
  if (found.lr.upper) found.lr.upper = first_where_all(*found.lr.upper, kHalfOctave, false, answer);
  if (!found.lr.lower)
    found.reason = fmt::format("at no rate down to {} do all {} starts train",
                               format_number(first * std::pow(kHalfOctave, -kMostMoves), 3), starts_.usual);
  else if (!found.lr.upper)
    found.reason =
        fmt::format("no upper end was found: every rate up to {} trains{}", format_number(answer.runs.back().lr, 3),
                    starts_.all.size() > 1 ? " from some start" : "");
}

/// Where no run trains: whose doing it is, as far as the runs tell.
std::string TrainableSearch::why_none_trains(const Analysis& answer) const {
  if (starts_.all.front().outputs_same)
    return "before any step the outputs are already the same for all inputs (the signal is lost on its way: depth, "
           "initialization or dead units), and no learning rate is to blame";
  const RunRecord* best = nullptr;
  for (const RunRecord& run : answer.runs)
    if (run.loss && (!best || *run.loss < *best->loss)) best = &run;
  if (best && settings_.baseline && best->start_loss >= *settings_.baseline && best->start_loss > *best->loss)
    return fmt::format(
        "in {} no rate gets clearly below {}, the loss of the best constant predictor (lowest: {}, at {})",
        counted(settings_.steps, "step"), format_number(*settings_.baseline, 3), format_number(*best->loss, 3),
        format_number(best->lr, 3));
  return fmt::format("no run trained, down to {}", format_number(answer.runs.front().lr, 3));
}

/// Rates up to `most` at which every usual start trains, those with the lowest mean loss over them first: the best from
/// the first start, which the others are asked about, and all that they were asked about before.
std::vector<double> TrainableSearch::candidates(double most, Analysis& answer) {
  std::vector<std::pair<double, double>> first;  // loss from the first start, rate
  for (const RunRecord& run : answer.runs)
    if (trains(run) && run.lr <= most) first.push_back({*run.loss, run.lr});
  std::sort(first.begin(), first.end());
  std::vector<std::pair<double, double>> mean;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const double lr = first[i].second;
    double sum = 0;
    std::size_t asked = 0;
    for (; asked < starts_.usual && (i < kCandidates || made(lr, asked, answer)); ++asked) {
      const RunRecord& there = run(lr, asked, answer);
      if (!trains(there)) break;
      sum += *there.loss;
    }
    if (asked == starts_.usual) mean.push_back({sum, lr});
  }
  std::sort(mean.begin(), mean.end());
  std::vector<double> rates;
  for (const auto& [sum, lr] : mean) rates.push_back(lr);
  return rates;
}

/// What all starts come to at that rate; none where one of them does not train.
std::optional<Recommended> TrainableSearch::outcome(double lr, Analysis& answer) {
  if (!all(lr, true, answer, /*with_further=*/true)) return {};
  Recommended here{lr, starts_at(answer, lr), 0};
  for (const auto* runs : {&answer.runs, &answer.other_starts})
    for (const RunRecord& run : *runs)
      if (run.lr == lr) here.mean_loss += *run.loss / static_cast<double>(here.starts.of);
  return here;
}

/// The lowest mean loss over all starts, of the rates half an octave or more below the limit, which moves with the
/// start: of the best over the usual ones, which are tried from the others as well.
void TrainableSearch::recommend(Analysis& answer) {
  const LargestTrainable& found = answer.trainable;
  if (!found.lr.lower) {
    answer.recommended_reason = found.reason;
    return;
  }
  double most = INFINITY;
  if (found.lr.upper) {
    most = *found.lr.lower / kHalfOctave * 1.0001;
    double lowest = INFINITY;
    for (int k = 1, best = 0; k <= kMostMoves && k <= best + kPastTheBest; ++k) {
      const RunRecord& below = run(*found.lr.lower * std::exp2(-k / 2.0), 0, answer);
      if (!below.loss || *below.loss >= lowest) continue;
      lowest = *below.loss;
      best = k;
    }
  }
  std::size_t finalists = 0;
  for (const double lr : candidates(most, answer)) {
    if (finalists >= kFinalists && !made(lr, starts_.all.size() - 1, answer)) continue;
    const std::optional<Recommended> here = outcome(lr, answer);
    if (!here) continue;
    ++finalists;
    if (!answer.recommended || here->mean_loss < answer.recommended->mean_loss) answer.recommended = here;
  }
  double lr = std::min(most, *found.lr.lower) / kHalfOctave;
  for (int moved = 0; moved <= kMostMoves && !answer.recommended; ++moved, lr /= kHalfOctave)
    answer.recommended = outcome(run(lr, 0, answer).lr, answer);
  if (answer.recommended) return;
  answer.recommended_reason = fmt::format("at no rate down to {} do all {} starts train",
                                          format_number(lr * kHalfOctave, 3), starts_.all.size());
}

}  // namespace etamax
