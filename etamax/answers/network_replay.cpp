#include "etamax/answers/network_replay.h"

#include "etamax/answers/detail_json.h"

namespace etamax {

using namespace detail;

std::string to_json(const NetworkReplay& r) {
  Json json = document("map", false);
  json["network"] = {{"name", r.network}};
  json["lr0"] = number(r.lr0);
  json["lr1"] = number(r.lr1);
  json["steps"] = r.steps;
  json["verdict"] = to_string(r.verdict);
  json["reason"] = r.reason;
  json["measure"] = number(r.measure);
  json["losses"] = numbers(r.losses);
  json["cost"] = cost_json(r.cost);
  return text_of(json);
}

}  // namespace etamax
