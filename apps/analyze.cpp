#include "etamax/core/error.h"
#include "etamax/optim/options.h"
#include "etamax/report/analysis.h"
#include "options.h"
#include "requests.h"
#include "tensors.h"
#include "verbs.h"

namespace etamax::apps {
namespace {

constexpr int kNotBelowTheEdge = 4;

class Analyze : public Verb {
 public:
  Fields fields() override {
    const Field check_lr = {Group::output, "check", &check_,
                            "Exit with status 4 unless --lr is below the stability edge"};
    return setup_fields(request_.setup, {"validation"}) + etamax::fields(request_.options) +
           etamax::fields(optimizer_) + apps::fields(execution_) + Fields{check_lr} +
           apps::fields(output_, names_of(analysis_pictures()));
  }

  int run() override {
    check(output_);
    request_.setup.optimizer = optimizer_.optimizer;
    request_.setup.settings = optimizer_.settings();
    check_can_be_made();
    Status status(output_.quiet);
    ready_tensors(request_, execution_, output_.quiet, status);
    const Analysis answer = analyze(request_);
    status.clear();
    const int delivered = deliver(answer, output_);
    if (delivered != 0 || !check_) return delivered;
    return answer.yours && answer.yours->stable == true ? 0 : kNotBelowTheEdge;
  }

 private:
  /// --check needs a rate, and an optimizer that has an edge for it to be below.
  void check_can_be_made() const {
    if (!check_) return;
    if (!request_.options.lr) throw InputError("check", "needs the learning rate that is to be checked, `lr`");
    const OptimizerSpec& optimizer = find_optimizer(optimizer_.name());
    if (!optimizer.recurrence)
      throw InputError("check", optimizer.name + " has no stability edge: " + optimizer.no_recurrence_reason);
  }

  AnalyzeRequest request_;
  OptimizerOptions optimizer_;
  ExecutionOptions execution_;
  OutputOptions output_;
  bool check_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_analyze() { return std::make_unique<Analyze>(); }

}  // namespace etamax::apps
