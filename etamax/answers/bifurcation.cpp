#include "etamax/answers/bifurcation.h"

#include "etamax/answers/detail_csv.h"
#include "etamax/answers/detail_json.h"

namespace etamax {

using namespace detail;

std::string to_json(const BifurcationDiagram& d) {
  Json json = document("map", d.partial);
  json["objective"] = {{"expression", d.expression}, {"variables", {d.variable}}};
  json["optimizer"] = optimizer_json(d.optimizer, d.hyperparameters);
  json["lr"] = maybe(d.lr);
  json["start"] = Json::array({number(d.start)});
  json["axes"] = {{"x", axis_json(d.x)}};
  json["shown"] = {{"from", number(d.low)}, {"to", number(d.high)}};
  json["steps"] = {{"skipped", d.skipped}, {"kept", d.kept}};
  json["doublings"] = Json::array();
  for (const PeriodDoubling& p : d.doublings)
    json["doublings"].push_back({{"period", p.period}, {d.x.name, number(p.at)}, {"ratio", maybe(p.ratio)}});
  json["columns"] = Json::array();
  for (std::size_t i = 0; i < d.columns.size(); ++i) {
    const BifurcationColumn& c = d.columns[i];
    json["columns"].push_back({{d.x.name, number(d.x.value(static_cast<int>(i)))},
                               {"fate", to_string(c.fate)},
                               {"period", c.period > 0 ? Json(c.period) : Json(nullptr)},
                               {"lyapunov", maybe(c.lyapunov)}});
  }
  json["answer"] = d.answer;
  json["cost"] = cost_json(d.cost);
  return text_of(json);
}

std::string to_csv(const BifurcationDiagram& d) {
  CsvTable table({d.x.name, "fate", "period", "lyapunov"});
  for (std::size_t i = 0; i < d.columns.size(); ++i) {
    const BifurcationColumn& c = d.columns[i];
    table.row({cell(d.x.value(static_cast<int>(i))), to_string(c.fate), c.period > 0 ? std::to_string(c.period) : "",
               cell(c.lyapunov)});
  }
  return table.take();
}

}  // namespace etamax
