#include "etamax/analyze/answer.h"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "etamax/core/bisection.h"
#include "etamax/core/format.h"
#include "etamax/core/statistics.h"

namespace etamax {
namespace {

std::string number(double x) { return format_number(x, 3); }

/// The largest learning rate below the edge at which no factor per step along the top eigenvector is
/// negative or complex.
double largest_monotone(const Optimizer& optimizer, double lambda, double edge) {
  const auto monotone = [&](double lr) {
    const auto factors = optimizer.spec->recurrence(optimizer.values, lr, lambda).eigenvalues().eval();
    return std::all_of(factors.begin(), factors.end(),
                       [](std::complex<double> f) { return f.real() >= -1e-9 && std::abs(f.imag()) <= 1e-9; });
  };
  return last_where(0, edge, monotone);
}

void add_bands(Analysis& a, const Optimizer& optimizer) {
  const Interval& edge = a.edge.lr;
  if (edge.upper) {
    const double end = edge.lower.value_or(*edge.upper);
    // The curvature at which that end is the edge: the edge is inversely proportional to it.
    const double at_one = stability_edge(*optimizer.spec, optimizer.values, 1).value_or(0);
    if (at_one > 0) {
      const double monotone = largest_monotone(optimizer, at_one / end, end);
      // With much momentum the monotone band is so far below the edge that the rest would be squeezed.
      const double from = monotone > end / 20 ? monotone : 0;
      if (from > 0) a.ruler.bands.push_back({"monotone", 0, from, "theory"});
      if (from < end) a.ruler.bands.push_back({"oscillating", from, end, "theory"});
    }
  }
  const Interval& trainable = a.trainable.lr;
  if (trainable.lower && edge.upper && *trainable.lower > *edge.upper)
    a.ruler.bands.push_back({"catapult", *edge.upper, trainable.lower, "measured"});
  if (trainable.upper) {
    const RunRecord* const bad = run_at(a, *trainable.upper);
    const Verdict verdict = bad ? bad->verdict : Verdict::unclear;
    a.ruler.bands.push_back({verdict == Verdict::collapses  ? "collapse"
                             : verdict == Verdict::diverges ? "diverge"
                                                            : "unclear",
                             *trainable.upper, std::nullopt, "measured"});
  }
}

void add_marks(Analysis& a, std::optional<double> lr) {
  const auto mark = [&](const std::string& name, const Interval& x, const std::string& basis) {
    if (!x.lower && !x.upper) return;
    Ruler::Mark m{
        name, x.lower && x.upper ? std::sqrt(*x.lower * *x.upper) : x.lower.value_or(x.upper.value_or(0)), {}, basis};
    if (x.lower && x.upper) m.interval = {{*x.lower, *x.upper}};
    a.ruler.marks.push_back(m);
  };
  mark("stability edge", a.edge.lr, "theory");
  if (a.mini_batch && a.mini_batch->lr)
    a.ruler.marks.push_back(
        {fmt::format("edge at batch {}", a.mini_batch->batch_size), *a.mini_batch->lr, {}, "theory"});
  mark("largest trainable", a.trainable.lr, "measured");
  if (a.recommended) a.ruler.marks.push_back({"recommended", a.recommended->lr, {}, "measured"});
  if (lr) a.ruler.marks.push_back({"yours", *lr, {}, "yours"});
  for (const RunRecord& run : a.runs) a.ruler.dots.push_back({run.lr, run.verdict});
}

void say_whether_to_warm_up(Analysis& a) {
  if (!a.recommended) {
    if (a.recommended_reason.empty()) a.recommended_reason = a.partial ? "not reached" : "no runs were made";
    a.warmup_steps_reason = a.recommended_reason;
  } else if (a.manner.warmup > 0) {
    a.warmup_steps = a.manner.warmup;
  } else if (a.edge.lr.lower && a.recommended->lr <= *a.edge.lr.lower) {
    a.warmup_steps = 0;
  } else {
    a.warmup_steps_reason =
        "the recommended rate is not below the edge at the start; the runs had no warmup, and "
        "whether one helps was not measured";
  }
}

/// "all 3 starts", "2 of 3 starts", "none of 3 starts"; "" of one start.
std::string starts_words(const StartCount& starts) {
  if (starts.of < 2) return "";
  if (starts.train == starts.of) return fmt::format("all {} starts", starts.of);
  return starts.train == 0 ? fmt::format("none of {} starts", starts.of)
                           : fmt::format("{} of {} starts", starts.train, starts.of);
}

/// "it trains: the loss falls from 2.3 to 0.1"
std::string came_to(const RunRecord& run) {
  const std::string verdict = run.verdict == Verdict::unclear ? "is unclear whether it trains" : to_string(run.verdict);
  std::string reason = run.reason;
  if (!reason.empty()) reason.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(reason.front())));
  if (reason.ends_with('.')) reason.pop_back();
  return fmt::format("it {}: {}", verdict, reason);
}

