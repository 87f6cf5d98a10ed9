#include "etamax/follow/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "etamax/core/format.h"
#include "etamax/core/statistics.h"

namespace etamax {
namespace {

constexpr std::size_t kEnough = 4;  // looks in the second half, for a word about it
/// Of a rate that was beyond it once: its median over the edge, and at most this far apart.
constexpr double kHoversFrom = 0.8, kHoversTo = 1.25;
constexpr double kHoversWithin = 1.6;

std::string number(double x) { return format_number(x, 3); }
std::string percent(double part, double of) { return format_number(100 * part / of, 2) + "%"; }

bool hovers(const SharpnessRun& run) {
  return run.first_beyond && run.late_of_edge && *run.late_of_edge >= kHoversFrom && *run.late_of_edge <= kHoversTo &&
         run.late_highest <= kHoversWithin * run.late_lowest;
}

std::string course(const SharpnessRun& run) {
  const SharpnessLook &first = run.looks.front(), &last = run.looks.back();
  if (run.looks.size() == 1)
    return fmt::format("the sharpness is {} at step {}, the only look", number(first.sharpness), first.step);
  return fmt::format("the sharpness goes from {} at step {} to {} at step {}", number(first.sharpness), first.step,
                     number(last.sharpness), last.step);
}

std::string stand(const SharpnessRun& run) {
  const SharpnessLook& last = run.looks.back();
  if (!last.of_edge()) return "";
  std::string text;
  if (run.first_beyond)
    text = *run.first_beyond == run.looks.front().step
               ? "; the rate is beyond the edge from the first look on"
               : fmt::format("; the rate is beyond the edge for the first time at step {}", *run.first_beyond);
  else
    text = "; the rate is below the edge at every look";
  if (run.lost) return text + fmt::format("; it is {} times the edge at the last look", number(*last.of_edge()));
  if (!run.late_of_edge) return text;
  return text + fmt::format("; in the second half it is {} to {} times the edge, {} at the median{}",
                            number(run.late_lowest), number(run.late_highest), number(*run.late_of_edge),
                            hovers(run) ? ": it hovers there" : "");
}

std::string sentence(const SharpnessRun& run) {
  std::string text = "At lr " + format_rate(run.lr) + " ";
  if (run.looks.empty()) return text + fmt::format("there was no look in {}.", counted(run.steps, "step"));
  text += course(run) + stand(run);
  if (run.lost) text += fmt::format("; the loss blew up after {}", counted(run.steps, "step"));
  return text + ".";
}

}  // namespace

void conclude(SharpnessRun& run) {
  std::vector<double> late;
  std::optional<bool> beyond;
  for (const SharpnessLook& look : run.looks) {
    const std::optional<double> of = look.of_edge();
    if (!of) continue;
    const bool now = *of > 1;
    if (now && !run.first_beyond) run.first_beyond = look.step;
    if (beyond && *beyond != now) run.crossings.push_back(look.step);
    beyond = now;
    if (2 * look.step >= run.steps) late.push_back(*of);
  }
  if (late.size() < kEnough) return;
  run.late_of_edge = median(late);
  run.late_lowest = *std::min_element(late.begin(), late.end());
  run.late_highest = *std::max_element(late.begin(), late.end());
}

void conclude(Following& f) {
  for (const SharpnessRun& run : f.runs) f.answer.push_back(sentence(run));
  if (!f.no_edge_reason.empty())
    f.answer.push_back("No edge is known for " + f.optimizer + ": " + f.no_edge_reason + ".");
  double looking = 0, training = 0, looking_seconds = 0, training_seconds = 0;
  std::size_t looks = 0;
  long left_out = 0;
  for (const SharpnessRun& run : f.runs) {
    looking += run.looking_gradients, training += run.training_gradients;
    looking_seconds += run.looking_seconds, training_seconds += run.training_seconds;
    looks += run.looks.size(), left_out += run.left_out;
  }
  if (training > 0)
    f.answer.push_back(fmt::format("{} cost {} of the steps, counted in gradients.",
                                   counted(static_cast<long>(looks), "look"), percent(looking, training)));
  if (left_out > 0)
    f.answer.push_back(fmt::format("{} left out, for others cost more than planned, and the budget holds.",
                                   left_out == 1 ? "One more was" : fmt::format("{} more were", left_out)));
}

}  // namespace etamax
