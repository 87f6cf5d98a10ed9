// The answer for somebody who has never met a gradient: where you stand, how steep it is, where the first steps lead,
// and why it ends as it does.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etamax/core/format.h"
#include "etamax/report/appearance.h"
#include "etamax/report/explanation.h"
#include "etamax/report/explanation/detail_words.h"

namespace etamax {
namespace {

constexpr std::size_t kMostSteps = 3, kMostVariables = 3, kMostRuns = 12;
constexpr double kSameHeight = 1e-12;  // relative: heights that differ by rounding
constexpr double kSamePlace = 1e-9;    // of the way from the start: places that differ by rounding
constexpr double kElsewhere = 1e-3;    // of it: another place
constexpr double kNothing = 1e-12;     // a factor that is 0, to rounding

std::string num(double value) { return format_number(value); }

const char* height_words(double after, double before) {
  if (std::abs(after - before) <= kSameHeight * std::max(std::abs(after), std::abs(before))) return "just as high as";
  return after > before ? "higher than" : "lower than";
}

bool finite(const std::vector<double>& x) {
  return std::all_of(x.begin(), x.end(), [](double v) { return std::isfinite(v); });
}

const char* side(double move) { return move > 0 ? "right" : "left"; }

class PlainWords {
 public:
  explicit PlainWords(const Explanation& e) : e_(e), ground_(e.stability.small_rates) {}

  std::string write(const TerminalStyle& style) const {
    std::string text = paragraph(opening(), style);
    if (!e_.update_in_words.empty()) text += "\n" + paragraph(e_.update_in_words, style);
    for (std::size_t i = 0; i < std::min(e_.runs.size(), kMostRuns); ++i) {
      const FunctionRun& run = e_.runs[i];
      text += "\n" +
              signed_paragraph(appearance(run.verdict),
                               fmt::format("Learning rate {}: {}.", format_rate(run.lr), what_happens(run)), style) +
              paragraph(first_steps(run) + ending(run), style, "  ", "  ");
    }
    if (e_.runs.size() > kMostRuns)
      text += "\n" + paragraph(fmt::format("These are the first of {} learning rates.", e_.runs.size()), style);
    if (const std::string works = what_works(); !works.empty()) text += "\n" + paragraph(works, style);
    return text;
  }

  /// "by 2.4 to the right, across the minimum and higher".
  std::string first_move(const FunctionRun& run, const std::string& target) const {
    const double move = run.updates[0][0];
    std::string text = fmt::format("by {} to the {}", num(std::abs(move)), side(move));
    std::vector<std::string> where;
    if (const std::string crossing = crossing_words(run, 1, target); !crossing.empty()) where.push_back(crossing);
    if (std::isfinite(run.losses[1])) {
      std::string height = height_words(run.losses[1], run.losses[0]);
      where.push_back(height.substr(0, height.rfind(' ')));  // less "than"
    }
    return text + (where.empty() ? "" : ", " + joined(where, " and "));
  }

 private:
  template <typename Test>
  bool all_of_runs(Test test) const {
    return std::all_of(e_.runs.begin(), e_.runs.end(), test);
  }
  bool one_variable() const { return e_.variables.size() == 1; }
  bool plain_step() const { return !e_.update_names_gradient; }
  bool has_bottom() const { return ground_.outcome == DescentOutcome::minimum && ground_.point; }

  /// Far from the places that are talked of, a number is 0.
  double without_rounding(double value, std::size_t i) const {
    return std::abs(value) <= kSamePlace * std::abs(e_.start[i] - value) ? 0 : value;
  }

  /// "x = 1.4", "(1.4, 2)"; of many variables nothing.
  std::string place(const std::vector<double>& x) const {
    if (x.size() > kMostVariables) return "";
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < x.size(); ++i) texts.push_back(num(without_rounding(x[i], i)));
    return one_variable() ? e_.variables[0] + " = " + texts[0] : "(" + joined(texts) + ")";
  }
  /// The same with words before it: ", at x = 1.4".
  std::string beside(const std::string& words, const std::vector<double>& x) const {
    const std::string text = place(x);
    return text.empty() ? "" : words + text;
  }

