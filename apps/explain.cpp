#include "etamax/explain/explain.h"

#include "etamax/explain/compare.h"
#include "etamax/expr/objective_table.h"
#include "etamax/optim/options.h"
#include "etamax/report/comparison.h"
#include "etamax/report/explanation.h"
#include "lab_page.h"
#include "options.h"
#include "status.h"
#include "verbs.h"

namespace etamax::apps {
namespace {

class Explain : public Verb {
 public:
  Fields fields() override {
    const Fields words = {{Group::output, "plain", &plain_, "Print the answer in plain words, for learners"},
                          field_of_static(static_)};
    return etamax::fields(options_) + etamax::fields(optimizers_) + apps::fields(execution_) + words +
           apps::fields(output_, names_of(explanation_pictures()));
  }

  int run() override {
    check(output_);
    if (!static_) output_.lab = lab_page();
    const std::vector<std::string> optimizers = optimizers_.names();
    if (plain_ && optimizers.size() > 1)
      throw InputError("plain", "tells of one optimizer; `optimizer` names " + joined(optimizers));
    const std::size_t variables = parse_objective(options_.expression).variables.size();
    if (optimizers.size() > 1)
      check_figure(comparison_pictures(), output_.figure, variables);
    else
      check_figure(explanation_pictures(), output_.figure, variables);
    options_.settings = optimizers_.settings();
    Status status(output_.quiet);
    options_.follow.progress = progress_of(status);
    if (optimizers.size() > 1) {
      const Comparison answer = compare(options_, optimizers);
      status.clear();
      return deliver(answer, output_);
    }
    options_.optimizer = optimizers.front();
    const Explanation answer = explain(options_);
    status.clear();
    return plain_ ? deliver(answer, output_, to_plain_words) : deliver(answer, output_);
  }

 private:
  ExplainOptions options_;
  OptimizersOptions optimizers_;
  ExecutionOptions execution_;
  OutputOptions output_;
  bool plain_ = false, static_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_explain() { return std::make_unique<Explain>(); }

}  // namespace etamax::apps
