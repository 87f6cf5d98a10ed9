#include "etamax/tune/state_file.h"

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "etamax/core/error.h"
#include "etamax/files/bytes.h"

namespace etamax {
namespace {

using Json = nlohmann::ordered_json;
constexpr long kVersion = 5;
constexpr std::size_t kMostStateBytes = std::size_t{1} << 26;  // some 100,000 trials

/// The version stands first and the checksum of all before it last, so that both are known before anything is parsed.
constexpr std::string_view kVersionKey = "{\n \"etamax_tune\": ", kChecksumKey = ",\n \"checksum\": \"";

std::string checksum_line(std::string_view body) {
  char digits[9];
  std::snprintf(digits, sizeof digits, "%08x", static_cast<unsigned>(crc32_of(body)));
  return std::string(kChecksumKey) + digits + "\"\n}\n";
}

std::string sealed(const Json& json) {
  std::string text = json.dump(1);
  text.resize(text.size() - 2);  // "\n}"
  return text + checksum_line(text);
}

bool seal_fits(std::string_view content) {
  const std::size_t end = content.rfind(kChecksumKey);
  return end != content.npos && content.substr(end) == checksum_line(content.substr(0, end));
}

/// Names of files are bytes, and JSON holds text.
std::string as_text(const std::string& bytes) {
  return Json::parse(Json(bytes).dump(-1, ' ', false, Json::error_handler_t::replace));
}

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

StateFile::StateFile(std::string path, Job job) : path_(std::move(path)), job_(std::move(job)) {
  for (auto& [name, value] : job_) value = as_text(value);
}

Ledger StateFile::open() {
  if (path_.empty()) return {};
  file_.emplace("state", path_, kMostStateBytes,
                "another tune uses this state; wait for its end, or name another file");
  if (!file_->content().empty()) return read(file_->content());
  save({});
  return {};
}

Ledger StateFile::read(const std::string& content) const {
  const auto refuse = [&](const std::string& why) { throw InputError("state", path_ + ": " + why); };
  if (!content.starts_with(kVersionKey)) refuse("is no state of etamax tune; name a new file, or one that it wrote");
  const long version = std::strtol(content.c_str() + kVersionKey.size(), nullptr, 10);
  if (version != kVersion)
    refuse("is a state of version " + std::to_string(version) + ", and this etamax reads " + std::to_string(kVersion) +
           "; name a new file, or finish it with the etamax that began it");
  if (!seal_fits(content)) refuse("is damaged: its checksum does not fit; name a new file");
  const Json json = Json::parse(content, nullptr, false);
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
      ledger.trials.push_back(*trial);
    }
  } catch (const nlohmann::json::exception&) {
    refuse("is damaged; name a new file");
  }
  return ledger;
}

void StateFile::save(const Ledger& ledger) {
  if (!file_) return;
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
  file_->replace(sealed(json));
}

}  // namespace etamax
