#include "etamax/answers/comparison.h"

#include "etamax/answers/detail_csv.h"
#include "etamax/answers/detail_explanation.h"

namespace etamax {

using namespace detail;

std::string to_json(const Comparison& c) {
  Json json = document("explain", c.partial);
  json["standings"] = Json::array();
  for (const Standing& s : c.standings)
    json["standings"].push_back({{"optimizer", s.optimizer}, {"lr", s.lr}, {"step", s.step}, {"loss", s.loss}});
  json["explanations"] = Json::array();
  for (const Explanation& e : c.explanations) json["explanations"].push_back(explanation_json(e));
  json["cost"] = cost_json(c.cost);
  return text_of(json);
}

std::string to_csv(const Comparison& c) {
  std::vector<std::string> header =
      step_columns(c.explanations.empty() ? std::vector<std::string>() : c.explanations.front().variables);
  header.insert(header.begin(), "optimizer");
  CsvTable table(header);
  for (const Explanation& e : c.explanations)
    for (std::vector<std::string> row : step_rows(e)) {
      row.insert(row.begin(), e.optimizer);
      table.row(row);
    }
  return table.take();
}

}  // namespace etamax
