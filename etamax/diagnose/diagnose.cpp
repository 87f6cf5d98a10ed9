#include "etamax/diagnose/diagnose.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/stopwatch.h"
#include "etamax/diagnose/choose.h"
#include "etamax/diagnose/conclusion.h"
#include "etamax/diagnose/format.h"
#include "etamax/diagnose/iterates.h"
#include "etamax/diagnose/numbers.h"
#include "etamax/diagnose/score.h"
#include "etamax/diagnose/stand_ins.h"
#include "etamax/expr/objective_table.h"

namespace etamax {
namespace {

void check(const DiagnoseOptions& options) {
  check_fields(options);
  hyperparameter_values(find_optimizer(options.optimizer), options.settings);
}

constexpr double kHighAdaptiveRate = 0.01;  // ten times what Adam and its like are run with

LogSeries series(const LogTable::Column* column) { return {column->name, column->track.samples()}; }

/// A record that is no number, where the next one would be.
LogSeries::Sample not_finite_after(const std::vector<LogSeries::Sample>& loss) {
  const double last = loss.back().step, gap = loss.size() > 1 ? last - loss[loss.size() - 2].step : 1;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  return {last + gap, nan, nan, nan, 1};
}

/// Of several losses: which there are, and which of them was the first that is not finite.
void remark_other_losses(const LogTable& table, const LogTable::Column& main, Diagnosis& answer) {
  std::vector<std::string> others;
  const LogTable::Column* first = nullptr;
  double step = INFINITY;
  for (const auto& column : table.columns()) {
    if (column->role.role != Role::loss && column->role.role != Role::other_loss) continue;
    if (column->track.records() == 0) continue;
    if (column.get() != &main) others.push_back("'" + column->name + "'");
    for (const LogSeries::Sample& s : column->track.samples())
      if (!std::isfinite(s.value) && (s.step < step || (s.step == step && first == &main)))
        first = column.get(), step = s.step;
  }
  if (first != nullptr && first != &main)
    answer.log.remarks.push_back(fmt::format("of its losses, '{}' is the first that is not finite, at {} {}",
                                             first->name, table.counts_steps() ? "step" : "record",
                                             format_number(step, 12)));
  constexpr std::size_t kMostLosses = 8;
  if (!others.empty())
    answer.log.remarks.push_back("the log has other losses; `column` chooses one: " + list_of(others, kMostLosses));
}

/// A log of accuracies, rewards or norms: nothing in it tells whether a loss rose.
Diagnosis without_loss(const LogTable& table, Diagnosis answer) {
  constexpr std::size_t kMostListed = 12;
  answer.log.records = table.records();
  answer.log.step_column = table.step_column();
  answer.reason = "No loss was found in the log: it has " + list_of(table.names(), kMostListed) + ".";
  answer.next = "Log the loss beside them, or choose the column that training is to lower with `column`.";
  for (std::string* reason : {&answer.onset_step_reason, &answer.growth_per_step_reason, &answer.multiplier_reason,
                              &answer.implied_lr_reason, &answer.lr_edge_reason, &answer.lr_suggested_reason})
    *reason = "no loss was found";
  return answer;
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
  if (columns.main == nullptr) {
    answer.log = {log.name(), format.name, log.taken(), 0, "", "", {}, table.remarks()};
    answer.partial = log.interrupted();
    answer.optimizer = find_optimizer(options.optimizer).name;
    return without_loss(table, std::move(answer));
  }
  answer.log = {log.name(),         format.name,         log.taken(), columns.main->track.records(),
                columns.main->name, table.step_column(), {},          table.remarks()};
  answer.partial = log.interrupted();
  answer.loss = series(columns.main);
  if (columns.assumed)
    answer.log.remarks.push_back("no name says what '" + columns.main->name +
                                 "' is: it is taken for the loss, as the only column of numbers");
  answer.iterates = columns.iterates;
  answer.optimizer = find_optimizer(options.optimizer).name;
  LogColumns used;
  used.loss = answer.loss.samples;
  used.steps_known = table.counts_steps();
  used.epochs = table.counts_epochs();
  if (columns.epoch != nullptr) used.first_epoch = columns.epoch->track.samples().front().value;
  used.messages = table.messages();
  used.players = has_two_players(table);
  used.held_out = names_held_out(columns.main->name);
  used.rewards = std::any_of(table.names().begin(), table.names().end(), is_reward);
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
  use(columns.accuracy, used.accuracy);
  if (!columns.iterates) {
    const std::vector<std::string> done = put_losses_right(table, columns.main->name, used);
    answer.log.remarks.insert(answer.log.remarks.end(), done.begin(), done.end());
    answer.loss.samples = used.loss;
  }
  if (const std::string words = table.last_words(*columns.main);
      !columns.iterates && !words.empty() && std::isfinite(used.loss.back().value)) {
    used.loss.push_back(not_finite_after(used.loss));
    answer.loss.samples = used.loss;
    answer.log.remarks.push_back("'" + words + "': that is taken for one more record, which is no number");
  }
  if (!columns.iterates) remark_other_losses(table, *columns.main, answer);
  if (columns.learning_rate != nullptr) answer.learning_rate = series(columns.learning_rate);
  if (const Track& track = columns.main->track; track.restarts() > 0)
    answer.log.remarks.push_back(
        fmt::format("the steps go backwards {}, the last time from {} to {}: a restart; {} is left out",
                    track.restarts() == 1 ? "once" : fmt::format("{} times", track.restarts()),
                    format_number(track.restarted_from(), 12), format_number(track.restarted_to(), 12),
                    track.just_restarted() ? "its single record" : "what was logged from there on before it"));
  if (answer.loss.samples.size() < 2)
    throw InputError(fmt::format("'{}' has a single record of '{}', and a course needs at least two", log.name(),
                                 columns.main->name));
  if (columns.iterates) {
    if (used.learning_rate) answer.lr = used.learning_rate->back().value;
    if (options.lr) answer.lr = options.lr;
    judge_iterates(options, answer);
  } else {
    used.given_rate = options.lr;
    if (find_optimizer(options.optimizer).preconditioner != nullptr) used.high_rate = kHighAdaptiveRate;
    for (const auto& column : table.columns())
      if (column.get() != columns.main && column->track.records() > 0 &&
          (column->role.role == Role::loss || column->role.role == Role::other_loss))
        used.other_losses.push_back(series(column.get()));
    const Findings findings = find(used);
    answer.lr = findings.rate;
    answer.shown = shown_evidence(findings);
    answer.causes = weigh_causes(findings);
    choose_verdict(answer);
    infer_numbers(findings, options, answer);
    put_into_words(findings, options, answer);
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
