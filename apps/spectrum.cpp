#include "etamax/core/error.h"
#include "etamax/optim/options.h"
#include "etamax/report/spectra.h"
#include "etamax/spectra/diagonal.h"
#include "etamax/spectra/vectors.h"
#include "file_faults.h"
#include "options.h"
#include "requests.h"
#include "tensors.h"
#include "verbs.h"

namespace etamax::apps {
namespace {

class SpectrumVerb : public Verb {
 public:
  Fields fields() override {
    return setup_fields(request_.setup, {"validation"}) + etamax::fields(request_.options) +
           etamax::fields(optimizer_) + apps::fields(execution_) + apps::fields(output_, names_of(spectra_pictures()));
  }

  int run() override {
    check(output_);
    check_vectors_file(request_.options.vectors);
    check_diagonal_file(request_.options.diagonal);
    check_spares("output", output_.output, "vectors", request_.options.vectors);
    check_spares("output", output_.output, "diagonal", request_.options.diagonal);
    check_spares("diagonal", request_.options.diagonal, "vectors", request_.options.vectors);
    request_.setup.optimizer = optimizer_.optimizer;
    request_.setup.settings = optimizer_.settings();
    const std::vector<NamedFile> files = {
        {"output", output_.output}, {"vectors", request_.options.vectors}, {"diagonal", request_.options.diagonal}};
    FileFaults faults;
    request_.options.file_fault = faults.listener();
    return faults.status_of(answer_on_network(request_, files, execution_, output_, spectrum));
  }

 private:
  SpectrumRequest request_;
  OptimizerOptions optimizer_;
  ExecutionOptions execution_;
  OutputOptions output_;
};

}  // namespace

std::unique_ptr<Verb> make_spectrum() { return std::make_unique<SpectrumVerb>(); }

}  // namespace etamax::apps
