#pragma once

#include <string>
#include <vector>

#include "etamax/diagnose/findings.h"

namespace etamax {

/// Evidence for and against one explanation, in points: natural logarithms of odds. The sum of all points,
/// over the same for the other explanations, gives its score.
class Weighing {
 public:
  void supports(double points, std::string sentence) { add(points, std::move(sentence)); }
  void opposes(double points, std::string sentence) { add(-points, std::move(sentence)); }
  /// Without a sentence: how common it is.
  void prior(double points) { points_ += points; }

  struct Item {
    double points;
    std::string sentence;
  };
  double points() const { return points_; }
  const std::vector<Item>& items() const { return items_; }

 private:
  void add(double points, std::string sentence) {
    points_ += points;
    items_.push_back({points, std::move(sentence)});
  }
  double points_ = 0;
  std::vector<Item> items_;
};

/// One explanation of what became of a run. Each is one file of the folder causes/, which defines one of
/// these.
struct CauseSpec {
  std::string name;     ///< "bad_batch"
  std::string heading;  ///< to follow "Most likely": "one bad batch of data"
  LogVerdict verdict = LogVerdict::unclear;
  std::string next;  ///< what to do about it, a sentence or two
  void (*weigh)(const Findings&, Weighing&) = nullptr;
};

/// All explanations, by name.
const std::vector<CauseSpec>& known_causes();

/// Step and loss of a record, and factors, as sentences name them.
std::string step_text(const Findings& findings, std::size_t record);
std::string value_text(double value);
std::string factor_text(double height);  ///< "2.5 times", of a natural logarithm

/// It ended badly, in whatever way.
bool went_wrong(const Findings& findings);
/// The rise to where it went wrong took several records, none of which made most of it.
bool rose_gradually(const Findings& findings);
/// After a calm stretch at a rate that did not rise, it grew a thousandfold within a step or two.
bool leapt(const Findings& findings);
/// How much a break between two records tells, 0 to 1: little where many steps lie between the first few.
double weight_of_break(const Findings& findings);
/// From one record to the next it went from calm to bad, without a rise before.
bool broke_at_once(const Findings& findings);

/// The weights' norm grew half as much again with the loss, as it does where steps overshoot ever further.
bool weights_grew(const Findings& findings);
/// It was logged, and was as before in the last record before the loss was no number.
bool weights_held(const Findings& findings);
/// It was logged, and is as before although the loss is no number: the steps were skipped.
bool weights_survived(const Findings& findings);
/// "the throughput went from 120 to 40 at the onset", or "" where it did not change.
std::string speed_change(const Findings& findings);

}  // namespace etamax
