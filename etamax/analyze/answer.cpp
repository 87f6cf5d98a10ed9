#include "etamax/analyze/answer.h"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "etamax/core/bisection.h"
#include "etamax/core/format.h"

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
    const auto bad =
        std::find_if(a.runs.begin(), a.runs.end(), [&](const auto& r) { return r.lr == *trainable.upper; });
    const Verdict verdict = bad == a.runs.end() ? Verdict::unclear : bad->verdict;
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
  if (a.lr_recommended) a.ruler.marks.push_back({"recommended", *a.lr_recommended, {}, "measured"});
  if (lr) a.ruler.marks.push_back({"yours", *lr, {}, "yours"});
  for (const RunRecord& run : a.runs) a.ruler.dots.push_back({run.lr, run.verdict});
}

/// The rate with the lowest loss after the short runs, an octave below the largest that trains: the cliff
/// moves with the seed.
void recommend(Analysis& a) {
  if (a.runs.empty()) {
    a.lr_recommended_reason = a.warmup_steps_reason = "no runs were made";
    return;
  }
  const double most = a.trainable.lr.upper && a.trainable.lr.lower ? *a.trainable.lr.lower / 2 * 1.0001 : INFINITY;
  const RunRecord *best = nullptr, *smallest = nullptr;
  for (const RunRecord& run : a.runs) {
    if (run.verdict != Verdict::trains || !run.loss) continue;
    if (!smallest) smallest = &run;
    if (run.lr <= most && (!best || *run.loss < *best->loss)) best = &run;
  }
  if (best) {
    a.lr_recommended = best->lr;
  } else if (smallest && a.trainable.lr.lower) {
    a.lr_recommended = *a.trainable.lr.lower / 2;
  } else {
    a.lr_recommended_reason = a.warmup_steps_reason = "no run trained";
    return;
  }
  if (a.edge.lr.lower && *a.lr_recommended <= *a.edge.lr.lower)
    a.warmup_steps = 0;
  else
    a.warmup_steps_reason =
        "the recommended rate is not below the edge at the start; the runs had no warmup, and "
        "whether one helps was not measured";
}

/// "In a 200-step run it trains: the loss falls from 2.3 to 0.1."
std::string told(const RunRecord& run) {
  const std::string verdict = run.verdict == Verdict::unclear ? "is unclear whether it trains" : to_string(run.verdict);
  std::string reason = run.reason;
  if (!reason.empty()) reason.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(reason.front())));
  return fmt::format("In a {}-step run it {}: {}", run.steps, verdict, reason);
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
    place = fmt::format("is {} times the stability edge: the loss first rises along the top eigenvector",
                        number(lr / *edge.upper));
  } else if (batch && lr > *batch) {
    yours.stable = false;
    place = fmt::format("is below the full-batch edge, but above the {} at which batches of {} lose stability",
                        number(*batch), a.mini_batch->batch_size);
  } else if (edge.lower && lr < *edge.lower) {
    yours.stable = true;
    place = fmt::format("is below the stability edge, at {}% of it", number(100 * lr / *edge.lower));
  } else if (edge.upper && !edge.lower) {
    place = fmt::format("is at {}% of the estimated edge, which may be lower than it is said to be",
                        number(100 * lr / *edge.upper));
  } else if (edge.upper) {
    place = "is within the interval of the stability edge: a smaller gap would tell";
  } else if (a.edge.reason.empty()) {
    place = "cannot be placed: the edge is not known yet";
  } else {
    place = "has no stability edge to be compared with: " + a.edge.reason;
    if (a.curvature && a.curvature->lambda_max.upper && *a.curvature->lambda_max.upper <= 0) yours.stable = true;
  }
  yours.sentence = fmt::format("Your learning rate {} {}.", number(lr), place);
  for (const RunRecord& run : a.runs)
    if (run.lr == lr) yours.sentence += " " + told(run);
  a.yours = yours;
}

