#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <optional>

#include "answer.h"
#include "etamax/tune/ledger.h"
#include "etamax/tune/options.h"
#include "etamax/tune/terms.h"

namespace etamax::python {

/// A tuning whose runs somebody else makes: asks for one, is told how it ended, and decides as `tune` does.
class Tuner {
 public:
  explicit Tuner(const pybind11::dict& options);

  /// The next run; none where the answer is known.
  std::optional<TrialRequest> ask() const;
  /// Its loss after its last step; none, or one that is not finite, where it was lost. `start_loss`: before its first.
  void tell(const TrialRequest& trial, std::optional<double> loss, std::optional<double> start_loss);
  /// As far as it is known.
  std::unique_ptr<Answer> answer() const;

 private:
  TuneOptions options_;
  TuningTerms terms_;
  Ledger ledger_;
};

void bind_tuner(pybind11::module_& module);

}  // namespace etamax::python
