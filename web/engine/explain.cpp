#include "etamax/explain/explain.h"

#include <algorithm>
#include <cmath>

#include "etamax/dynamics/drawn_path.h"
#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"
#include "etamax/optim/options.h"
#include "etamax/report/appearance.h"
#include "etamax/report/explanation.h"
#include "etamax/report/scene.h"
#include "web/engine/options.h"
#include "web/engine/pictures.h"

namespace etamax::web {
namespace {

constexpr double kReaches = 2.9;  // of the view, to each side of where small rates lead
constexpr int kSamples = 401, kGrid = 91;

/// Low and high of each variable, one after the other: where small rates lead, the start, and the first steps unless
/// they are far away.
std::vector<double> view_of(const Explanation& e) {
  std::vector<double> view;
  for (std::size_t i = 0; i < e.start.size(); ++i) {
    const double center = e.stability.minimizer ? (*e.stability.minimizer)[i] : e.start[i];
    const double reach = picture_reach(e.start[i], center), margin = 0.3 * reach;
    double low = center - kReaches * reach, high = center + kReaches * reach;
    for (const FunctionRun& run : e.runs)
      for (const auto& x : run.iterates)
        if (std::isfinite(x[i]) && std::abs(x[i] - center) <= kFarthestShown * reach)
          low = std::min(low, x[i] - margin), high = std::max(high, x[i] + margin);
    view.push_back(low), view.push_back(high);
  }
  return view;
}

/// The view that the page holds, if it holds one of this many numbers in their order.
std::optional<std::vector<double>> held_view(const Json& wanted, std::size_t size) {
  if (!wanted.contains("view") || !wanted["view"].is_array() || wanted["view"].size() != size) return std::nullopt;
  std::vector<double> view = wanted["view"].get<std::vector<double>>();
  for (std::size_t i = 0; i + 1 < size; i += 2)
    if (!std::isfinite(view[i]) || !std::isfinite(view[i + 1]) || !(view[i] < view[i + 1])) return std::nullopt;
  return view;
}

double between(double low, double high, int i, int count) { return low + (high - low) * i / (count - 1); }

CurveSample curve_sample(const Function& f, const std::vector<double>& view) {
  CurveSample curve;
  for (int i = 0; i < kSamples; ++i) curve.x.push_back(between(view[0], view[1], i, kSamples));
  curve.y.resize(curve.x.size());
  f.values(curve.x, curve.y);
  return curve;
}

GridSample grid_sample(const Function& f, const std::vector<double>& view) {
  GridSample grid{view[0], view[1], view[2], view[3], kGrid, kGrid, {}};
  const std::size_t n = static_cast<std::size_t>(kGrid) * kGrid;
  std::vector<double> points(2 * n);
  for (int row = 0; row < kGrid; ++row)
    for (int column = 0; column < kGrid; ++column) {
      const auto at = static_cast<std::size_t>(row * kGrid + column);
      points[at] = between(view[0], view[1], column, kGrid);
      points[n + at] = between(view[2], view[3], row, kGrid);
    }
  grid.value.resize(n);
  f.values(points, grid.value);
  return grid;
}

/// Where gradient descent goes from each place.
CurveSample step_sample(const Function& f, const CurveSample& curve, double lr) {
  CurveSample step = curve;
  f.gradients(curve.x, step.y);
  for (std::size_t i = 0; i < step.x.size(); ++i) step.y[i] = step.x[i] - lr * step.y[i];
  return step;
}

/// Takes the step behind the first `shown` iterates away from the first run, and returns it; null where there is none.
Json cut_last(Explanation& e, std::size_t shown) {
  if (e.runs.empty() || e.runs[0].iterates.size() <= shown) return nullptr;
  FunctionRun& run = e.runs[0];
  const Json next = run.iterates.back();
  run.iterates.resize(shown);
  run.losses.resize(std::min(run.losses.size(), shown));
  run.gradients.resize(std::min(run.gradients.size(), shown));
  run.updates.resize(std::min(run.updates.size(), shown - 1));
  return std::all_of(next.begin(), next.end(), [](const Json& x) { return std::isfinite(x.get<double>()); }) ? next
                                                                                                             : nullptr;
}

Json paragraphs(const std::string& text) {
  Json out = Json::array();
  std::string paragraph;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::size_t words = text.find_first_not_of(' ', at);
    if (words >= end) {
      if (!paragraph.empty()) out.push_back(paragraph);
      paragraph.clear();
    } else {
      paragraph += (paragraph.empty() ? "" : " ") + text.substr(words, end - words);
    }
    at = end + 1;
  }
  if (!paragraph.empty()) out.push_back(paragraph);
  return out;
}

}  // namespace

