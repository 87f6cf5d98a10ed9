#include "run_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace etamax;

namespace {

constexpr const char* kHeader = "task,split,lr,seed,verdict,validation_loss,training_loss";

std::string number(const std::optional<double>& x) { return x ? fmt::format("{:.9g}", *x) : ""; }

/// The split goes by the seed that made it.
std::string key(const TaskRuns& task, long warmup = 0) {
  const std::string name = warmup > 0 ? fmt::format("{}+{}", task.name(), warmup) : task.name();
  return fmt::format("{},{}", name, task.options().seed);
}

std::optional<double> number(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return std::stod(text);
}

}  // namespace

void RunTable::read(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    if (line == kHeader || line.empty()) continue;
    std::istringstream fields(line);
    std::string task, split, lr, seed, verdict, validation, training;
    for (std::string* field : {&task, &split, &lr, &seed, &verdict, &validation, &training})
      std::getline(fields, *field, ',');
    runs_[task + "," + split][std::stod(lr)][std::stoull(seed)] = {verdict, number(validation), number(training)};
  }
}

void RunTable::keep_in(const std::string& file) {
  file_ = file;
  if (file.empty()) return;
  if (!std::filesystem::exists(file)) std::ofstream(file) << kHeader << '\n';
  read(file);
}

const RunEnd& RunTable::run(TaskRuns& task, double lr, long warmup, std::uint64_t seed) {
  auto& seeds = runs_[key(task, warmup)][lr];
  if (const auto known = seeds.find(seed); known != seeds.end()) return known->second;
  const RunRecord trial = task.whole_run(lr, seed, warmup);
  const RunEnd end = {to_string(trial.verdict), trial.loss, trial.training_loss};
  if (!file_.empty())
    std::ofstream(file_, std::ios::app) << fmt::format("{},{:.17g},{},{},{},{}\n", key(task, warmup), lr, seed,
                                                       end.verdict, number(end.validation_loss),
                                                       number(end.training_loss));
  return seeds[seed] = end;
}

RunEnd RunTable::start(TaskRuns& task, std::uint64_t seed) {
  auto& known = starts_[key(task)];
  const auto found = known.find(seed);
  if (found != known.end()) return found->second;
  const TaskRuns::Losses losses = task.at_start(seed);
  return known[seed] = {"", losses.validation, losses.training};
}

RateEnd RunTable::rate(TaskRuns& task, double lr, long warmup) {
  constexpr auto kSeeds = static_cast<double>(std::size(kJudgingSeeds));
  RateEnd rate;
  double squares = 0;
  for (const std::uint64_t seed : kJudgingSeeds) {
    const RunEnd& end = run(task, lr, warmup, seed);
    const double loss = end.validation_loss.value_or(task.chance_loss());
    rate.validation_loss += loss / kSeeds;
    squares += loss * loss / kSeeds;
    rate.training_loss += end.training_loss.value_or(task.chance_loss()) / kSeeds;
    const RunEnd from = start(task, seed);
    const bool learnt = end.verdict != "collapses" && end.validation_loss &&
                        *end.validation_loss < *from.validation_loss && *end.training_loss < *from.training_loss;
    rate.failures += !learnt;
  }
  rate.standard_error = std::sqrt(std::max(0.0, squares - rate.validation_loss * rate.validation_loss) / (kSeeds - 1));
  return rate;
}

std::vector<double> RunTable::rates(const TaskRuns& task) const {
  std::vector<double> rates;
  if (const auto of_task = runs_.find(key(task)); of_task != runs_.end())
    for (const auto& [lr, seeds] : of_task->second)
      if (seeds.size() == std::size(kJudgingSeeds)) rates.push_back(lr);
  return rates;
}
