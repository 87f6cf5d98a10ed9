#include "etamax/report/tuning.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "etamax/core/format.h"
#include "etamax/report/escape.h"
#include "etamax/report/facts.h"
#include "etamax/report/page.h"
#include "etamax/report/poster.h"
#include "etamax/report/ruler.h"

namespace etamax {
namespace {

constexpr const char* kValleyCaption =
    "Loss against learning rate, a line for each length of the runs: every point is a run of the first seed. Dashed: the fitted valley.";
constexpr const char* kRulerCaption =
    "Every learning rate on one axis. A dot is a rate that was tried; its sign is the worst that any seed did there.";

std::string number(double x) { return format_number(x, 3); }

std::string setting(const Tuning& t) {
  return fmt::format("{} ({} parameters) on {}, {}, with {}: {} examples to train on, {} held out, batches of {}.",
                     t.model, t.parameters, t.data, t.loss, optimizer_words(t.optimizer, t.hyperparameters),
                     t.training_examples, t.validation_examples, t.batch_size);
}

struct Row {
  std::string lr, seed, steps, warmup, loss, outcome, purpose;
};
std::vector<Row> rows(const Tuning& t) {
  std::vector<Row> all = {{"lr", "seed", "steps", "warmup", "loss", "outcome", "purpose"}};
  std::vector<Trial> sorted = t.trials;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Trial& a, const Trial& b) { return a.lr < b.lr; });
  for (const Trial& trial : sorted)
    all.push_back({number(trial.lr), std::to_string(trial.seed), std::to_string(trial.steps),
                   trial.warmup_steps > 0 ? std::to_string(trial.warmup_steps) : "-",
                   trial.loss ? number(*trial.loss) : "-",
                   trial.verdict == Verdict::converges ? "trains"
                   : trial.verdict == Verdict::unclear ? "does not learn"
                                                       : to_string(trial.verdict),
                   trial.purpose});
  return all;
}

}  // namespace

std::optional<Chart> valley_chart(const Tuning& t) {
  std::map<long, std::map<double, double>> curves;  // by steps
  double left = INFINITY, right = 0, low = INFINITY, high = 0;
  for (const Trial& trial : t.trials) {
    if (!trial.loss || *trial.loss <= 0 || trial.verdict != Verdict::converges || trial.warmup_steps > 0 ||
        trial.purpose == "other seed")
      continue;
    curves[trial.steps][trial.lr] = *trial.loss;
    left = std::min(left, trial.lr), right = std::max(right, trial.lr);
    low = std::min(low, *trial.loss), high = std::max(high, *trial.loss);
  }
  if (curves.empty()) return {};
  Chart chart;
  chart.title = "The valley";
  chart.subtitle =
      (t.validation_examples > 0 ? std::string("validation loss") : std::string("training loss")) + "; dashed: fitted";
  chart.x = {"learning rate", log_scale(std::log10(left) - 0.1, std::log10(right) + 0.1), {}};
  chart.y = {"loss", log_scale(std::log10(low) - 0.05, std::log10(high) + 0.05), {}};
  constexpr Color kPaints[] = {Color::grey, Color::sky, Color::blue, Color::green, Color::purple};
  std::size_t i = 0;
  for (const auto& [steps, curve] : curves) {
    const Color color = kPaints[std::min<std::size_t>(i++, 4)];
    Chart::Line line;
    line.paint = {color};
    for (const auto& [lr, loss] : curve) {
      line.points.push_back({lr, loss});
      chart.points.push_back({{lr, loss},
                              Shape::circle,
                              4,
                              {color},
                              "",
                              fmt::format("lr {}: {} after {} steps", number(lr), number(loss), steps)});
    }
    chart.ends.push_back({chart.lines.size(), Shape::circle, color, fmt::format("{} steps", steps)});
    chart.lines.push_back(line);
  }
  if (t.valley) {
    Chart::Line fit;
    fit.paint = {Color::vermillion};
    fit.dash = Dash::dashed;
    for (const auto& [lr, loss] : t.valley->points) fit.points.push_back({lr, loss});
    chart.lines.push_back(fit);
  }
  if (t.lr_recommended) {
    Chart::Line line;
    line.paint = {Color::ink, 0.6};
    line.dash = Dash::dotted;
    line.points = {{*t.lr_recommended, chart.y.scale.value(0)}, {*t.lr_recommended, chart.y.scale.value(1)}};
    chart.lines.push_back(line);
    chart.notes.push_back({{*t.lr_recommended, chart.y.scale.value(0.97)}, "recommended " + number(*t.lr_recommended)});
  }
  return chart;
}

