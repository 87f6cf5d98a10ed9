#include "etamax/model/tune_state.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "etamax/core/error.h"

namespace etamax {
namespace {

using StateJson = nlohmann::ordered_json;
constexpr int kStateVersion = 2;

StateJson known_number(const std::optional<double>& x) { return x ? StateJson(*x) : StateJson(nullptr); }
std::optional<double> read_known(const StateJson& json) {
  return json.is_null() ? std::nullopt : std::optional(json.get<double>());
}

}  // namespace

TuneState::TuneState(std::string path, Job job) : path_(std::move(path)), job_(std::move(job)) {
  if (path_.empty()) return;
  if (std::filesystem::exists(path_))
    read();
  else
    write();  // a place that cannot be written is known before any work
}

std::optional<Trial> TuneState::find(const Trial& wanted) const {
  const auto found = results_.find({wanted.lr, wanted.seed, wanted.warmup_steps, wanted.steps});
  return found == results_.end() ? std::nullopt : std::optional(found->second);
}

void TuneState::add(const Trial& result, long steps_wanted) {
  results_[{result.lr, result.seed, result.warmup_steps, steps_wanted}] = result;
  write();
}

void TuneState::set_start(const Start& start) {
  start_ = start;
  write();
}

void TuneState::read() {
  const auto refuse = [&](const std::string& why) { throw InputError("--state: " + path_ + ": " + why); };
  StateJson json;
  try {
    std::ifstream file(path_);
    json = StateJson::parse(file);
    if (json.at("etamax_tune") != kStateVersion) refuse("is of another version of etamax tune; a new file is needed");
  } catch (const nlohmann::json::exception&) {
    refuse("is no state of etamax tune; name a new file, or one that it wrote");
  }
  try {
    for (const auto& [name, value] : job_) {
      const std::string theirs = json.at("job").value(name, "");
      if (theirs != value)
        refuse("is of another job: " + name + " is " + (theirs.empty() ? "not there" : theirs) + ", here " + value);
    }
    if (!json.at("edge").is_null()) {
      const StateJson& e = json["edge"];
      start_ = Start{{{read_known(e.at("lower")), read_known(e.at("upper"))}, e.at("formula"), e.at("reason")},
                     read_known(e.at("polyak_rate"))};
    }
    for (const StateJson& t : json.at("trials")) {
      Trial trial;
      trial.lr = t.at("lr");
      trial.seed = t.at("seed");
      trial.warmup_steps = t.at("warmup_steps");
      trial.steps = t.at("steps");
      const int verdict = t.at("verdict");
      trial.verdict = static_cast<Verdict>(verdict);
      trial.loss = read_known(t.at("loss"));
      trial.training_loss = read_known(t.at("training_loss"));
      if (const StateJson& look = t.at("lowest"); !look.is_null())
        trial.lowest = Trial::Look{look.at("step"), look.at("loss"), look.at("training_loss")};
      trial.mean_loss = read_known(t.at("mean_loss"));
      trial.steady = t.at("steady");
      trial.units = t.at("units");
      const long wanted = t.at("steps_wanted");
      const bool sound = verdict >= 0 && verdict <= static_cast<int>(Verdict::unclear) && trial.steps >= 0 &&
                         trial.steps <= wanted && trial.units >= 0 &&
                         (trial.loss.has_value() || trial.verdict == Verdict::diverges);
      if (!sound) refuse("is damaged; name a new file");
      results_[{trial.lr, trial.seed, trial.warmup_steps, wanted}] = trial;
    }
  } catch (const nlohmann::json::exception&) {
    refuse("is damaged; name a new file");
  }
}

void TuneState::write() const {
  if (path_.empty()) return;
  StateJson json = {
      {"etamax_tune", kStateVersion}, {"job", StateJson::object()}, {"edge", nullptr}, {"trials", StateJson::array()}};
  for (const auto& [name, value] : job_) json["job"][name] = value;
  if (start_)
    json["edge"] = {{"lower", known_number(start_->edge.lr.lower)},
                    {"upper", known_number(start_->edge.lr.upper)},
                    {"formula", start_->edge.formula},
                    {"reason", start_->edge.reason},
                    {"polyak_rate", known_number(start_->polyak_rate)}};
  const auto known_look = [](const std::optional<Trial::Look>& x) {
    return x ? StateJson{{"step", x->step}, {"loss", x->loss}, {"training_loss", x->training_loss}}
             : StateJson(nullptr);
  };
  for (const auto& [key, t] : results_)
    json["trials"].push_back({{"lr", t.lr},
                              {"seed", t.seed},
                              {"warmup_steps", t.warmup_steps},
                              {"steps", t.steps},
                              {"steps_wanted", std::get<3>(key)},
                              {"verdict", static_cast<int>(t.verdict)},
                              {"loss", known_number(t.loss)},
                              {"training_loss", known_number(t.training_loss)},
                              {"lowest", known_look(t.lowest)},
                              {"mean_loss", known_number(t.mean_loss)},
                              {"steady", t.steady},
                              {"units", t.units}});
  // Written beside its place and renamed, so that a tuning killed here leaves the last state whole.
  const std::string beside = path_ + ".new";
  std::ofstream file(beside);
  file << json.dump(1) << "\n";
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(beside, path_, error);
  if (!file || error) throw InputError("--state: " + path_ + " cannot be written");
}

}  // namespace etamax
