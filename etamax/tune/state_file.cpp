#include "etamax/tune/state_file.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "etamax/core/error.h"
#include "etamax/files/replace_file.h"

namespace etamax {
namespace {

using Json = nlohmann::ordered_json;
constexpr int kVersion = 3;

Json known_number(const std::optional<double>& x) { return x ? Json(*x) : Json(nullptr); }
std::optional<double> read_known(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional(json.get<double>());
}

Json json_of(const Interval& x) { return {{"lower", known_number(x.lower)}, {"upper", known_number(x.upper)}}; }
Interval read_interval(const Json& json) { return {read_known(json.at("lower")), read_known(json.at("upper"))}; }

Json json_of(const std::optional<RunRecord::Evaluation>& x) {
  return x ? Json{{"step", x->step}, {"loss", x->loss}, {"training_loss", x->training_loss}} : Json(nullptr);
}

Json json_of(const Ledger::Key& key, const RunRecord& t) {
  return {{"lr", key.lr},
          {"seed", key.seed},
          {"warmup_steps", key.warmup_steps},
          {"steps_wanted", key.steps},
          {"steps", t.steps},
          {"verdict", to_string(t.verdict)},
          {"loss", known_number(t.loss)},
          {"training_loss", known_number(t.training_loss)},
          {"lowest", json_of(t.lowest)},
          {"mean_loss", known_number(t.mean_loss)},
          {"steady", t.steady},
          {"units", t.units}};
}

/// None where it is damaged. Throws what nlohmann does.
std::optional<std::pair<Ledger::Key, RunRecord>> read_trial(const Json& t) {
  RunRecord record;
  record.lr = t.at("lr");
  record.seed = t.at("seed");
  record.warmup_steps = t.at("warmup_steps");
  record.steps = t.at("steps");
  record.loss = read_known(t.at("loss"));
  record.training_loss = read_known(t.at("training_loss"));
  if (const Json& x = t.at("lowest"); !x.is_null()) record.lowest = {x.at("step"), x.at("loss"), x.at("training_loss")};
  record.mean_loss = read_known(t.at("mean_loss"));
  record.steady = t.at("steady");
  record.units = t.at("units");
  const long wanted = t.at("steps_wanted");
  const auto verdict = verdict_of(t.at("verdict").get<std::string>());
  const bool sound = verdict && record.steps >= 0 && record.steps <= wanted && record.units >= 0 &&
                     (record.loss.has_value() || verdict == Verdict::diverges);
  if (!sound) return std::nullopt;
  record.verdict = *verdict;
  return std::pair(Ledger::Key{record.lr, record.seed, record.warmup_steps, wanted}, record);
}

}  // namespace

Ledger StateFile::open() const {
  if (path_.empty()) return {};
  if (std::filesystem::exists(path_)) return read();
  save({});
  return {};
}

Ledger StateFile::read() const {
  const auto refuse = [&](const std::string& why) { throw InputError("state", path_ + ": " + why); };
  Json json;
  try {
    std::ifstream file(path_);
    json = Json::parse(file);
    if (json.at("etamax_tune") != kVersion) refuse("is of another version of etamax tune; a new file is needed");
  } catch (const nlohmann::json::exception&) {
    refuse("is no state of etamax tune; name a new file, or one that it wrote");
  }
  Ledger ledger;
  try {
    for (const auto& [name, value] : job_) {
      const std::string theirs = json.at("job").value(name, "");
      if (theirs != value)
        refuse("is of another job: " + name + " is " + (theirs.empty() ? "not there" : theirs) + ", here " + value);
    }
    if (const Json& e = json.at("edge"); !e.is_null())
      ledger.start = {{read_interval(e.at("lr")), e.at("formula"), e.at("reason")}, read_known(e.at("polyak_rate"))};
    if (const Json& edges = json.at("warmup_edges"); !edges.is_null()) {
      ledger.warmup_edges.emplace();
      for (const Json& then : edges)
        ledger.warmup_edges->push_back({then.at("step"), then.at("loss"), read_interval(then.at("lr"))});
    }
    for (const Json& t : json.at("trials")) {
      const auto trial = read_trial(t);
      if (!trial) refuse("is damaged; name a new file");
      ledger.trials.insert(*trial);
    }
  } catch (const nlohmann::json::exception&) {
    refuse("is damaged; name a new file");
  }
  return ledger;
}

void StateFile::save(const Ledger& ledger) const {
  if (path_.empty()) return;
  Json json = {{"etamax_tune", kVersion},
               {"job", Json::object()},
               {"edge", nullptr},
               {"warmup_edges", nullptr},
               {"trials", Json::array()}};
  for (const auto& [name, value] : job_) json["job"][name] = value;
  if (ledger.start) {
    const StabilityEdge& edge = ledger.start->edge;
    json["edge"] = {{"lr", json_of(edge.lr)},
                    {"formula", edge.formula},
                    {"reason", edge.reason},
                    {"polyak_rate", known_number(ledger.start->polyak_rate)}};
  }
  if (ledger.warmup_edges) {
    json["warmup_edges"] = Json::array();
    for (const EdgeAtStep& then : *ledger.warmup_edges)
      json["warmup_edges"].push_back({{"step", then.step}, {"loss", then.loss}, {"lr", json_of(then.edge)}});
  }
  for (const auto& [key, record] : ledger.trials) json["trials"].push_back(json_of(key, record));
  replace_file("state", path_, json.dump(1) + "\n");
}

}  // namespace etamax
