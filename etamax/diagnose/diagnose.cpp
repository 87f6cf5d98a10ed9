#include "etamax/diagnose/diagnose.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/stopwatch.h"
#include "etamax/diagnose/cause.h"
#include "etamax/diagnose/choose.h"
#include "etamax/diagnose/format.h"
#include "etamax/diagnose/iterates.h"
#include "etamax/diagnose/numbers.h"
#include "etamax/expr/objective_table.h"

namespace etamax {
namespace {

constexpr double kPieceShown = 0.25;  // of evidence, in points

void check(const DiagnoseOptions& options) {
  check_fields(options);
  hyperparameter_values(find_optimizer(options.optimizer), options.settings);
}

LogSeries series(const LogTable::Column* column) { return {column->name, column->track.samples()}; }

/// Weighs every explanation, the likeliest first.
std::vector<WeighedCause> weigh_all(const Findings& findings) {
  std::vector<std::pair<double, WeighedCause>> weighed;
  double most = -INFINITY, sum = 0;
  for (const CauseSpec& spec : known_causes()) {
    Weighing weighing;
    spec.weigh(findings, weighing);
    WeighedCause cause{spec.name, spec.heading, spec.verdict, 0, {}, {}};
    std::vector<Weighing::Item> items = weighing.items();
    std::stable_sort(items.begin(), items.end(),
                     [](const auto& a, const auto& b) { return std::abs(a.points) > std::abs(b.points); });
    for (const Weighing::Item& item : items)
      if (std::abs(item.points) >= kPieceShown)
        (item.points > 0 ? cause.evidence : cause.against).push_back(item.sentence);
    most = std::max(most, weighing.points());
    weighed.emplace_back(weighing.points(), std::move(cause));
  }
  std::stable_sort(weighed.begin(), weighed.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (auto& [points, cause] : weighed) sum += cause.score = std::exp(points - most);
  std::vector<WeighedCause> all;
  for (auto& [points, cause] : weighed) {
    cause.score /= sum;
    all.push_back(std::move(cause));
  }
  return all;
}

const CauseSpec& spec_of(const WeighedCause& cause) {
  return *std::find_if(known_causes().begin(), known_causes().end(),
                       [&](const CauseSpec& s) { return s.name == cause.name; });
}

/// What is to be seen, before what it means: "the loss grew from 0.31 at step 438 to 1e5 at step 452".
std::string course(const Findings& f) {
  const auto value = [&](std::size_t i) { return value_text(f.raw[i]); };
  if (f.first_bad && !f.onset) return fmt::format("the loss is {} from the first record on", value(*f.first_bad));
  if (f.ending == Ending::never_moved) return fmt::format("the loss stayed near its first value, {}", value(0));
  if (!f.onset) {
    std::string text = fmt::format("the loss went from {} to {}", value(0), value(f.raw.size() - 1));
    const auto highest = std::max_element(f.spikes.begin(), f.spikes.end(),
                                          [](const auto& a, const auto& b) { return a.rise < b.rise; });
    if (highest != f.spikes.end())
      text += fmt::format(", and on the way {} as high as {} at {}",
                          f.spikes.size() == 1 ? "once" : fmt::format("{} times up,", f.spikes.size()),
                          value(highest->peak), step_text(f, highest->peak));
    if (f.passing_bad > 0)
      text += fmt::format(", and {} on the way {} no number", f.passing_bad == 1 ? "one loss" : "some losses",
                          f.passing_bad == 1 ? "is" : "are");
    return text;
  }
  const std::string from = fmt::format("{} at {}", value(*f.onset), step_text(f, *f.onset));
  if (f.rising_records == 0 && f.first_bad)
    return fmt::format("the loss was {} and then {} at {}", from, value(*f.first_bad), step_text(f, *f.first_bad));
  if (f.rising_records == 0) return fmt::format("the loss was {} and ended at {}", from, value(f.raw.size() - 1));
  std::string text = fmt::format("the loss rose from {} to {} at {}", from, value(f.crest), step_text(f, f.crest));
  if (f.first_bad) text += fmt::format(", and was {} from {} on", value(*f.first_bad), step_text(f, *f.first_bad));
  return text;
}

void conclude(const Findings& f, Diagnosis& answer) {
  answer.causes = weigh_all(f);
  const auto share_of = [&](LogVerdict verdict) {
    double share = 0;
    for (const WeighedCause& cause : answer.causes) share += cause.verdict == verdict ? cause.score : 0;
    return share;
  };
  LogVerdict likeliest = answer.causes.front().verdict;
  for (const LogVerdict verdict :
       {LogVerdict::learning_rate, LogVerdict::not_learning_rate, LogVerdict::collapse, LogVerdict::healthy})
    if (share_of(verdict) > share_of(likeliest)) likeliest = verdict;
  answer.score = share_of(likeliest);
  const auto top =
      std::find_if(answer.causes.begin(), answer.causes.end(), [&](const auto& c) { return c.verdict == likeliest; });
  // What is only left over, with nothing that speaks for it, is no verdict.
  answer.verdict = answer.score >= kDecisive && !top->evidence.empty() ? likeliest : LogVerdict::unclear;
  const std::string seen = course(f);
  if (answer.verdict == LogVerdict::unclear) {
    const WeighedCause &a = answer.causes[0], &b = answer.causes[1];
    answer.reason =
        fmt::format("The log does not decide it: {}. The likeliest explanations are {} ({:.0f}%) and {} ({:.0f}%).",
                    seen, a.heading, 100 * a.score, b.heading, 100 * b.score);
    answer.next =
        "Log the loss, the learning rate and the gradient norm at every step around the onset, and ask again.";
    for (const WeighedCause* cause : {&a, &b})
      for (const std::string& sentence : cause->evidence)
        answer.evidence.push_back(fmt::format("for {}: {}", cause->heading, sentence));
    return;
  }
  const bool single = top->score >= 0.6 * answer.score;
  if (single) answer.cause = top->name;
  answer.next = spec_of(*top).next;
  for (const std::string& sentence : top->evidence) answer.evidence.push_back(sentence);
  switch (answer.verdict) {
    case LogVerdict::learning_rate:
      answer.reason = fmt::format("The learning rate was too high: {}.", seen);
      break;
    case LogVerdict::collapse:
      answer.reason = fmt::format("The run collapsed: {}, and now stands still at {}.", seen, value_text(f.raw.back()));
      break;
    case LogVerdict::healthy:
      answer.reason = top->name == "healthy" ? fmt::format("Nothing went wrong: {}.", seen)
                                             : fmt::format("Nothing went wrong that lasted: {}.", seen);
      break;
    default: {
      std::string others;
      for (const WeighedCause& cause : answer.causes)
        if (cause.verdict == likeliest && cause.name != top->name && cause.score > 0.15 * answer.score)
          others += (others.empty() ? "" : ", or ") + cause.heading;
      answer.reason = fmt::format("Not the learning rate, but {}{}: {}.", top->heading,
                                  others.empty() || single ? "" : ", or " + others, seen);
    }
  }
}

/// A factor with the digits in which it differs from one: "1.44", "1.0023".
std::string about_one(double factor) {
  const double apart = std::abs(std::abs(factor) - 1);
  return format_number(factor,
                       apart < 0.1 ? 3 - static_cast<int>(std::floor(std::log10(std::max(apart, 1e-9)))) - 1 : 3);
}

/// What the numbers add to the verdict's sentence, and to what to do.
void add_numbers(const Findings& f, Diagnosis& answer) {
  if (answer.verdict != LogVerdict::learning_rate && answer.verdict != LogVerdict::collapse) return;
  if (answer.multiplier)
    answer.reason += fmt::format(
        " It grew {} times a step, as it does where each step multiplies the distance to the minimum by {}.",
        about_one(answer.growth_per_step->value), about_one(answer.multiplier->value));
  if (!answer.lr_suggested) return;
  const Estimate& rate = *answer.lr_suggested;
  const std::string low = format_number(rate.interval[0], 2), high = format_number(rate.interval[1], 2);
  answer.next += fmt::format(" Use about {}{}: {}.", format_number(rate.value, 2),
                             low == high ? "" : fmt::format(" ({} to {})", low, high), rate.basis);
  if (answer.lr_edge && answer.curvature && find_optimizer(answer.optimizer).plain)
    answer.next += " That is for plain gradient descent: give the optimizer and its momentum where it was another.";
  if (answer.lr_edge && f.noise > 0.02) answer.next += " That edge is of full batches; small ones need less.";
}

/// Where the losses fall to exactly 0 at once and stay there, with no finite gradient beside them: that is
/// how some programs write what is no number.
std::optional<std::size_t> zeros_for_nan(const LogColumns& columns, bool iterates) {
  const auto& loss = columns.loss;
  std::size_t from = loss.size();
  while (from > 0 && loss[from - 1].low == 0 && loss[from - 1].high == 0) --from;
  if (iterates || from == 0 || loss.size() - from < 2 || !(loss[from - 1].value > 0.01 * loss.front().value)) return {};
  if (columns.gradient_norm)
    for (const LogSeries::Sample& s : *columns.gradient_norm)
      if (s.step >= loss[from].step && std::isfinite(s.value)) return {};
  return from;
}

Diagnosis diagnose_to_the_end(ByteSource& log, const DiagnoseOptions& options) {
  std::string variable;
  if (!options.expression.empty()) {
    const NamedExpression named = parse_objective(options.expression);
    if (named.variables.size() != 1)
      throw InputError("expression", fmt::format("'{}' has {} variables; a log holds the iterates of one",
                                                 options.expression, named.variables.size()));
    variable = named.variables.front();
  }
  const FormatSpec& format = log_format(options.format, log);
  const std::string wanted = one_line(options.column);  // as the table has its names
  LogTable table(wanted, one_line(options.step_column));
  format.read(log, table);
  Diagnosis answer;
  const ChosenColumns columns = choose_columns(table, wanted, variable, log.name());
  check_step_column(table, one_line(options.step_column), log.name());
  answer.log = {log.name(),         format.name,         log.taken(), columns.main->track.records(),
                columns.main->name, table.step_column(), {},          table.remarks()};
  answer.partial = log.interrupted();
  answer.loss = series(columns.main);
  answer.iterates = columns.iterates;
  answer.optimizer = find_optimizer(options.optimizer).name;
  LogColumns used{answer.loss.samples, {}, {}, {}, {}, {}};
  const auto use = [&](const LogTable::Column* column, auto& slot) {
    if (column == nullptr) return;
    slot = column->track.samples();
    answer.log.other_columns.push_back(column->name);
  };
  use(columns.learning_rate, used.learning_rate);
  use(columns.gradient_norm, used.gradient_norm);
  use(columns.loss_scale, used.loss_scale);
  use(columns.weight_norm, used.weight_norm);
  use(columns.throughput, used.throughput);
  if (const auto from = zeros_for_nan(used, columns.iterates)) {
    for (std::size_t i = *from; i < used.loss.size(); ++i)
      used.loss[i].value = used.loss[i].low = used.loss[i].high = std::numeric_limits<double>::quiet_NaN();
    answer.loss.samples = used.loss;
    answer.log.remarks.push_back(
        fmt::format("from step {} on the losses are exactly 0, as the Hugging Face Trainer writes NaN "
                    "(logging_nan_inf_filter); they are taken for that",
                    format_number(used.loss[*from].step, 12)));
  }
  if (columns.learning_rate != nullptr) answer.learning_rate = series(columns.learning_rate);
  if (const Track& track = columns.main->track; track.restarts() > 0)
    answer.log.remarks.push_back(
        fmt::format("the steps go backwards {}, the last time from {} to {}: a restart; what was logged from "
                    "there on before it is left out",
                    track.restarts() == 1 ? "once" : fmt::format("{} times", track.restarts()),
                    format_number(track.restarted_from(), 12), format_number(track.restarted_to(), 12)));
  if (answer.log.records < 2)
    throw InputError(fmt::format("'{}' has a single record of '{}', and a course needs at least two", log.name(),
                                 columns.main->name));
  if (columns.iterates) {
    if (used.learning_rate) answer.lr = used.learning_rate->back().value;
    if (options.lr) answer.lr = options.lr;
    judge_iterates(options, answer);
  } else {
    const Findings findings = find(used);
    if (findings.rate) answer.lr = findings.rate;
    if (options.lr) answer.lr = options.lr;
    conclude(findings, answer);
    if (findings.onset) answer.onset_step = findings.step[*findings.onset];
    answer.onset_step_reason = answer.onset_step    ? ""
                               : findings.first_bad ? "it was wrong from the first record on"
                                                    : "nothing went wrong";
    infer_numbers(findings, options, answer);
    add_numbers(findings, answer);
  }
  return answer;
}

}  // namespace

Diagnosis diagnose(ByteSource& log, const DiagnoseOptions& options) {
  const Stopwatch watch;
  check(options);
  log.ask(options.progress);
  try {
    Diagnosis answer = diagnose_to_the_end(log, options);
    answer.cost.seconds = watch.seconds();
    return answer;
  } catch (const InputError&) {
    if (log.interrupted()) throw Interrupted();  // what came by then was too little
    throw;
  }
}

}  // namespace etamax
