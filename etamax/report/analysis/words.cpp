#include <fmt/format.h>

#include "etamax/core/format.h"
#include "etamax/report/analysis/detail_words.h"

namespace etamax {
namespace {

std::string number(double x) { return format_number(x, 4); }

/// "84,874".
std::string grouped(long n) {
  std::string digits = std::to_string(n);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

/// A confidence is itself a lower bound: 99.99%, and never 100%.
std::string confidence_percent(double confidence) { return rounded_down(without_noise(100 * confidence), 5) + "%"; }

std::string confidence(const Curvature& c) {
  if (!c.confidence) return "point estimate, no error bar";
  return confidence_percent(*c.confidence) + " confidence" + (c.reached_gap ? "" : ", wider than was asked for");
}

}  // namespace

std::string share_percent(double share) { return format_number(100 * share, 3) + "%"; }

std::string run_title(const RunRecord& run) {
  return fmt::format("lr {} {}.", format_number(run.lr, 3), to_string(run.verdict));
}

std::string setting_sentence(const Analysis& a) {
  std::string examples = grouped(a.examples);
  if (a.of_examples > a.examples) examples += " of " + grouped(a.of_examples);
  return fmt::format(
      "{} ({} parameters) on {} ({} examples), {} {}{}, with {}{}.", a.model, grouped(a.parameters), a.data, examples,
      a.loss, number(a.loss_value), guess_words(a.loss_basis), optimizer_words(a.optimizer, a.hyperparameters),
      a.batch_size < a.examples ? fmt::format(", batches of {}", a.batch_size) : ", all examples in each step");
}

std::vector<Fact> evidence(const Analysis& a) {
  std::vector<Fact> all;
  if (const auto& c = a.curvature) {
    const std::string what =
        c->preconditioner.empty() ? "of the Hessian" : "of P^-1/2 H P^-1/2, P " + c->preconditioner;
    if (c->reason.empty()) {
      all.push_back({"lambda_max", rounded_out(c->lambda_max),
                     fmt::format("({}; {}; {} products)", what, confidence(*c), c->hvps)});
      if (c->lambda_min.lower || c->lambda_min.upper)
        all.push_back({"lambda_min", rounded_out(c->lambda_min), "(from the same products)"});
    } else {
      all.push_back({"lambda_max", "none", what + ": " + c->reason});
    }
    if (c->left_out > 0)
      all.push_back({"left out of P", counted(c->left_out, "parameter"),
                     "(every gradient so far is 0 there, so that P is not known)"});
  }
  if (a.sampling)
    all.push_back(
        {"lambda_max, all data", rounded_out(a.sampling->lambda_max),
         fmt::format("({} confidence, from {} subsets of {} examples)", confidence_percent(a.sampling->confidence),
                     a.sampling->subsets, grouped(a.sampling->examples))});
  if (a.edge.lr.lower || a.edge.lr.upper)
    all.push_back({"stability edge", rounded_out(a.edge.lr), "(theory: " + a.edge.formula + ")"});
  else if (a.curvature)
    all.push_back({"stability edge", "none", a.edge.reason});
  if (const auto& m = a.mini_batch) {
    if (m->lr)
      all.push_back(
          {"mini-batch edge", rounded_out({{}, m->lr}),
           fmt::format("(theory, batches of {}: curvature along the top eigenvector varies by {} over examples)",
                       m->batch_size, number(m->curvature_spread))});
    else
      all.push_back({"mini-batch edge", "none", m->reason});
    if (m->batches > 0)
      all.push_back({"batch sharpness", number(m->batch_sharpness),
                     fmt::format("(+- {}, measured on {} batches)", number(m->batch_sharpness_error), m->batches)});
  }
  if (!a.runs.empty()) {
    const auto& t = a.trainable;
    all.push_back(
        {"largest trainable", rounded_out(t.lr),
         t.lr.lower && t.lr.upper
             ? fmt::format("(measured in {} runs of {} steps: {})", a.runs.size() + a.other_starts.size(), t.steps,
                           t.starts > 1 ? fmt::format("the first trains from all {} starts, the second from "
                                                      "none; they differ in {}",
                                                      t.starts, t.starts_about)
                                        : "the first trains, the second does not; one start")
             : t.reason});
  }
  if (const StepLook* const look = a.failing ? look_at(*a.failing, a.failing->explained) : nullptr) {
    all.push_back({"edge along the run", rounded_out(look->edge),
                   fmt::format("(after {} at {}, loss {}; {} products)", counted(look->step, "step"),
                               number(a.failing->lr), number(look->loss), a.failing->hvps)});
  }
  if (a.recommended)
    all.push_back({"recommended", number(a.recommended->lr),
                   fmt::format("(measured: {} {} after {} steps; {} of {} starts trained{})",
                               a.recommended->starts.of > 1 ? "mean loss" : "loss", number(a.recommended->mean_loss),
                               a.trainable.steps, a.recommended->starts.train, a.recommended->starts.of,
                               a.warmup_steps == 0 ? "; below the edge, so no warmup is needed" : "")});
  for (std::size_t i = 0; i < a.culprits.layers.size(); ++i) {
    const LayerShare& layer = a.culprits.layers[i];
    all.push_back(
        {i == 0 ? "layers" : "", layer.name,
         share_percent(layer.share) + " of the top eigenvector's squared norm" +
             (layer.lambda_max ? "; diagonal block: top eigenvalue " + rounded_out({layer.lambda_max, {}}) : "")});
  }
  for (std::size_t i = 0; i < a.culprits.inputs.size(); ++i)
    all.push_back({i == 0 ? "inputs" : "", a.culprits.inputs[i].name,
                   share_percent(a.culprits.inputs[i].share) + " of the inputs' mean square"});
  if (a.culprits.standardized_edge)
    all.push_back({"edge, standardized", rounded_out(a.culprits.standardized_edge->lr),
                   "(theory, computed on standardized inputs)"});
  for (std::size_t i = 0; i < a.culprits.examples.size(); ++i)
    all.push_back({i == 0 ? "examples" : "", "number " + grouped(a.culprits.examples[i].example),
                   "curvature v'Hv = " + number(a.culprits.examples[i].curvature) +
                       " along the top eigenvector, loss " + number(a.culprits.examples[i].loss)});
  if (!a.frozen.empty()) all.push_back({"left out", joined(a.frozen), "(frozen)"});
  if (!a.unused.empty())
    all.push_back({a.frozen.empty() ? "left out" : "", joined(a.unused), "(the loss does not depend on them)"});
  for (const std::string& note : a.notes) all.push_back({"note", note, ""});
  return all;
}

}  // namespace etamax
