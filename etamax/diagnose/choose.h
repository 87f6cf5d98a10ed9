#pragma once

#include <string>

#include "etamax/diagnose/log_table.h"

namespace etamax {

/// The columns of a log that a diagnosis looks at; null where there is none.
struct ChosenColumns {
  const LogTable::Column* main = nullptr;  ///< losses, or iterates; null where the log has accuracies and the like only
  bool assumed = false;                    ///< no name says that it is a loss: it is the only column of numbers
  bool iterates = false;
  const LogTable::Column* learning_rate = nullptr;
  const LogTable::Column* gradient_norm = nullptr;
  const LogTable::Column* loss_scale = nullptr;
  const LogTable::Column* weight_norm = nullptr;
  const LogTable::Column* throughput = nullptr;
  const LogTable::Column* accuracy = nullptr;
  const LogTable::Column* epoch = nullptr;
};

/// `wanted`: the name that the user gave, or empty. `variable`: of the expression whose iterates the log
/// holds, or empty. Throws InputError that lists the columns where `log` has no such column, or is none.
ChosenColumns choose_columns(const LogTable& table, const std::string& wanted, const std::string& variable,
                             const std::string& log);

/// Refuses the name that the user gave for the steps, or "", where `log` has no such column. Throws InputError.
void check_step_column(const LogTable& table, const std::string& wanted, const std::string& log);

}  // namespace etamax
