#include "etamax/diagnose/diagnose.h"

#include "etamax/optim/options.h"
#include "etamax/report/diagnosis.h"
#include "log_source.h"
#include "options.h"
#include "status.h"
#include "verbs.h"

namespace etamax::apps {
namespace {

class Diagnose : public Verb {
 public:
  Fields fields() override {
    const Field log = {Group::problem,
                       "log",
                       &log_,
                       "Training log; - reads the standard input",
                       {},
                       {.placeholder = "LOG", .positional = true, .required = true}};
    return Fields{log} + etamax::fields(options_) + etamax::fields(optimizer_) + apps::fields(execution_) +
           apps::fields(output_, names_of(diagnosis_pictures()));
  }

  int run() override {
    check(output_);
    check_spares(output_, "log", log_);
    options_.optimizer = optimizer_.name();
    options_.settings = optimizer_.settings();
    Status status(output_.quiet);
    status.stage("reading the log");
    options_.progress = progress_of(status);
    ByteSource log = open_log(log_);
    const Diagnosis answer = diagnose(log, options_);
    status.clear();
    return deliver(answer, output_);
  }

 private:
  std::string log_;
  DiagnoseOptions options_;
  OptimizerOptions optimizer_;
  ExecutionOptions execution_;
  OutputOptions output_;
};

}  // namespace

std::unique_ptr<Verb> make_diagnose() { return std::make_unique<Diagnose>(); }

}  // namespace etamax::apps