/// How the largest trainable rate stands to the edge, and why; "" where one of them is not known.
std::string edge_and_limit(const Analysis& a) {
  const std::optional<double> lr = a.trainable.lr.upper, edge = a.edge.lr.lower ? a.edge.lr.lower : a.edge.lr.upper;
  if (!edge || !a.trainable.lr.lower) return "";
  if (const double beyond = *a.trainable.lr.lower / a.edge.lr.upper.value_or(INFINITY); beyond > 1)
    return fmt::format(
        "It trains beyond the edge, up to {} times it: there the loss first rises along the top eigenvector, but it may come back.",
        number(beyond));
  if (!lr) return "";
  if (*lr >= *edge) return "The two agree: beyond the edge the steps grow along the top eigenvector.";
  const std::string fails = "It fails below the initial edge because ";
  if (a.mini_batch && a.mini_batch->lr && *lr > *a.mini_batch->lr)
    return fails + fmt::format("it is above the {} at which batches of {} lose stability.", number(*a.mini_batch->lr),
                               a.mini_batch->batch_size);
  const std::string of_these =
      "It fails below the initial edge, which is that of these weights: the sharpness may grow during training (progressive sharpening)";
  if (!a.failing || a.failing->looks.size() < 2)
    return of_these + ", or it diverges for another reason (not measured).";
  const EdgeAtStep& last = a.failing->looks.back();
  if (a.failing->crossed)
    return fails +
           fmt::format(
               "the sharpness grows during training (progressive sharpening). After {}, with the loss at {}, the edge is {}, below the "
               "rate: from there the steps grow along the top eigenvector{}.",
               counted(last.step, "step"), number(last.loss), rounded_out(last.edge),
               a.failing->layer ? fmt::format(", {}% of whose squared norm lies in {}",
                                              number(100 * a.failing->layer->share), a.failing->layer->name)
                                : "");
  if (a.partial) return of_these + " (not followed to its end).";
  const auto lowest = std::min_element(
      a.failing->looks.begin(), a.failing->looks.end(),
      [](const auto& x, const auto& y) { return x.edge.upper.value_or(INFINITY) < y.edge.upper.value_or(INFINITY); });
  return of_these +
         fmt::format(
             ", but along this run the edge was not found below the rate (lowest: at most {}, after {}): it fails {}.",
             number(lowest->edge.upper.value_or(INFINITY)), counted(lowest->step, "step"),
             a.mini_batch ? "by the noise of its batches, or for another reason" : "for another reason");
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
  if (!c.inputs.empty() && c.standardized_edge) {
    std::vector<std::string> names;
    for (const InputShare& input : c.inputs) names.push_back(input.name);
    const bool known = a.edge.lr.lower && c.standardized_edge->lr.lower;
    const double factor = known ? *c.standardized_edge->lr.lower / *a.edge.lr.lower : 0;
    a.answer.push_back(fmt::format(
        "The inputs are of unlike scales: {} of the columns ({}) {} nearly all of their size. "
        "Standardized, the edge is {}{} (computed).",
        c.inputs.size(), list_of(names, 3), c.inputs.size() == 1 ? "makes up" : "make up",
        rounded_out(c.standardized_edge->lr), known ? fmt::format(", {} times as high", number(factor)) : ""));
  }
  if (!c.examples.empty()) {
    std::vector<std::string> numbers;
    for (const ExampleShare& example : c.examples) numbers.push_back(std::to_string(example.example));
    a.answer.push_back(fmt::format("Examples {} ({} of {}) account for {}% of the curvature along the top eigenvector.",
                                   joined(numbers), c.examples.size(), a.examples, number(100 * c.examples_share)));
  }
}

}  // namespace

void conclude(Analysis& a, const Optimizer& optimizer, std::optional<double> lr) {
  recommend(a);
  add_bands(a, optimizer);
  add_marks(a, lr);
  if (lr) judge_yours(a, *lr);
  if (a.yours) a.answer.push_back(a.yours->sentence);
  if (a.edge.lr.lower || a.edge.lr.upper)
    a.answer.push_back(fmt::format("Stability edge: {}, from the curvature at these weights.", rounded_out(a.edge.lr)));
  else if (a.curvature && !a.edge.reason.empty())
    a.answer.push_back("Stability edge: none, for " + a.edge.reason + ".");
  if (a.mini_batch && a.mini_batch->lr)
    a.answer.push_back(
        fmt::format("With batches of {} it is at most {}.", a.mini_batch->batch_size, number(*a.mini_batch->lr)));
  if (!a.runs.empty()) {
    const Interval& t = a.trainable.lr;
    if (t.lower && t.upper) {
      const auto bad = std::find_if(a.runs.begin(), a.runs.end(), [&](const auto& r) { return r.lr == *t.upper; });
      a.answer.push_back(
          fmt::format("Largest trainable: {} trains in {} steps, {} {}.", rounded_down(*t.lower, interval_digits(t)),
                      a.trainable.steps, rounded_up(*t.upper, interval_digits(t)),
                      bad == a.runs.end() || bad->verdict == Verdict::unclear ? "does not" : to_string(bad->verdict)));
    } else {
      a.answer.push_back("Largest trainable: " + a.trainable.reason + ".");
    }
    if (const std::string why = edge_and_limit(a); !why.empty()) a.answer.push_back(why);
    if (a.lr_recommended)
      a.answer.push_back(fmt::format(
          "Use {}: of the runs at most half as high as the largest trainable, it ends with the lowest loss.",
          number(*a.lr_recommended)));
  }
  add_culprit_sentences(a);
}

}  // namespace etamax
