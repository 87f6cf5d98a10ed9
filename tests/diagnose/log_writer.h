#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "training.h"

namespace etamax::testing {

/// How a run is logged.
struct LogStyle {
  enum Averaging { none, since_last, smoothed };
  enum Format { csv, tsv, jsonl, trainer_dict, step_text, keras, pipes, event_file, bar, bare };
  static constexpr int formats = 10;
  int interval = 1;
  Averaging averaging = none;
  Format format = csv;
  bool rate = true, gradient_norm = false, loss_scale = false, weight_norm = false;
  std::uint64_t speed_seed = 0;  ///< of a throughput that varies by 5%; 0: none is logged
  bool stops_when_bad = false;
  // What is posted of it.
  std::size_t first = 0, records = 0;  ///< an excerpt: from this record on, so many; 0 records: the whole log
  bool epochs = false;                 ///< a record is an epoch, and counted as one
  int decimals = -1;                   ///< of the loss; -1: five significant digits
  double offset = 0;                   ///< added to the loss, as where it is a negative likelihood
  bool perplexity = false;             ///< exp(loss), up to e^100
  bool cutoff = false;       ///< probabilities are cut off below, at the smallest normal float, and NaN is that
  bool parts = false;        ///< several losses: that of the data, a penalty on the weights, their total
  int printed = 1;           ///< how often a progress bar is printed anew in the same step
  int machines = 1;          ///< that print the same line
  bool evaluations = false;  ///< lines with a validation loss between
  std::string anomaly;       ///< the function of whose derivative PyTorch says that it is NaN, and stops; of a text
};

/// The losses that the log shows.
std::vector<double> logged_losses(const std::vector<StepRecord>& records, const LogStyle& style);
/// The first derivative of the way back that is NaN, as PyTorch names it when it is asked to look; empty in most logs.
/// Drawn apart, so that all else stays as it is.
std::string anomaly_of(const std::string& truth, LossKind loss, LogStyle::Format format, int number);
std::string write_log(const std::vector<StepRecord>& records, const LogStyle& style);

/// One record of a TFRecord file: length, masked CRC-32C of it, data, masked CRC-32C of that. Computed bit by
/// bit, apart from the library.
std::string tf_record(std::string_view data);
/// An event with scalars, as protocol buffer bytes written by hand.
std::string event_bytes(long step, const std::vector<std::pair<std::string, double>>& scalars);
std::string event_file(const std::vector<std::string>& events);

}  // namespace etamax::testing
