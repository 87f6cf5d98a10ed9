#include "web/engine/options.h"

#include <algorithm>

#include "etamax/core/error.h"
#include "etamax/draw/drawing.h"
#include "etamax/draw/svg.h"
#include "etamax/expr/objective_table.h"
#include "etamax/optim/optimizer.h"
#include "etamax/report/appearance.h"

namespace etamax::web {

void read_options(const Json& options, const Fields& fields) {
  for (const auto& item : options.items()) {
    const std::string& name = item.key();
    const auto field = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& f) { return f.name == name || f.more.option == name; });
    if (field == fields.end()) throw InputError("there is no option '" + name + "'");
    if (const auto flag = std::get_if<bool*>(&field->member))
      **flag = item.value().get<bool>();
    else
      field->read({item.value().get<std::string>()});
  }
}

Json ticks(const Scale& scale, double length, bool across) {
  constexpr double kTick = 11;  // pixels
  const auto extent = [&](const std::string& text) { return across ? text_width(text, kTick) : kTick; };
  Json out = Json::array();
  for (const Tick& tick : axis_ticks(scale, length, across ? 16 : 14, extent))
    if (const double at = scale.position(tick.value); !tick.label.empty() && at >= 0 && at <= 1)
      out.push_back({at, tick.label});
  return out;
}

Json about() {
  Json rules = Json::array(), functions = Json::array();
  for (const OptimizerSpec& rule : optimizers()) {
    Json settings = Json::array();
    for (const Hyperparameter& h : rule.hyperparameters)
      settings.push_back({{"name", h.name},
                          {"default", h.default_value},
                          {"flag", h.is_flag},
                          {"range", h.range.text()},
                          {"summary", h.summary}});
    rules.push_back({{"name", rule.name}, {"summary", rule.summary}, {"settings", settings}});
  }
  for (const ObjectiveSpec& objective : named_objectives())
    functions.push_back({{"name", objective.name}, {"summary", objective.summary}});
  Json fates = Json::array();
  for (const Verdict verdict :
       {Verdict::converges, Verdict::cycles, Verdict::chaotic, Verdict::diverges, Verdict::stationary, Verdict::drifts,
        Verdict::trains, Verdict::undefined, Verdict::unclear}) {
    const Appearance look = appearance(verdict);
    fates.push_back({{"number", static_cast<int>(verdict)},
                     {"name", to_string(verdict)},
                     {"color", name(look.color)},
                     {"sign", look.sign}});
  }
  return {{"optimizers", rules},
          {"fates", fates},
          {"functions", functions},
          {"theme", {{"light", theme_css(false)}, {"dark", theme_css(true)}}}};
}

}  // namespace etamax::web
