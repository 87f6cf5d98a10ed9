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
    const Field check_lr = {Group::output, "check", &request_.check,
                            "Exit with status 4 unless --lr is below the stability edge"};
    return setup_fields(request_.setup, {"validation"}) + etamax::fields(request_.options) +
           etamax::fields(optimizer_) + apps::fields(execution_) + Fields{check_lr} +
           apps::fields(output_, names_of(analysis_pictures()));
  }

  int run() override {
    check(output_);
    request_.setup.optimizer = optimizer_.optimizer;
    request_.setup.settings = optimizer_.settings();
    if (request_.check && request_.setup.checkpoint.empty())  // else the file may hold what is not given
      refuse_unchecked(find_optimizer(optimizer_.name()), request_.options.lr);
    const std::vector<NamedFile> files = {{"output", output_.output}};
    return answer_on_network(request_, files, execution_, output_, analyze, [&](const Analysis& answer) {
      const int delivered = deliver(answer, output_);
      if (delivered != 0 || !request_.check) return delivered;
      return answer.yours && answer.yours->stable == true ? 0 : kNotBelowTheEdge;
    });
  }

 private:
  AnalyzeRequest request_;
  OptimizerOptions optimizer_;
  ExecutionOptions execution_;
  OutputOptions output_;
};

}  // namespace

std::unique_ptr<Verb> make_analyze() { return std::make_unique<Analyze>(); }

}  // namespace etamax::apps