std::string to_text(const Tuning& t, const TerminalStyle& wanted) {
  TerminalStyle style = wanted;
  style.width = std::clamp(style.width, 40, 400);
  std::string text = paragraph(joined(t.answer, " "), style) + "\n";
  if (t.partial) text += "Interrupted: this is what was known by then.\n\n";
  if (!t.code.empty()) text += t.code + "\n";
  text += paragraph(setting(t), style) + "\n";
  if (const auto chart = valley_chart(t)) {
    for (const std::string& line : lines(*chart, std::min(style.width, 100), 16, style)) text += line + "\n";
    text += "\n";
  }
  if (const auto ruler = lines(t.ruler, style); !ruler.empty()) {
    text += "The learning-rate ruler:\n";
    for (const std::string& line : ruler) text += line + "\n";
    text += "\n";
  }
  if (!t.trials.empty()) {
    text += "The trials:\n";
    for (const Row& r : rows(t))
      text += fmt::format("  {:>9} {:>5} {:>6} {:>6} {:>9}  {:14} {}\n", r.lr, r.seed, r.steps, r.warmup, r.loss,
                          r.outcome, r.purpose);
    text += "\n";
  }
  return text + paragraph(cost_sentence(t.cost), style);
}

std::string to_html(const Tuning& t) {
  std::string body = "<p class=\"setting\">" + escaped(setting(t)) + "</p>\n";
  body += html_interrupted(t.partial) + html_answer(t.answer);
  if (!t.code.empty()) body += "<pre>" + escaped(t.code) + "</pre>\n";
  if (const auto chart = valley_chart(t))
    body += html_section("The valley", html_figure("valley", draw(*chart, kPageWide, 380),
                                                   draw(*chart, kPageNarrow, 300), kValleyCaption));
  const auto wide = draw(t.ruler, kPageWide), narrow = draw(t.ruler, kPageNarrow);
  if (wide && narrow)
    body += html_section("The learning-rate ruler", html_figure("ruler", *wide, *narrow, kRulerCaption));
  std::string table = "<div style=\"overflow-x:auto\"><table>\n";
  for (const Row& r : rows(t)) {
    const char* cell = table.ends_with("<table>\n") ? "th" : "td";
    table += "<tr>";
    for (const std::string& text : {r.lr, r.seed, r.steps, r.warmup, r.loss, r.outcome, r.purpose})
      table += fmt::format("<{0}>{1}</{0}>", cell, escaped(text));
    table += "</tr>\n";
  }
  body += html_section("The trials", table + "</table></div>\n") + html_details(to_json(t), cost_sentence(t.cost));
  return html_page(
      "A learning rate for " + t.model + " on " + t.data,
      "Which learning rate for <code>" + escaped(t.model) + "</code> on <code>" + escaped(t.data) + "</code>?", body);
}

Drawing poster(const Tuning& t, double width) {
  PosterWriter poster(width);
  const std::string title = t.model + " on " + t.data;
  poster.text(title, 22, true, Color::ink);
  poster.text(setting(t), 14, false, Color::muted);
  poster.space(10);
  poster.text(joined(t.answer, " "), 14, false, Color::ink);
  if (const auto chart = valley_chart(t)) poster.picture("The valley", draw(*chart, poster.room(), 380));
  if (const auto ruler = draw(t.ruler, poster.room())) poster.picture("The learning-rate ruler", *ruler);
  return poster.take(title);
}

}  // namespace etamax
