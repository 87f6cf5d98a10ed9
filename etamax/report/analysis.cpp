#include "etamax/report/analysis.h"

#include <fmt/format.h>

#include <algorithm>

#include "etamax/core/format.h"
#include "etamax/report/escape.h"
#include "etamax/report/facts.h"
#include "etamax/report/page.h"
#include "etamax/report/pictures.h"
#include "etamax/report/poster.h"
#include "etamax/report/ruler.h"

namespace etamax {
namespace {

constexpr const char* kRulerCaption =
    "Every learning rate on one axis. Above the ruler: what theory and the short runs say; below it: the runs, and your rate. "
    "Where a range is given, the true value lies within it with the stated confidence.";
constexpr const char* kRunsCaption =
    "The loss of each step's batch in the short runs, each learning rate named at its line's end; a line that leaves at the "
    "top grows beyond the picture.";
constexpr const char* kFailingCaption =
    "Why it fails though it begins below the edge: above the loss, below it the stability edge at the weights that the run has by then. "
    "The edge is at most as high as drawn; a bar is its certified interval. Dotted: the first step found with the edge below the rate.";
constexpr const char* kLayersCaption =
    "How much of the sharpest direction, along which stability is lost first, lies in each layer's parameters.";

std::string number(double x) { return format_number(x, 4); }

/// "84,874".
std::string grouped(long n) {
  std::string digits = std::to_string(n);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string percent(double share) { return format_number(100 * share, 3) + "%"; }

std::string range(const Interval& x) {
  if (x.lower && x.upper) return number(*x.lower) + " .. " + number(*x.upper);
  if (x.upper) return "at most " + number(*x.upper);
  return x.lower ? "at least " + number(*x.lower) : "not known";
}

/// What the loss chart takes: it needs no more of a run than this.
std::vector<Run> as_runs(const std::vector<TrainingRun>& runs) {
  std::vector<Run> converted;
  for (const TrainingRun& run : runs) {
    Run r;
    r.lr = run.lr;
    r.long_losses = run.losses;
    r.verdict = run.verdict;
    converted.push_back(std::move(r));
  }
  // The chart shows the first dozen: those around the limit are the ones to see.
  if (converted.size() > kMostPanels)
    converted.erase(converted.begin(), converted.end() - static_cast<long>(kMostPanels));
  return converted;
}

std::optional<Chart> runs_chart(const Analysis& a) {
  auto chart = loss_chart(as_runs(a.runs));
  if (chart && a.runs.front().stride > 1) chart->x.label = fmt::format("step / {}", a.runs.front().stride);
  return chart;
}

std::string run_title(const TrainingRun& run) {
  return fmt::format("lr {} {}.", format_number(run.lr, 3), to_string(run.verdict));
}

std::string confidence(const Curvature& c) {
  if (!c.confidence) return "point estimate, no error bar";
  return percent(*c.confidence) + " confidence" + (c.reached_gap ? "" : ", wider than was asked for");
}

}  // namespace

std::string setting_sentence(const Analysis& a) {
  std::string examples = grouped(a.examples);
  if (a.of_examples > a.examples) examples += " of " + grouped(a.of_examples);
  return fmt::format(
      "{} ({} parameters) on {} ({} examples), {} {}, with {}{}.", a.model, grouped(a.parameters), a.data, examples,
      a.loss, number(a.loss_value), optimizer_words(a.optimizer, a.hyperparameters),
      a.batch_size < a.examples ? fmt::format(", batches of {}", a.batch_size) : ", all examples in each step");
}

std::vector<Evidence> evidence(const Analysis& a) {
  std::vector<Evidence> all;
  if (const auto& c = a.curvature) {
    const std::string what =
        c->preconditioner.empty() ? "of the Hessian" : "of P^-1/2 H P^-1/2, P " + c->preconditioner;
    all.push_back(
        {"lambda_max", range(c->lambda_max), fmt::format("({}; {}; {} products)", what, confidence(*c), c->hvps)});
    all.push_back({"lambda_min", range(c->lambda_min), "(from the same products)"});
  }
  if (a.sampling)
    all.push_back({"lambda_max, all data", range(a.sampling->lambda_max),
                   fmt::format("({} confidence, from {} subsets of {} examples)", percent(a.sampling->confidence),
                               a.sampling->subsets, grouped(a.sampling->examples))});
  if (a.edge.lr.lower || a.edge.lr.upper)
    all.push_back({"stability edge", range(a.edge.lr), "(theory: " + a.edge.formula + ")"});
  else if (a.curvature)
    all.push_back({"stability edge", "none", a.edge.reason});
  if (const auto& m = a.mini_batch) {
    if (m->lr)
      all.push_back(
          {"mini-batch edge", "at most " + number(*m->lr),
           fmt::format("(theory, batches of {}: curvature along the sharpest direction varies by {} over examples)",
                       m->batch_size, number(m->curvature_spread))});
    else
      all.push_back({"mini-batch edge", "none", m->reason});
    if (m->batches > 0)
      all.push_back({"batch sharpness", number(m->batch_sharpness),
                     fmt::format("(+- {}, measured on {} batches)", number(m->batch_sharpness_error), m->batches)});
  }
  if (!a.runs.empty()) {
    const auto& t = a.trainable;
    all.push_back({"largest trainable", range(t.lr),
                   t.lr.lower && t.lr.upper
                       ? fmt::format("(measured in {} runs of {} steps: the first trains, the second does not)",
                                     a.runs.size(), t.steps)
                       : t.reason});
  }
  if (a.failing && !a.failing->looks.empty()) {
    const FailingRun::Look& last = a.failing->looks.back();
    all.push_back({"edge on the way", range(last.edge),
                   fmt::format("(after {} at {}, loss {}; {} looks, {} products)", counted(last.step, "step"),
                               number(a.failing->lr), number(last.loss), a.failing->looks.size(), a.failing->hvps)});
  }
  if (a.lr_recommended)
    all.push_back({"recommended", number(*a.lr_recommended),
                   std::string("(measured: lowest loss of the runs with an octave to spare") +
                       (a.warmup_steps ? "; below the edge, so no warmup is needed)" : ")")});
  for (std::size_t i = 0; i < a.culprits.layers.size(); ++i) {
    const LayerShare& layer = a.culprits.layers[i];
    all.push_back({i == 0 ? "layers" : "", layer.name,
                   percent(layer.share) + " of the sharpest direction" +
                       (layer.lambda_max ? "; its own block curves by at least " + number(*layer.lambda_max) : "")});
  }
  for (std::size_t i = 0; i < a.culprits.inputs.size(); ++i)
    all.push_back({i == 0 ? "inputs" : "", a.culprits.inputs[i].name,
                   percent(a.culprits.inputs[i].share) + " of the inputs' mean square"});
  if (a.culprits.standardized_edge)
    all.push_back(
        {"edge, standardised", range(a.culprits.standardized_edge->lr), "(theory, computed on standardised inputs)"});
  for (std::size_t i = 0; i < a.culprits.examples.size(); ++i)
    all.push_back({i == 0 ? "examples" : "", "number " + grouped(a.culprits.examples[i].example),
                   "curves by " + number(a.culprits.examples[i].curvature) + " along the sharpest direction, loss " +
                       number(a.culprits.examples[i].loss)});
  if (!a.frozen.empty()) all.push_back({"left out", joined(a.frozen), "(frozen)"});
  if (!a.unused.empty())
    all.push_back({a.frozen.empty() ? "left out" : "", joined(a.unused), "(the loss does not depend on them)"});
  for (const std::string& note : a.notes) all.push_back({"note", note, ""});
  return all;
}

std::optional<Drawing> draw_runs(const Analysis& a, double width) {
  const auto chart = runs_chart(a);
  if (!chart) return {};
  Drawing drawing = draw(*chart, width, width < 600 ? 300 : 360);
  drawing.title = "The loss in the short runs";
  for (const Chart::End& end : chart->ends) drawing.description += end.text + ". ";
  return drawing;
}

std::optional<Drawing> draw_layers(const Analysis& a, double width) {
  const auto& layers = a.culprits.layers;
  if (layers.empty()) return {};
  constexpr double kRow = 26, kSize = 13;
  double names = 0;
  for (const LayerShare& layer : layers) names = std::max(names, text_width(layer.name, kSize, false));
  names = std::min(names, width / 2);
  const double left = names + 12, room = width - left - 60;
  Drawing drawing;
  drawing.width = width;
  drawing.height = kRow * static_cast<double>(layers.size());
  drawing.title = "Shares of the sharpest direction";
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const double y = kRow * static_cast<double>(i), length = std::max(2.0, room * layers[i].share);
    drawing.write({names, y + 17}, layers[i].name, kSize, Color::ink, Anchor::end, false);
    drawing.rectangle({left, y + 5, left + length, y + 21}, {i == 0 ? Color::vermillion : Color::grey, 1});
    drawing.write({left + length + 8, y + 17}, percent(layers[i].share), kSize, Color::muted, Anchor::start, false);
    drawing.description += layers[i].name + ": " + percent(layers[i].share) + ". ";
  }
  return drawing;
}

std::string to_text(const Analysis& a, const TerminalStyle& wanted) {
  TerminalStyle style = wanted;
  style.width = std::clamp(style.width, 40, 400);
  std::string text = paragraph(setting_sentence(a), style) + "\n" + paragraph(joined(a.answer, " "), style);
  if (a.partial) text += "\nInterrupted: this is what was known by then.\n";
  if (const auto ruler = lines(a.ruler, style); !ruler.empty()) {
    text += "\nThe learning-rate ruler:\n";
    for (const std::string& line : ruler) text += line + "\n";
  }
  if (!a.runs.empty()) {
    text += "\nThe short runs:\n";
    for (const TrainingRun& run : a.runs)
      text += signed_paragraph(look(run.verdict), run_title(run) + " " + run.reason, style, "  ");
  }
  text += "\nThe evidence:\n";
  for (const Evidence& e : evidence(a))
    text += definition(e.name, e.value + (e.basis.empty() ? "" : "  " + e.basis), 23, style);
  return text + "\n" + paragraph(cost_sentence(a.cost), style);
}

std::string to_html(const Analysis& a) {
  std::string body = "<p class=\"setting\">" + escaped(setting_sentence(a)) + "</p>\n";
  body += html_interrupted(a.partial) + html_answer(a.answer);
  const auto figure = [&](const std::string& id, const std::string& heading, const std::string& caption,
                          const auto& drawn) {
    const std::optional<Drawing> wide = drawn(kPageWide), narrow = drawn(kPageNarrow);
    if (wide && narrow) body += html_section(heading, html_figure(id, *wide, *narrow, caption));
  };
  figure("ruler", "The learning-rate ruler", kRulerCaption, [&](double width) { return draw(a.ruler, width); });
  if (!a.runs.empty()) {
    std::string list = "<ul class=\"verdicts\">\n";
    for (const TrainingRun& run : a.runs) list += html_verdict(look(run.verdict), run_title(run), run.reason);
    figure("runs", "The short runs", kRunsCaption, [&](double width) { return draw_runs(a, width); });
    body += list + "</ul>\n";
  }
  figure("failing", "The edge along the run that fails", kFailingCaption,
         [&](double width) { return draw_failing_run(a, width); });
  figure("layers", "Where it is sharp", kLayersCaption, [&](double width) { return draw_layers(a, width); });
  std::string list = "<dl>\n";
  for (const Evidence& e : evidence(a))
    list += "<dt>" + escaped(e.name) + "</dt><dd><strong>" + escaped(e.value) + "</strong> <span class=\"why\">" +
            escaped(e.basis) + "</span></dd>\n";
  body += html_section("The evidence", list + "</dl>\n") + html_details(to_json(a), cost_sentence(a.cost));
  return html_page("Learning rates for " + a.model + " on " + a.data,
                   "How high may the learning rate go for <code>" + escaped(a.model) + "</code> on <code>" +
                       escaped(a.data) + "</code>?",
                   body);
}

Drawing poster(const Analysis& a, double width) {
  PosterWriter poster(width);
  const std::string title = a.model + " on " + a.data;
  poster.text(title, 22, true, Color::ink);
  poster.text(setting_sentence(a), 14, false, Color::muted);
  poster.space(10);
  poster.text(joined(a.answer, " "), 14, false, Color::ink);
  if (const auto ruler = draw(a.ruler, poster.room())) poster.picture("The learning-rate ruler", *ruler);
  if (const auto runs = draw_runs(a, poster.room())) poster.picture("The short runs", *runs);
  if (const auto failing = draw_failing_run(a, poster.room()))
    poster.picture("The edge along the run that fails", *failing);
  if (const auto layers = draw_layers(a, poster.room())) poster.picture("Where it is sharp", *layers);
  return poster.take(title);
}

}  // namespace etamax
