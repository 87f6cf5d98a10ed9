#include "etamax/tune/tuning_state.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "etamax/files/bytes.h"

namespace etamax {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kMostStateBytes = std::size_t{1} << 26;  // some 100,000 trials

/// The whole is JSON, whose last entry is the checksum.
std::string checksum_entry(std::string_view bytes) {
  char entry[40];
  std::snprintf(entry, sizeof entry, ",\n \"checksum\": \"%08x\"\n}\n", static_cast<unsigned>(crc32_of(bytes)));
  return entry;
}

constexpr StateForm kForm = {"tune", "{\n \"etamax_tune\": ", 5, checksum_entry};

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
          {"purpose", t.purpose},
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
  record.purpose = t.at("purpose").get<std::string>();
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

TuningState::TuningState(std::string path, StateJob job, FileFault told)
    : job_(as_text(std::move(job))), file_(std::move(path), kForm, kMostStateBytes, std::move(told)) {}

Ledger TuningState::open() {
  if (!file_.is_kept()) return {};
  if (const auto said = file_.open()) return read(*said);
  save({});
  return {};
}

Ledger TuningState::read(std::string_view said) const {
  // Behind the version come the other entries, and before the checksum no brace.
  const Json json = Json::parse("{\"version\": 0" + std::string(said) + "}", nullptr, false);
  Ledger ledger;
  try {
    file_.check_job(job_, [&](const std::string& name) { return json.at("job").value(name, ""); });
    if (const Json& e = json.at("edge"); !e.is_null())
      ledger.start = {{read_interval(e.at("lr")), e.at("formula"), e.at("reason")}, read_known(e.at("polyak_rate"))};
    if (const Json& edges = json.at("warmup_edges"); !edges.is_null()) {
      ledger.warmup_edges.emplace();
      for (const Json& then : edges)
        ledger.warmup_edges->push_back({then.at("step"), then.at("loss"), read_interval(then.at("lr"))});
    }
    for (const Json& t : json.at("trials")) {
      const auto trial = read_trial(t);
      if (!trial) file_.refuse_as_damaged();
      ledger.trials.push_back(*trial);
    }
  } catch (const nlohmann::json::exception&) {
    file_.refuse_as_damaged();
  }
  return ledger;
}

void TuningState::save(const Ledger& ledger) {
  if (!file_.is_kept()) return;
  Json json = {{"job", Json::object()}, {"edge", nullptr}, {"warmup_edges", nullptr}, {"trials", Json::array()}};
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
  const std::string text = json.dump(1);
  file_.save("," + text.substr(1, text.size() - 3));  // "{" stands before the version, "\n}" behind the checksum
}

}  // namespace etamax
