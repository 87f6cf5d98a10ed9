#include "etamax/core/error.h"
#include "etamax/optim/options.h"
#include "etamax/report/tuning.h"
#include "file_faults.h"
#include "options.h"
#include "requests.h"
#include "tensors.h"
#include "verbs.h"

namespace etamax::apps {
namespace {

class Tune : public Verb {
 public:
  Fields fields() override {
    return setup_fields(request_.setup, {"checkpoint", "samples"}) + etamax::fields(request_.options) +
           etamax::fields(optimizer_) + apps::fields(execution_) + apps::fields(output_, names_of(tuning_pictures()));
  }

  int run() override {
    check(output_);
    check_spares("output", output_.output, "state", request_.options.state);
    request_.setup.optimizer = optimizer_.name();
    request_.setup.settings = optimizer_.settings();
    if (request_.options.steps == 0)
      throw InputError("steps", "how many steps will the real run make? The best rate depends on it");
    const std::vector<NamedFile> files = {{"output", output_.output}, {"state", request_.options.state}};
    FileFaults faults;
    request_.options.state_fault = faults.listener("; the work goes on");
    return faults.status_of(answer_on_network(request_, files, execution_, output_, tune));
  }

 private:
  TuneRequest request_;
  OptimizerOptions optimizer_;
  ExecutionOptions execution_;
  OutputOptions output_;
};

}  // namespace

std::unique_ptr<Verb> make_tune() { return std::make_unique<Tune>(); }

}  // namespace etamax::apps