void judge_yours(Analysis& a, double lr) {
  YourRate yours;
  yours.lr = lr;
  for (const Ruler::Band& band : a.ruler.bands)
    if (lr > band.from && (!band.to || lr <= *band.to)) yours.band = band.name;
  const Interval& edge = a.edge.lr;
  const std::optional<double> batch = a.mini_batch ? a.mini_batch->lr : std::nullopt;
  std::string place;
  if (edge.upper && lr > *edge.upper) {
    yours.stable = false;
    yours.of_edge = lr / *edge.upper;
    place = fmt::format("is {} times the stability edge: steps along the top eigenvector grow", number(*yours.of_edge));
  } else if (batch && lr > *batch) {
    yours.stable = false;
    place = fmt::format("is below the full-batch edge, but above the {} at which batches of {} lose stability",
                        number(*batch), a.mini_batch->batch_size);
  } else if (edge.lower && lr < *edge.lower) {
    yours.stable = true;
    yours.of_edge = lr / *edge.lower;
    place = fmt::format("is below the stability edge, at {}% of it", number(100 * *yours.of_edge));
  } else if (edge.upper && !edge.lower) {
    yours.of_edge = lr / *edge.upper;
    place = fmt::format("is at {}% of the estimated edge, which may be lower than it is said to be",
                        number(100 * *yours.of_edge));
  } else if (edge.upper) {
    place = "is within the interval of the stability edge: a smaller gap would tell";
  } else if (a.edge.reason.empty()) {
    place = "cannot be placed: the edge is not known yet";
  } else {
    place = "has no stability edge to be compared with: " + a.edge.reason;
    if (a.curvature && a.curvature->lambda_max.upper && *a.curvature->lambda_max.upper <= 0) yours.stable = true;
  }
  yours.sentence = fmt::format("Your learning rate {} {}.", number(lr), place);
  if (const RunRecord* const run = run_at(a, lr)) {
    yours.sentence += fmt::format(" In a run of {} {}.", counted(run->steps, "step"), came_to(*run));
    if (const std::string starts = starts_words(starts_at(a, lr)); !starts.empty())
      yours.sentence += fmt::format(" It trains from {}.", starts);
  }
  a.yours = yours;
}

/// What the loss does at first in a run beyond the edge: looked up, for it need not rise.
std::string first_steps(const RunRecord& run) {
  const auto highest = std::max_element(run.losses.begin(), run.losses.end());
  if (highest == run.losses.end()) return "";
  const long step = (highest - run.losses.begin()) * run.stride;
  if (*highest > run.start_loss * (1 + 1e-6))
    return fmt::format("in the run at {} the loss first rises from {} to {} (after {}), and comes back", number(run.lr),
                       number(run.start_loss), number(*highest), counted(step, "step"));
  return fmt::format(
      "steps along the top eigenvector grow there at first, though in the run at {} the loss is never "
      "above its start",
      number(run.lr));
}