Json explain(const Json& question) {
  ExplainOptions options;
  OptimizerOptions optimizer;
  read_options(question.at("options"), fields(options) + fields(optimizer));
  options.optimizer = optimizer.name();
  options.settings = optimizer.settings();
  const auto shown = static_cast<std::size_t>(options.follow.shown_steps) + 1;
  const bool looks_ahead = question.value("next", false) && options.follow.shown_steps < 10000;
  if (looks_ahead) ++options.follow.shown_steps;
  Explanation e = etamax::explain(options);
  const Json next = looks_ahead ? cut_last(e, shown) : nullptr;
  Json out = {{"formulas",
               {{"objective", e.objective.mathml},
                {"gradient", Json::array()},
                {"update", Json::array()},
                {"rule", Json::array()}}}};
  for (const Formula& f : e.gradient) out["formulas"]["gradient"].push_back(f.mathml);
  for (const Formula& f : e.update) out["formulas"]["update"].push_back(f.mathml);
  for (const Formula& f : e.rule) out["formulas"]["rule"].push_back(f.mathml);
  if (looks_ahead) out["next"] = next;
  if (!e.runs.empty()) {
    const Appearance look = appearance(e.runs[0].verdict);
    out["verdict"] = to_string(e.runs[0].verdict);
    out["sign"] = look.sign;
    out["color"] = name(look.color);
  }
  if (question.value("answer", false)) out["answer"] = Json::parse(to_json(e));
  if (question.value("plain", false)) out["plain"] = paragraphs(to_plain_words(e, {.unicode = true, .width = 400}));
  if (question.contains("ruler")) out["ruler"] = ruler_picture(e.ruler, question["ruler"], false);
  if (!question.contains("scene") || e.start.size() > 2) return out;

  const Json& wanted = question["scene"];
  const NamedExpression objective = parse_objective(options.expression);
  const Function f(objective.expression, objective.variables);
  const std::optional<std::vector<double>> held = held_view(wanted, 4);
  std::vector<double> view = held ? *held : view_of(e);
  const SceneSize size{wanted.at("width"), wanted.at("height"), wanted.value("named", true)};
  if (e.start.size() == 1) {
    e.curve = curve_sample(f, view);
    const std::optional<Scale> losses = held ? linear_scale(view[2], view[3]) : losses_to_show(e);
    if (losses) {
      view = {view[0], view[1], losses->low, losses->high};
      out["scene"] = picture(curve_scene(e, *losses, size), "scene");
    }
  } else {
    e.grid = grid_sample(f, view);
    out["scene"] = picture(contour_scene(e, size), "scene");
  }
  out["view"] = view;
  if (question.contains("side")) {
    const Json& side = question["side"];
    const SceneSize side_size{side.at("width"), side.at("height"), false};
    if (side.at("picture") == "loss")
      out["side"] = picture(loss_scene(e, side_size), "loss");
    else if (side.at("picture") == "cobweb" && e.start.size() == 1 && !e.update_names_gradient && !e.runs.empty())
      out["side"] = picture(cobweb_scene(e, step_sample(f, *e.curve, e.runs[0].lr), side_size), "cobweb");
  }
  return out;
}

}  // namespace etamax::web
