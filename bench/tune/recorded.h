#pragma once

#include <string>
#include <vector>

#include "etamax/files/number_array.h"
#include "etamax/tune/ledger.h"
#include "etamax/tune/terms.h"

/// A task of bench/tune/zoo: its row of tasks.txt.
struct ZooTask {
  std::string name, model, data, loss, optimizer;
  std::int64_t batch = 0;
  std::string schedule;
  long warmup = 0, horizon = 0;
  std::string part = {};  ///< "learn" or "judge", by records/index.csv
  std::string id() const { return name + "-" + std::to_string(horizon); }
};

/// The recorded ones of a part. `zoo`: the folder.
std::vector<ZooTask> zoo_tasks(const std::string& zoo, const std::string& part);

/// Answers what a policy asks for from what was recorded of a task. Rates between half octaves are taken for the nearer
/// one, and those beyond what was recorded for the last. A tuning's seeds are three of the recorded starts.
class RecordedTask {
 public:
  RecordedTask(const std::string& zoo, const ZooTask& task);

  /// Of a tuning that has `repetition` % 3 as its first start.
  etamax::TuningTerms terms(double budget, int repetition) const;
  etamax::StartFinding start(int repetition) const;
  etamax::RunRecord run(const etamax::TrialRequest& request, const etamax::TuningTerms& terms, long made,
                        int repetition) const;
  /// The held-out loss at the horizon of one of the nine recorded starts; infinite where the run is lost. Searches see
  /// the first three.
  double end_loss(double lr, int start) const;
  int half_octave(double lr) const;  ///< the recorded one that stands for it

 private:
  double loss(const etamax::NumberArray& of, std::size_t rate, std::size_t start, std::size_t checkpoint) const;
  std::size_t rate_place(double lr) const;

  ZooTask task_;
  etamax::NumberArray half_octaves_, steps_, training_, held_out_, lost_, start_training_, start_held_out_, edge_,
      scaled_gradient_norm_, constant_;
  std::int64_t training_examples_ = 1, held_out_examples_ = 0;
};