  std::string bottom() const { return one_variable() ? "the bottom" : "the lowest point"; }
  /// It comes to rest on a slope, where weight decay takes back each step.
  static bool is_held(const FunctionRun& run) { return run.verdict == Verdict::converges && !run.kind; }
  /// What a run comes to, or leaves.
  std::string target(const FunctionRun& run) const {
    const bool no_bottom = run.kind ? *run.kind != PointKind::minimum : is_held(run) || !has_bottom();
    return no_bottom ? "that place" : bottom();
  }

  std::string opening() const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min(e_.start.size(), e_.variables.size()); ++i)
      names.push_back(e_.variables[i] + " = " + num(e_.start[i]));
    std::string text = "You stand at " + (names.size() <= kMostVariables ? joined(names) : list_of(names, 2));
    if (e_.runs.empty() || e_.runs[0].losses.empty()) return text + ".";
    const double height = e_.runs[0].losses[0];
    if (std::isnan(height)) return text + ", where the function has no value.";
    if (std::isinf(height))
      return text + ", where the value of the function is too large for the machine to write down.";
    text += fmt::format(", at a height of {}: the height is the value of the function, and the aim is to get down.",
                        num(height));
    if (e_.runs[0].gradients.empty() || !finite(e_.runs[0].gradients[0])) return text;
    const std::vector<double>& slope = e_.runs[0].gradients[0];
    if (std::all_of(slope.begin(), slope.end(), [](double s) { return s == 0; }))
      return text + " The ground there is level: the slope is 0.";
    return text + ground_words() + slope_words(slope);
  }

  std::string ground_words() const {
    switch (ground_.outcome) {
      case DescentOutcome::minimum:
        return has_bottom() ? bottom_words() : "";
      case DescentOutcome::other_point:
        return " Downhill leads to a place" + beside(", ", ground_.point.value_or(std::vector<double>())) +
               ", where the ground is level for a moment without being a bottom.";
      case DescentOutcome::unbounded_below:
        return " Downhill the ground falls without end: there is no bottom.";
      case DescentOutcome::drifts:
        return " Downhill the ground becomes ever more level, but it never turns up again: there is no bottom.";
      case DescentOutcome::undefined:
      case DescentOutcome::unclear:
        break;
    }
    return "";
  }

  std::string bottom_words() const {
    const std::string at = beside(" at ", *ground_.point);
    if (at.empty()) return " You stand on the side of a bowl, or of a valley.";
    if (ground_.with_decay)
      return " With the pull of the weight decay counted in, short steps would come to rest" + at + ".";
    if (!one_variable()) return " You stand on the side of a bowl, or of a valley, whose lowest point is" + at + ".";
    if (ground_.corner) return " Downhill the ground ends in a sharp corner, the bottom" + at + ".";
    if (ground_.kind == PointKind::flat)
      return " Downhill is level ground, which begins" + at + ": call it the bottom.";
    const bool is_flat = e_.stability.lambda_max && *e_.stability.lambda_max == 0;
    return " You stand on the side of a bowl" + std::string(is_flat ? " with a very flat floor" : "") +
           ", and its bottom is" + at + ".";
  }

  std::string slope_words(const std::vector<double>& slope) const {
    if (one_variable())
      return fmt::format(" The slope where you stand is {}, so downhill is to the {}.", num(slope[0]), side(-slope[0]));
    if (slope.size() > kMostVariables) {
      const auto steepest =
          std::max_element(slope.begin(), slope.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
      return fmt::format(" It is steepest along {}, where the slope is {}.",
                         e_.variables[static_cast<std::size_t>(steepest - slope.begin())], num(*steepest));
    }
    return " The slope where you stand is " + along(slope) + ".";
  }

  /// "-2 along x and 4 along y".
  std::string along(const std::vector<double>& values) const {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < values.size(); ++i) parts.push_back(num(values[i]) + " along " + e_.variables[i]);
    const std::string last = parts.back();
    parts.pop_back();
    return joined(parts) + " and " + last;
  }

  static std::string what_happens(const FunctionRun& run) {
    switch (run.verdict) {
      case Verdict::converges:
        return "it comes to rest";
      case Verdict::cycles:
        return "it goes round and round";
      case Verdict::chaotic:
        return "it jumps about forever";
      case Verdict::diverges:
        return run.cause == Cause::unbounded_below ? "it goes down forever" : "it runs away";
      case Verdict::stationary:
        return "it does not move";
      case Verdict::drifts:
        return "it slides on forever";
      case Verdict::undefined:
        return run.bad_step == 0 ? "it cannot begin" : "it steps off the function";
      case Verdict::trains:
      case Verdict::collapses:
      case Verdict::unclear:
        break;
    }
    return "it is not settled yet";
  }

  std::string first_steps(const FunctionRun& run) const {
    static const char* const kOrdinals[kMostSteps] = {"first", "second", "third"};
    std::string text;
    if (run.verdict == Verdict::stationary) return text;
    for (std::size_t k = 1; k <= std::min(kMostSteps, run.updates.size()); ++k) {
      const bool goes_on = step_words(run, k, fmt::format("he {} step", kOrdinals[k - 1]), text);
      if (!goes_on) break;
    }
    return text;
  }

  /// Adds a sentence on step k, which is called so; false where the next step is not worth one.
  bool step_words(const FunctionRun& run, std::size_t k, const std::string& name, std::string& text) const {
    const std::vector<double>&from = run.iterates[k - 1], &to = run.iterates[k], &move = run.updates[k - 1],
          &slope = run.gradients[k - 1];
    text += k > 1 && one_variable() ? fmt::format("There the slope is {}, and t{} ", num(slope[0]), name)
                                    : "T" + name + " ";
    if (!finite(to)) {
      text += "leads farther than the machine can write down. ";
      return false;
    }
    if (to == from) {
      const bool level = std::all_of(slope.begin(), slope.end(), [](double s) { return s == 0; });
      text += level ? "leaves it where it is. " : "is too short to change a digit that the machine keeps. ";
      return false;
    }
    if (one_variable())
      text += move_words(run, k, move[0], slope[0]);
    else
      text += to.size() > kMostVariables ? "leads on" : "leads to " + place(to);
    if (!std::isfinite(run.losses[k])) {
      text += std::isnan(run.losses[k]) ? ", where the function has no value. "
                                        : ", where the height is too large for the machine to write down. ";
      return false;
    }
    const std::string crossing = one_variable() ? crossing_words(run, k, bottom()) : "";
    text += fmt::format(": {}{} before ({}). ", crossing.empty() ? "" : crossing + ", and ",
                        height_words(run.losses[k], run.losses[k - 1]), num(run.losses[k]));
    return true;
  }

  /// "is 2 x 1.2 = 2.4 to the right, to x = 1.4".
  std::string move_words(const FunctionRun& run, std::size_t k, double move, double slope) const {
    constexpr double kShown = 1e-6;  // of the digits that are printed
    const double length = std::abs(move), product = std::abs(slope) * run.lr;
    const bool is_product = plain_step() && k == 1 && std::abs(product - length) <= kShown * length;
    return fmt::format("{} {} to the {}, to {}",
                       is_product ? fmt::format("is {} x {} =", num(std::abs(slope)), format_rate(run.lr)) : "goes",
                       num(length), side(move), place(run.iterates[k]));
  }

  /// "across the bottom" of step k; "" where it stays on its side, or there is no such place.
  std::string crossing_words(const FunctionRun& run, std::size_t k, const std::string& name) const {
    if (!has_bottom()) return "";
    const double center = ground_.point->front(), from = run.iterates[k - 1][0] - center,
                 to = run.iterates[k][0] - center;
    if (std::abs(to) <= kSamePlace * std::abs(e_.start[0] - center)) return "onto " + name;
    if (std::abs(from) <= kSamePlace * std::abs(e_.start[0] - center)) return "";
    return (from > 0) != (to > 0) ? "across " + name : "";
  }

  std::string ending(const FunctionRun& run) const {
    switch (run.verdict) {
      case Verdict::converges:
        return comes_to_rest(run) + where_it_rests(run);
      case Verdict::cycles:
        return goes_round(run);
      case Verdict::chaotic:
        return jumps_about(run);
      case Verdict::diverges:
        return runs_away(run);
      case Verdict::stationary:
        return does_not_move(run);
      case Verdict::drifts:
        return slides_on(run);
      case Verdict::undefined:
        return steps_off(run);
      case Verdict::trains:
      case Verdict::collapses:
      case Verdict::unclear:
        break;
    }
    if (run.passes_by)
      return fmt::format(
          "After {} it is close to {}, but it cannot stay: where the ground is level the optimizer forgets how steep it was, and "
          "then its steps become too long again.",
          counted(run.steps_followed, "step"), bottom());
    if (run.stuck)
      return "It stands still on a slope, because its steps are shorter than the last digit that the machine keeps. A larger "
             "learning rate would move it.";
    const bool too_long = e_.stability.lr_edge && run.lr > *e_.stability.lr_edge;
    const std::string why =
        !has_bottom() ? ""
        : too_long    ? fmt::format(" At {} it cannot come to rest: for that the learning rate must be below {}.",
                                    bottom(), num(*e_.stability.lr_edge))
        : run.mode == Mode::monotone ? " The steps are too short to arrive by then."
                                     : "";
    return fmt::format("After {} it is still moving, and what becomes of it is not known.{}",
                       counted(run.steps_followed, "step"), why);
  }

  /// Of which steps the factor is told.
  std::string steps_of(const FunctionRun& run) const {
    switch (run.rate_scope.value_or(RateScope::long_run)) {
      case RateScope::each_step:
        return "Every step";
      case RateScope::near_limit:
        return "Close to " + target(run) +
               (one_variable() ? ", every step" : ", in the direction that takes longest, every step");
      case RateScope::slowest_direction:
        return "In the direction that takes longest, every step";
      case RateScope::steepest_direction:
        return "In the steepest direction, every step";
      case RateScope::long_run:
        break;
    }
    return "In the long run, a step";
  }

  /// "ends 0.6 times as far from the bottom as it began".
  static std::string ends_so_far(const FunctionRun& run, const std::string& from) {
    return fmt::format("ends {} times as far from {} as it began", format_factor(std::abs(*run.rate)), from);
  }

  std::string comes_to_rest(const FunctionRun& run) const {
    const std::string at = run.limit ? beside(" at ", *run.limit) : "";
    if (!run.rate)
      return run.reached_tolerance ? "It comes to rest" + at + ". "
                                   : "It comes nearer and nearer to " + (at.empty() ? target(run) : place(*run.limit)) +
                                         ", but ever more slowly. ";
    if (std::abs(*run.rate) < kNothing)
      return (run.rate_scope == RateScope::each_step ? "So one step is enough, and it rests"
                                                     : "Close to " + target(run) +
                                                           " a step leads onto it almost "
                                                           "exactly, and it comes to rest") +
             at + ". ";
    std::string text = steps_of(run) + " ";
    if (one_variable() && run.rate_scope != RateScope::long_run)
      text += (*run.rate < 0 ? "crosses " + target(run) + ", but " : "stays on its side of " + target(run) + " and ") +
              ends_so_far(run, "it");
    else
      text += ends_so_far(run, target(run));
    return text + ". So it comes to rest" + at + ". ";
  }

  /// Not where short steps lead.
  bool rests_elsewhere(const FunctionRun& run) const {
    if (!run.limit || !ground_.point) return false;
    double apart = 0, way = 0;
    for (std::size_t i = 0; i < run.limit->size(); ++i) {
      apart = std::max(apart, std::abs((*run.limit)[i] - (*ground_.point)[i]));
      way = std::max(way, std::abs(e_.start[i] - (*ground_.point)[i]));
    }
    return apart > kElsewhere * way;
  }

  std::string where_it_rests(const FunctionRun& run) const {
    if (run.kind == PointKind::saddle || run.kind == PointKind::maximum)
      return "That is no bottom: the ground is level there, but a nudge the right way would set it going again.";
    if (is_held(run))
      return "That is no bottom: the ground still slopes there, but the weight decay takes back as much as each step adds.";
    if (run.kind == PointKind::flat && ground_.kind != PointKind::flat)
      return "The ground is level there, so the slope is 0, but it is not the bottom.";
    if (!has_bottom() || run.kind != PointKind::minimum || !run.limit) return "";
    if (!rests_elsewhere(run) || ground_.kind == PointKind::flat) return "";
    if (ground_.corner) return "The ground is level there, so it stays.";
    return "That is another bottom than the one that short steps lead to" + beside(", ", *ground_.point) + ".";
  }

  /// "within a stretch 2 long".
  std::string room(const FunctionRun& run) const {
    if (!run.extent) return "";
    return fmt::format(" within {} {}", one_variable() ? "a stretch of length" : "a box whose longest side is",
                       num(without_noise(*run.extent)));
  }

  std::string goes_round(const FunctionRun& run) const {
    std::string text;
    if (run.rate && one_variable())
      text = "Every step crosses " + bottom() + " and lands just as far from it on the other side. ";
    if (run.period == 2)
      text += "It hops back and forth between two places" +
              (run.extent && one_variable() ? fmt::format(", {} apart", num(without_noise(*run.extent))) : "");
    else if (run.period)
      text += fmt::format("It keeps coming back to the same {} places{}", *run.period, room(run));
    else
      text += "It keeps moving" + room(run);
    // Without a law, places may repeat for a while: the optimizer's memory decides.
    return text + (run.rate ? ", forever" : "") + ": the steps do not become shorter, so it does not come to rest.";
  }

  std::string jumps_about(const FunctionRun& run) const {
    const std::string stretch = run.extent ? num(without_noise(*run.extent)) : "";
    const std::string where = run.spreads
                                  ? fmt::format("It wanders ever farther: over a stretch of length {} in {}.", stretch,
                                                counted(run.steps_followed, "step"))
                                  : "It never comes to rest and never repeats itself, but stays" + room(run) + ".";
    return where + " Had you started a hair's breadth to the side, it would soon be somewhere else altogether.";
  }

  std::string runs_away(const FunctionRun& run) const {
    if (run.cause == Cause::unbounded_below)
      return "The ground falls without end, so it goes down forever, whatever the learning rate: the learning rate is not to "
             "blame.";
    const std::string away = one_variable() && has_bottom() ? "So it climbs out of the bowl, farther and farther."
                                                            : "So it is carried farther and farther away.";
    if (run.rate) {
      const bool crosses = one_variable() && *run.rate < 0;
      const bool steeper = run.rate_scope == RateScope::each_step;
      return (run.rate_scope == RateScope::long_run && crosses ? "In the long run, every step" : steps_of(run)) +
             (crosses ? " crosses " + target(run) + " and " : " ") + ends_so_far(run, crosses ? "it" : target(run)) +
             (steeper ? ", where it is steeper still, and so the next step is longer again. " : ". ") + away;
    }
    if (run.falls) return "The steps are so long that it leaves the valley, for where the ground falls without end.";
    if (!run.bad_step) return "The steps are too long, and lead farther and farther away.";
    return fmt::format(
        "The steps are too long, and each overshoots {} by more than the one before, until after {} the numbers are too large for "
        "the machine.",
        target(run), counted(*run.bad_step, "step"));
  }

  std::string does_not_move(const FunctionRun& run) const {
    const std::string why =
        " A step is made of the slope, and the slope is 0: so nothing moves, whatever the learning rate.";
    switch (run.kind.value_or(PointKind::flat)) {
      case PointKind::minimum:
        return "You stand at the bottom already." + why;
      case PointKind::maximum:
        return "You stand on a top, where the ground is level although it falls to all sides." + why;
      case PointKind::saddle:
        return "You stand where the ground is level for a moment, although it falls farther on." + why;
      case PointKind::flat:
        break;
    }
    return "You stand on level ground." + why;
  }

  std::string slides_on(const FunctionRun& run) const {
    if (run.pole)
      return fmt::format(
          "Step {} leaps over {} = {}, where the function falls without end. On the other side it only slides on, ever more "
          "slowly, and there is no bottom.",
          *run.pole_step, e_.variables[0], num(*run.pole));
    if (run.cause == Cause::learning_rate)
      return "The steps are so long that it is thrown out of the bowl, onto ground that becomes ever more level without a "
             "bottom. A smaller learning rate stays in the bowl.";
    return "It always goes down, but ever more slowly: the ground becomes more and more level, and there is no bottom to "
           "come to. The learning rate is not to blame.";
  }

  static std::string cannot_begin(const FunctionRun& run) {
    const double height = run.losses.empty() ? NAN : run.losses[0];
    if (std::isnan(height)) return "Without a value there is no slope, and without a slope there is no step.";
    if (std::isinf(height)) return "That says nothing about the learning rate: begin nearer.";
    return "The slope there is nothing that the machine can write down, so there is no first step.";
  }

  std::string steps_off(const FunctionRun& run) const {
    if (run.bad_step == 0) return cannot_begin(run);
    if (!run.step_fault.empty())
      return fmt::format("Step {} has no length: {}. So it ends there, and the learning rate is not to blame.",
                         run.bad_step.value_or(0), run.step_fault);
    const bool told = run.bad_step && *run.bad_step <= static_cast<long>(std::min(kMostSteps, run.updates.size()));
    const std::string text =
        told ? "" : fmt::format("Step {} leads to where the function has no value. ", run.bad_step.value_or(0));
    if (run.cause == Cause::learning_rate) return text + "A smaller learning rate would have stayed where it has one.";
    return text + "Downhill leads there, so a smaller learning rate only takes longer.";
  }

  /// The end of the rates that come to rest, as closely as it was measured.
  static std::string largest_words(const Stability& s) {
    constexpr double kNarrow = 1e-4;  // a bracket as narrow is one number to a reader
    const auto& [rests, does_not] = *s.lr_max_from_start_bracket;
    const std::string tried = "What works: from where you stand, all learning rates that were tried ";
    if (does_not - rests <= kNarrow * rests)
      return tried + fmt::format("below {} come to rest; just above it they no longer do.",
                                 num(without_noise(*s.lr_max_from_start)));
    return tried + fmt::format("up to {} come to rest, and {} no longer does.", num(rests), num(does_not));
  }

  std::string what_works() const {
    const Stability& s = e_.stability;
    if (e_.partial || all_of_runs([](const FunctionRun& run) { return run.verdict == Verdict::stationary; })) return "";
    switch (ground_.outcome) {
      case DescentOutcome::minimum:
        break;
      case DescentOutcome::other_point:
        return "No learning rate finds a bottom from here: short steps come to rest" +
               beside(" at ", ground_.point.value_or(std::vector<double>())) + ".";
      case DescentOutcome::unbounded_below:
      case DescentOutcome::drifts:
        return "No learning rate finds a bottom from here, because there is none.";
      case DescentOutcome::undefined:
      case DescentOutcome::unclear:
        return "";
    }
    if (!s.can_settle)
      return "No learning rate makes this optimizer come to rest, but by chance: its steps do not become shorter near " +
             bottom() + ", so it hops around it. A smaller learning rate hops closer to it.";
    std::string text;
    if (s.lr_max_from_start && s.lr_max_from_start_bracket)
      text = largest_words(s);
    else if (ground_.corner && all_of_runs([&](const FunctionRun& run) { return !rests_elsewhere(run); }))
      return "No learning rate comes to rest, but by chance: at a sharp corner the slope does not become gentler, so it "
             "hops around it. A smaller learning rate hops closer to it.";
    if (text.empty()) return "";
    if (s.lr_fastest) text += fmt::format(" Close to {}, the quickest is {}.", bottom(), num(*s.lr_fastest));
    if (s.lr_fastest && s.lr_edge && !s.lr_fastest_warning.empty())
      text += fmt::format(" But that is only just below {}, from which on it does not come to rest there: take less.",
                          num(*s.lr_edge));
    return text;
  }

  const Explanation& e_;
  const SmallRates& ground_;
};

