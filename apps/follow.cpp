#include "etamax/core/error.h"
#include "etamax/optim/options.h"
#include "etamax/report/following.h"
#include "file_faults.h"
#include "options.h"
#include "requests.h"
#include "tensors.h"
#include "verbs.h"

namespace etamax::apps {
namespace {

class Follow : public Verb {
 public:
  Fields fields() override {
    return setup_fields(request_.setup, {"validation"}) + etamax::fields(request_.options) +
           etamax::fields(optimizer_) + apps::fields(execution_) +
           apps::fields(output_, names_of(following_pictures()));
  }

  int run() override {
    check(output_);
    check_spares("output", output_.output, "state", request_.options.state);
    request_.setup.optimizer = optimizer_.optimizer;
    request_.setup.settings = optimizer_.settings();
    if (request_.options.lr.empty()) throw InputError("lr", "which rate is followed? Give one, or several");
    const std::vector<NamedFile> files = {{"output", output_.output}, {"state", request_.options.state}};
    FileFaults faults;
    request_.options.state_fault = faults.listener("; the work goes on");
    return faults.status_of(answer_on_network(request_, files, execution_, output_, follow));
  }

 private:
  FollowRequest request_;
  OptimizerOptions optimizer_;
  ExecutionOptions execution_;
  OutputOptions output_;
};

}  // namespace

std::unique_ptr<Verb> make_follow() { return std::make_unique<Follow>(); }

}  // namespace etamax::apps