/// "After 8 steps the next one raises the loss from 0.685 to 1.94"
std::string rise_words(const StepLook& look, double lr) {
  return fmt::format("After {} at {} the next one raises the loss from {} to {}", counted(look.step, "step"),
                     number(lr), number(look.loss), number(look.loss_after));
}

/// The step that the quadratic model puts down to the top eigenvector; "" where there is none.
std::string explained_sentence(const FailingRun& failing) {
  const StepLook* const look = look_at(failing, failing.explained);
  if (!look) return "";
  const double part = look->along / look->predicted;
  return fmt::format(
      "{}: the edge there is {}, below the rate, and {} of the rise that the quadratic model predicts lies along the "
      "top eigenvector{}. ",
      rise_words(*look, failing.lr), rounded_out(look->edge), part < 0.995 ? number(100 * part) + "%" : "all",
      failing.layer ? fmt::format(" ({}% of whose squared norm lies in {})", number(100 * failing.layer->share),
                                  failing.layer->name)
                    : "");
}

/// "with the rate held below the edge from step 7 on (in 26 steps, the lowest at 0.1) it trains: ..."
std::string held_words(const Intervention& held) {
  return fmt::format("with the rate held below the edge {} (in {}, the lowest at {}) {}",
                     held.from == 0 ? "from the start on" : fmt::format("from step {} on", held.from),
                     counted(held.steps, "step"), number(held.lowest_lr), came_to(held.run));
}

/// What is to be seen of the step at which the loss begins to rise.
std::string onset_sentence(const FailingRun& failing) {
  const StepLook* const look = look_at(failing, failing.onset);
  if (!look) return "";
  std::vector<double> before;
  for (const StepLook& other : failing.looks)
    if (other.step < look->step) before.push_back(other.length);
  std::string text = " " + rise_words(*look, failing.lr);
  if (before.size() >= 3)
    text += fmt::format(", a step {} times as long as the median of the {} before it",
                        number(look->length / upper_median(before)), before.size());
  if (failing.onset_layer)
    text += fmt::format(", {}% of its squared norm in {}", number(100 * failing.onset_layer->share),
                        failing.onset_layer->name);
  return text + ".";
}

/// A point estimate is of an edge that may be lower.
std::string initial_edge(const Analysis& a) {
  return a.edge.lr.lower ? "the initial edge" : "the initial edge as estimated";
}

/// Why a run fails that begins below the edge, as its experiment shows it.
std::string why_it_fails(const Analysis& a) {
  const FailingRun& failing = *a.failing;
  const std::string why = "Why it fails below " + initial_edge(a);
  const Intervention* const held = held_run(failing);
  if (a.partial && !(held && failing.cause == FailureCause::curvature)) return why + " was not found out to its end.";
  if (!held)
    return fmt::format(
        "{} is not known: near the limit it is chance what becomes of a run. Of those at {}, with each step's rate "
        "changed by 5% at random, not all fail, and no higher rate below the edge was found at which they do.",
        why, number(failing.lr));
  const std::string again = fmt::format("Made again at {} ", number(failing.lr));
  switch (failing.cause) {
    case FailureCause::curvature: {
      std::string text = "It fails below " + initial_edge(a) +
                         " because the sharpness grows during training (progressive sharpening). " +
                         explained_sentence(failing) + again + held_words(*held);
      if (failing.direction_out && failing.direction_out->run.verdict == Verdict::trains)
        text +=
            ", and so it does at the full rate with those steps' part along the top eigenvector taken out: that "
            "direction is the cause";
      else if (failing.direction_out)
        text +=
            "; at the full rate with only those steps' part along the top eigenvector taken out it does not: one "
            "direction is not all of it";
      return text + ".";
    }
    case FailureCause::other:
      if (held->steps == 0)
        return fmt::format("{} is not known: nowhere along the run at {} the rate is found beyond the edge.{}", why,
                           number(failing.lr), onset_sentence(failing));
      return fmt::format("{} is not known: a lower rate where it is beyond the edge does not help. {}{}.{}", why, again,
                         held_words(*held), onset_sentence(failing));
    case FailureCause::unclear:
      break;
  }
  return fmt::format(
      "{} is unclear. {}{}{}.{}", why, again, held_words(*held),
      failing.held_again.empty() ? "" : ", but not where each step's rate is also changed by 5% at random",
      onset_sentence(failing));
}