bool has_first_step(const FunctionRun& run) {
  return !run.updates.empty() && run.updates[0].size() == 1 && run.updates[0][0] != 0 && finite(run.updates[0]) &&
         run.losses.size() > 1;
}

}  // namespace

std::string to_plain_words(const Explanation& e, const TerminalStyle& wanted) {
  const TerminalStyle style = readable(wanted);
  std::string text = PlainWords(e).write(style);
  if (const std::string remark = observed_remark(e); !remark.empty()) text += "\n" + paragraph(remark, style);
  if (e.partial) text += std::string("\n") + kInterrupted;
  return text;
}

std::string first_step_sentence(const Explanation& e) {
  if (e.variables.size() != 1 || e.runs.empty() || e.runs[0].gradients.empty() || !finite(e.runs[0].gradients[0]))
    return "";
  std::vector<std::string> moves;
  for (std::size_t i = 0; i < std::min(e.runs.size(), kMostRuns); ++i)
    if (has_first_step(e.runs[i]))
      moves.push_back("at lr " + format_rate(e.runs[i].lr) + " " + PlainWords(e).first_move(e.runs[i], "the minimum"));
  if (moves.empty()) return "";
  return fmt::format("At {} = {} the slope is {}, and the first step goes: {}.", e.variables[0], num(e.start[0]),
                     num(e.runs[0].gradients[0][0]), joined(moves, "; "));
}

}  // namespace etamax
