#include "etamax/diagnose/stand_ins.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>

#include "etamax/core/format.h"

namespace etamax {
namespace {

using Samples = std::vector<LogSeries::Sample>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// An objective that training raises, as Kaldi's average logarithm of a likelihood.
bool is_raised(const std::string& name, const Samples& loss) {
  return is_raised_by_training(name) &&
         std::all_of(loss.begin(), loss.end(), [](const LogSeries::Sample& s) { return !(s.high > 0); }) &&
         std::any_of(loss.begin(), loss.end(), [](const LogSeries::Sample& s) { return s.low < 0; });
}

/// Where the losses of a Hugging Face Trainer's log fall to exactly 0 at once and stay there, with no finite gradient
/// beside them, or are so from the first one on beside gradients that are not finite: so it writes NaN.
std::optional<std::size_t> zeros_for_nan(const LogTable& table, const LogColumns& columns) {
  const auto named = [&](const char* name) {
    return std::find(table.names().begin(), table.names().end(), name) != table.names().end();
  };
  const bool printed = named("loss") && named("epoch") && (named("learning_rate") || named("grad_norm"));
  if (!printed && !named("Training Loss")) return {};  // so a notebook heads its table
  const Samples& loss = columns.loss;
  std::size_t from = loss.size();
  while (from > 0 && loss[from - 1].low == 0 && loss[from - 1].high == 0) --from;
  if (loss.size() - from < 2) return {};
  std::size_t broken = 0;  // gradients beside the zeros
  if (columns.gradient_norm)
    for (const LogSeries::Sample& s : *columns.gradient_norm) {
      if (s.step < loss[from].step) continue;
      if (std::isfinite(s.value)) return {};
      ++broken;
    }
  if (from == 0) return broken > 0 ? std::optional<std::size_t>(0) : std::nullopt;
  if (!(loss[from - 1].value > 0.01 * loss.front().value)) return {};
  return from;
}

/// A 0 that is printed before the first step, above which all that follows stands.
bool begins_with_nothing(const Samples& loss) {
  constexpr std::size_t kFewest = 3;
  return loss.size() >= kFewest && loss.front().records == 1 && loss.front().value == 0 &&
         std::all_of(loss.begin() + 1, loss.end(),
                     [](const LogSeries::Sample& s) { return std::isnan(s.value) || s.low > 0; }) &&
         loss[1].low > 0;
}

/// Whether each value has the losses of all records before it in it, as a sum that is never set back: it grows from
/// record to record by about as much as it was in the first one, and by less and less. What grows by the same each time
/// is no sum of losses that fall.
bool is_running_total(const Samples& loss) {
  constexpr std::size_t kFewest = 4;
  constexpr double kLeast = 0.3, kMost = 1.2, kWhole = 0.6, kSlack = 1.1, kLess = 0.97;
  const std::size_t n = loss.size();
  if (n < kFewest) return false;
  const double first = loss.front().value;
  for (std::size_t i = 1; i < n; ++i) {
    const double more = loss[i].value - loss[i - 1].value;
    if (loss[i].records != 1 || !(more >= kLeast * first && more <= kMost * first)) return false;
    if (i > 1 && more > kSlack * (loss[i - 1].value - loss[i - 2].value)) return false;
  }
  if (!(loss[n - 1].value - loss[n - 2].value < kLess * (loss[1].value - first))) return false;
  return first > 0 && loss.back().value >= kWhole * static_cast<double>(n) * first;
}

double size_of(const LogSeries::Sample& s) { return std::max(std::abs(s.low), std::abs(s.high)); }

/// Whether it falls below zero and runs away from it: at its end it is ten thousand times as large as it ever was in
/// its first third, and a hundred times as it was in the second, which no fall by an amount a record comes to, from
/// however near to zero. An objective without a lower bound does so as well where steps overshoot, and then neither its
/// sign nor its fall means that it learns.
bool runs_away_in_size(const Samples& loss) {
  constexpr double kDecades = 1e4, kHundredfold = 100;
  Samples finite;
  std::copy_if(loss.begin(), loss.end(), std::back_inserter(finite),
               [](const LogSeries::Sample& s) { return std::isfinite(s.low) && std::isfinite(s.high); });
  if (finite.size() < 3) return false;
  const auto third = finite.begin() + static_cast<std::ptrdiff_t>(finite.size() / 3),
             last_third = finite.begin() + static_cast<std::ptrdiff_t>(2 * finite.size() / 3);
  const auto larger = [](const LogSeries::Sample& a, const LogSeries::Sample& b) { return size_of(a) < size_of(b); };
  const double first = size_of(*std::max_element(finite.begin(), third, larger)),
               before = size_of(*std::max_element(finite.begin(), last_third, larger)), last = size_of(finite.back());
  return std::any_of(third, finite.end(), [](const LogSeries::Sample& s) { return s.low < 0; }) && first > 0 &&
         last > kDecades * first && last > kHundredfold * before;
}

void set(LogSeries::Sample& sample, double value) { sample.value = sample.low = sample.high = value; }

}  // namespace

std::vector<std::string> put_losses_right(const LogTable& table, const std::string& name, LogColumns& columns) {
  std::vector<std::string> done;
  Samples& loss = columns.loss;
  if (is_raised(name, loss)) {
    for (LogSeries::Sample& s : loss) s = {s.step, -s.value, -s.high, -s.low, s.records};
    done.push_back("'" + name + "' is negative, an objective that training raises: its negative is taken for the loss");
  }
  if (const auto from = zeros_for_nan(table, columns)) {
    for (std::size_t i = *from; i < loss.size(); ++i) set(loss[i], kNaN);
    done.push_back(
        fmt::format("from step {} on the losses are exactly 0, as the Hugging Face Trainer writes NaN "
                    "(logging_nan_inf_filter); they are taken for that",
                    format_number(loss[*from].step, 12)));
  }
  if (begins_with_nothing(loss)) {
    loss.erase(loss.begin());
    done.push_back("its first loss is exactly 0 and all others are higher: it is of no step, and left out");
  }
  if (is_running_total(loss)) {
    for (std::size_t i = loss.size() - 1; i > 0; --i) set(loss[i], loss[i].value - loss[i - 1].value);
    done.push_back(
        "'" + name +
        "' grows in each record by about its first value, and by less and less, as a sum over the whole run: "
        "its increases are taken for the losses");
  }
  if (runs_away_in_size(loss)) {
    for (LogSeries::Sample& s : loss) {
      const double least = s.low < 0 && s.high > 0 ? 0 : std::min(std::abs(s.low), std::abs(s.high));
      s = {s.step, std::abs(s.value), least, size_of(s), s.records};
    }
    done.push_back("'" + name + "' falls below zero, and its size grows by decades: that is taken for the loss");
  }
  return done;
}

bool has_two_players(const LogTable& table) {
  bool first = false, second = false, spelled = false;
  for (const auto& column : table.columns()) {
    if (column->role.role != Role::loss && column->role.role != Role::other_loss) continue;
    first |= names_player(column->name, Player::generator);
    second |= names_player(column->name, Player::discriminator);
    spelled |= names_player(column->name, Player::any_spelled_out);
  }
  return spelled || (first && second);
}

}  // namespace etamax
