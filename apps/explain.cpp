#include "etamax/explain/explain.h"

#include <fmt/format.h>

#include "etamax/core/format.h"
#include "etamax/explain/compare.h"
#include "etamax/expr/objective_table.h"
#include "etamax/optim/options.h"
#include "etamax/report/comparison.h"
#include "etamax/report/explanation.h"
#include "options.h"
#include "status.h"
#include "verbs.h"

namespace etamax::apps {
namespace {

class Explain : public Verb {
 public:
  Fields fields() override {
    const Fields words = {{Group::output, "plain", &plain_, "Print the answer in plain words, for learners"}};
    return etamax::fields(options_) + etamax::fields(optimizers_) + apps::fields(execution_) + words +
           apps::fields(output_, names_of(explanation_pictures()));
  }

  int run() override {
    check(output_);
    const std::vector<std::string> optimizers = optimizers_.names();
    if (plain_ && optimizers.size() > 1)
      throw InputError("plain", "tells of one optimizer; `optimizer` names " + joined(optimizers));
    options_.settings = optimizers_.settings();
    Status status(output_.quiet);
    options_.follow.progress = progress_of(status);
    if (optimizers.size() > 1) {
      const Comparison answer = compare(options_, optimizers);
      status.clear();
      return deliver(answer, output_);
    }
    options_.optimizer = optimizers.front();
    refuse_figure(output_.figure, parse_objective(options_.expression).variables.size());
    const Explanation answer = explain(options_);
    status.clear();
    return plain_ ? deliver(answer, output_, to_plain_words) : deliver(answer, output_);
  }

 private:
  /// What the number of variables alone says, before any work is done.
  static void refuse_figure(const std::string& figure, std::size_t variables) {
    const std::size_t shown = figure == "contour" ? 2 : figure == "curve" ? 1 : variables;
    if (shown == variables) return;
    const auto counted_variables = [](std::size_t n) { return counted(static_cast<long>(n), "variable"); };
    const std::string why = fmt::format("'{}' shows {}, and the function has {}", figure, counted_variables(shown),
                                        counted_variables(variables));
    throw InputError("figure", why);
  }

  ExplainOptions options_;
  OptimizersOptions optimizers_;
  ExecutionOptions execution_;
  OutputOptions output_;
  bool plain_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_explain() { return std::make_unique<Explain>(); }

}  // namespace etamax::apps
