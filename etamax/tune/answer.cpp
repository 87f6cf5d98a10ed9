#include "etamax/tune/answer.h"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <set>

#include "etamax/core/format.h"

namespace etamax {
namespace {

constexpr double kSaves = 0.1;  // of the budget that is left: to be told why

std::string shown(double x) { return format_number(x, 3); }

std::string failing_words(const Tuning& t) {
  if (!t.failure_probability) return "";
  if (*t.failure_probability < 0.005) return " Fewer than one start in 200 ends no better than a constant.";
  return fmt::format(" Of all starts {:.{}f}% end no better than a constant.", 100 * *t.failure_probability,
                     *t.failure_probability < 0.1 ? 1 : 0);
}

void draw_ruler(Tuning& t) {
  const Interval& limit = t.trainable.lr;
  if (limit.lower) t.ruler.bands.push_back({"trains", 0, *limit.lower, "measured"});
  if (limit.upper) t.ruler.bands.push_back({"fails", *limit.upper, std::nullopt, "measured"});
  const auto mark = [&](const std::string& name, const Interval& x, const std::string& basis) {
    if (!x.lower || !x.upper) return;
    t.ruler.marks.push_back({name, std::sqrt(*x.lower * *x.upper), {{*x.lower, *x.upper}}, basis});
  };
  mark("stability edge", t.edge.lr, "theory");
  mark("largest trainable", limit, "measured");
  if (t.lr_recommended) t.ruler.marks.push_back({"recommended", *t.lr_recommended, {}, "measured"});
  std::map<double, Verdict> worst;  // one dot for a rate: a failure of any seed counts
  for (const RunRecord& trial : t.trials)
    if (const auto [at, fresh] = worst.try_emplace(trial.lr, trial.verdict); !fresh && at->second == Verdict::trains)
      at->second = trial.verdict;
  for (const auto& [lr, verdict] : worst) t.ruler.dots.push_back({lr, verdict});
}

std::string python_optimizer(const Tuning& t) {
  const auto value = [&](const char* name) {
    for (const Setting& s : t.hyperparameters)
      if (s.name == name) return s.value;
    return 0.0;
  };
  const std::string lr = shown(*t.lr_recommended), decay = format_number(value("weight_decay"));
  if (t.optimizer == "gd") return fmt::format("torch.optim.SGD(model.parameters(), lr={})", lr);
  if (t.optimizer == "sgd")
    return fmt::format(
        "torch.optim.SGD(model.parameters(), lr={}, momentum={}, dampening={}, weight_decay={}, nesterov={})", lr,
        format_number(value("momentum")), format_number(value("dampening")), decay,
        value("nesterov") != 0 ? "True" : "False");
  if (t.optimizer == "adam" || t.optimizer == "adamw")
    return fmt::format("torch.optim.{}(model.parameters(), lr={}, betas=({}, {}), eps={}, weight_decay={})",
                       t.optimizer == "adam" ? "Adam" : "AdamW", lr, format_number(value("beta1")),
                       format_number(value("beta2")), format_number(value("eps")), decay);
  std::string arguments;
  for (const Setting& s : t.hyperparameters)
    arguments += fmt::format(", {}={}", s.name, s.is_flag ? (s.value != 0 ? "True" : "False") : format_number(s.value));
  const std::string name = t.optimizer == "rmsprop" ? "RMSprop" : t.optimizer == "adagrad" ? "Adagrad" : "";
  if (!name.empty()) return fmt::format("torch.optim.{}(model.parameters(), lr={}{})", name, lr, arguments);
  return fmt::format("{}(model.parameters(), lr={}{})  # not in torch.optim", t.optimizer, lr, arguments);
}

std::string python_lines(const Tuning& t) {
  const long warmup = t.warmup_steps.value_or(0);
  std::string code = "optimizer = " + python_optimizer(t) + "\n";
  if (t.schedule == "constant" && warmup == 0) return code;
  std::string factor = "1.0";
  if (t.schedule == "cosine") factor = fmt::format("0.5 * (1 + math.cos(math.pi * step / {}))", t.horizon_steps);
  if (t.schedule == "linear") factor = fmt::format("1 - step / {}", t.horizon_steps);
  if (warmup > 0) factor = fmt::format("min(1, (step + 1) / {}) * ({})", warmup, factor);
  if (t.schedule == "cosine") code = "import math\n" + code;
  return code + "scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: " + factor +
         ")  # scheduler.step() after each optimizer.step()\n";
}

}  // namespace

void conclude(Tuning& t) {
  draw_ruler(t);
  const TuningBudget& b = t.budget;
  if (!t.inputs.empty())
    t.answer.push_back("Standardize the inputs first: " + unlike_scales(t.inputs) +
                       " Such columns set the curvature, and with it the largest rate of all; how much higher the edge "
                       "is without them, etamax analyze computes.");
  const std::string judged = t.validation_examples > 0 ? "validation loss" : "training loss";
  if (t.lr_recommended) {
    t.code = python_lines(t);
    std::string first =
        fmt::format("Use {} for {} steps ({} schedule).", shown(*t.lr_recommended), t.horizon_steps, t.schedule);
    if (t.lr_interval)
      first += fmt::format(" With a probability of {:.0f}% the best rate is between {} and {}.",
                           100 * t.lr_interval_probability, shown((*t.lr_interval)[0]), shown((*t.lr_interval)[1]));
    t.answer.push_back(first);
    if (t.warmup_steps)
      t.answer.push_back(fmt::format(
          "Warmup: {} ({}).",
          *t.warmup_steps > 0 ? fmt::format("{} steps, from 0 to {}", *t.warmup_steps, shown(*t.lr_recommended))
                              : "none",
          t.warmup_reason));
    else
      t.answer.push_back("Warmup: not known, for " + t.warmup_reason + ".");
    if (t.expected_loss) {
      std::string spread, without;
      if (t.expected_loss_spread) spread = fmt::format(" +- {}", shown(*t.expected_loss_spread));
      if (t.warmup_steps.value_or(0) > t.expected_loss_warmup_steps) without = ", without warmup";
      if (!t.recommended_was_run) without += ", going by runs at other rates or of fewer steps";
      t.answer.push_back(fmt::format("Expect a {} of {}{} at the end{}.{}", judged, shown(*t.expected_loss), spread,
                                     without, failing_words(t)));
    }
    if (!t.beats_constant)
      t.answer.push_back(
          fmt::format("No rate that was tried is expected to end better than the best constant predictor, whose loss "
                      "is {}: it is not the rate alone that is wrong.",
                      t.chance_loss ? shown(*t.chance_loss) : "the start's"));
    if (t.starts == 1) t.answer.push_back("One start: what others would do is known from other trainings alone.");
    const Interval& limit = t.trainable.lr;
    std::set<std::uint64_t> seeds;
    for (const RunRecord& trial : t.trials) seeds.insert(trial.seed);
    if (const auto times = margin(t); times && *times <= 1)
      t.answer.push_back(fmt::format(
          "A run at {} has failed, which is not above the recommended rate: lower rates do too much worse, and one start in "
          "some fails.",
          shown(*limit.upper)));
    else if (times)
      t.answer.push_back(fmt::format("Margin: the lowest rate seen to fail, with {}, is {}, {} times as high.",
                                     counted(static_cast<long>(seeds.size()), "seed"), shown(*limit.upper),
                                     shown(*times)));
    else
      t.answer.push_back("No rate that was tried failed.");
  } else {
    t.answer.push_back("No learning rate is recommended: " + t.lr_recommended_reason + ".");
  }
  if (t.edge.lr.lower && t.edge.lr.upper)
    t.answer.push_back(
        fmt::format("Stability edge at the start: {}, on {} examples.", rounded_out(t.edge.lr), t.edge_examples));
  std::string saved;
  if (!t.partial && b.runs(b.limit - b.spent) > kSaves * b.runs(b.limit))
    saved = " No further run that this would pay for is expected to change the answer.";
  t.answer.push_back(fmt::format("Spent: {} of {} runs.{}", shown(b.runs(b.spent)), shown(b.runs(b.limit)), saved));
}

}  // namespace etamax