/// How the largest trainable rate stands to the edge, and why; "" where one of them is not known.
std::string edge_and_limit(const Analysis& a) {
  const std::optional<double> lr = a.trainable.lr.upper, edge = a.edge.lr.lower ? a.edge.lr.lower : a.edge.lr.upper;
  if (!edge || !a.trainable.lr.lower) return "";
  if (const auto beyond = trainable_beyond_edge(a)) {
    std::string text = fmt::format("It trains beyond the edge, up to {} times it", number(*beyond));
    const RunRecord* const run = run_at(a, *a.trainable.lr.lower);
    if (run && a.batch_size == a.examples) text += ": " + first_steps(*run);
    return text + ".";
  }
  if (!lr) return "";
  if (*lr >= *edge) return "The two agree: beyond the edge steps along the top eigenvector grow.";
  if (a.failing) return why_it_fails(a);
  return "It fails below " + initial_edge(a) +
         ", which is that of these weights: the sharpness may grow during training (progressive sharpening), or it "
         "diverges for another reason (not measured).";
}

/// What the inputs' scales cost, where few columns make up nearly all of their size; "" where none do.
std::string inputs_sentence(const Analysis& a) {
  const Culprits& c = a.culprits;
  if (c.inputs.empty()) return "";
  std::string text = unlike_scales(c.inputs);
  if (c.standardized_edge && (c.standardized_edge->lr.lower || c.standardized_edge->lr.upper)) {
    text += fmt::format(" Standardized, the edge is {}", rounded_out(c.standardized_edge->lr));
    if (const auto factor = standardized_factor(a)) text += fmt::format(", {} times as high", number(*factor));
    text += " (computed).";
  }
  return text;
}

constexpr double kStandardizeFirst = 10;  // times the edge
constexpr double kDestroyed = 1e4;        // times the loss of the best constant predictor

/// What comes before every rate, where no rate is the cure.
void add_first_sentences(Analysis& a) {
  if (a.chance_loss && a.loss_value > kDestroyed * *a.chance_loss)
    a.answer.push_back(
        fmt::format("These weights are far worse than none: their loss is {}, that of the best constant "
                    "predictor {}. If a training made them, it has destroyed them: start from an earlier "
                    "checkpoint. If they are fresh, scale the inputs and the targets.",
                    number(a.loss_value), number(*a.chance_loss)));
  if (a.runs.empty() && !a.trainable.reason.empty())
    a.answer.push_back(fmt::format("No learning rate is to blame: {}.", a.trainable.reason));
  if (standardized_factor(a).value_or(0) >= kStandardizeFirst)
    a.answer.push_back("Standardize the inputs first: " + inputs_sentence(a));
}

void add_culprit_sentences(Analysis& a) {
  const Culprits& c = a.culprits;
  if (!c.layers.empty()) {
    const LayerShare& first = c.layers.front();
    a.answer.push_back(fmt::format("What limits it: {} carries {}% of the top eigenvector's squared norm{}.",
                                   first.name, number(100 * first.share),
                                   first.lambda_max ? fmt::format(" (its diagonal block: top eigenvalue at least {})",
                                                                  rounded_down(*first.lambda_max, 3))
                                                    : ""));
  }
  if (const std::string inputs = inputs_sentence(a);
      !inputs.empty() && standardized_factor(a).value_or(0) < kStandardizeFirst)
    a.answer.push_back("The inputs are of unlike scales: " + inputs);
  if (!c.examples.empty()) {
    std::vector<std::string> numbers;
    for (const ExampleShare& example : c.examples) numbers.push_back(std::to_string(example.example));
    a.answer.push_back(fmt::format("Examples {} ({} of {}) account for {}% of the curvature along the top eigenvector.",
                                   joined(numbers), c.examples.size(), a.examples, number(100 * c.examples_share)));
  }
}

/// "0.3 trains in 200 steps from all 3 starts, 0.45 from none (diverges)."
std::string trainable_sentence(const Analysis& a) {
  const Interval& t = a.trainable.lr;
  if (!t.lower) return "No rate that trains was found: " + a.trainable.reason + ".";
  if (!t.upper) return "Largest trainable: " + a.trainable.reason + ".";
  const RunRecord* const bad = run_at(a, *t.upper);
  const bool unclear = !bad || bad->verdict == Verdict::unclear;
  const int digits = interval_digits(t);
  std::string text =
      fmt::format("Largest trainable: {} trains in {} steps", rounded_down(*t.lower, digits), a.trainable.steps);
  if (a.trainable.starts < 2)
    return text + fmt::format(", {} {}.", rounded_up(*t.upper, digits), unclear ? "does not" : to_string(bad->verdict));
  text += fmt::format(" from all {} starts, {} from none", a.trainable.starts, rounded_up(*t.upper, digits));
  if (!unclear) text += fmt::format(" (it {})", to_string(bad->verdict));
  return text + (*t.upper > 1.5 * *t.lower ? "; in between it depends on the start." : ".");
}

/// How the runs were made, where that is not as it is without options.
std::string manner_sentence(const RunManner& manner) {
  std::vector<std::string> parts;
  if (manner.schedule != "constant") parts.push_back(fmt::format("a {} schedule to 0", manner.schedule));
  if (manner.warmup > 0) parts.push_back(counted(manner.warmup, "step") + " of warmup");
  if (manner.clip) parts.push_back("gradients clipped to norm " + number(*manner.clip));
  if (parts.empty()) return "";
  const std::string last = parts.back();
  parts.pop_back();
  return fmt::format("The runs were made with {}{}{}{}.", joined(parts), parts.empty() ? "" : " and ", last,
                     manner.has_peak() ? "; a run's rate is that of its peak" : "");
}

std::string recommended_sentence(const Analysis& a) {
  const Recommended& r = *a.recommended;
  const bool several = r.starts.of > 1;
  return fmt::format("Use {}: of the rates tried{}{}, it ends with the lowest {}.", number(r.lr),
                     a.trainable.lr.upper ? " half an octave or more below that limit" : "",
                     several ? fmt::format(" at which all {} starts trained", r.starts.of) : "",
                     several ? "mean loss" : "loss");
}

}  // namespace

void conclude(Analysis& a, const Optimizer& optimizer, std::optional<double> lr) {
  say_whether_to_warm_up(a);
  add_bands(a, optimizer);
  add_marks(a, lr);
  if (lr) judge_yours(a, *lr);
  add_first_sentences(a);
  if (a.yours) a.answer.push_back(a.yours->sentence);
  if (a.edge.lr.lower || a.edge.lr.upper)
    a.answer.push_back(fmt::format("Stability edge: {}, from the curvature at these weights.", rounded_out(a.edge.lr)));
  else if (a.curvature && !a.edge.reason.empty())
    a.answer.push_back("Stability edge: none, because " + a.edge.reason + ".");
  if (a.mini_batch && a.mini_batch->lr)
    a.answer.push_back(
        fmt::format("With batches of {} it is at most {}.", a.mini_batch->batch_size, number(*a.mini_batch->lr)));
  if (!a.runs.empty()) {
    if (const std::string how = manner_sentence(a.manner); !how.empty()) a.answer.push_back(how);
    a.answer.push_back(trainable_sentence(a));
    if (const std::string why = edge_and_limit(a); !why.empty()) a.answer.push_back(why);
    if (a.recommended) a.answer.push_back(recommended_sentence(a));
  }
  add_culprit_sentences(a);
}

}  // namespace etamax
