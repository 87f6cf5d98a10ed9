#pragma once

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "etamax/model/runtime.h"
#include "etamax/model/setup.h"
#include "messages.h"
#include "model_process.h"
#include "options.h"
#include "status.h"
#include "verbs.h"

/// What the commands that need tensors share.
namespace etamax::apps {

/// Has the tensor library use so many threads; 0 takes OMP_NUM_THREADS, or one for each core. More than a few for each
/// core take turns and do not end: then it uses fewer, and says so unless `quiet`. Throws EnvironmentError where there
/// is no memory for them.
void use_threads(int wanted, bool quiet);

/// Readies the tensor library as the options say, warns where it will be slow, and lets the status and Ctrl-C take
/// part. Throws EnvironmentError.
template <typename Request>
void ready_tensors(Request& request, const ExecutionOptions& execution, bool quiet, Status& status) {
  request.options.seed = execution.seed;
  use_threads(execution.threads, quiet);
  look_for_devices();
  if (request.setup.device == "cpu") refuse_missing_memory();
  if (const std::string warning = slow_blas_warning(); !warning.empty() && !quiet) say("warning: " + warning);
  request.options.stage = [&status](const std::string& what) { status.stage(what); };
  request.options.progress = progress_of(status);
}

/// An answer about a network, from a request of whose setup and options all is read: the tensor library is readied, a
/// model that is somebody's program is split off, and `verb` answers. `files` may be written and take no file's place;
/// `deliver` gets the answer and returns the exit status.
template <typename Request, typename Verb, typename Deliver>
int answer_on_network(Request& request, const std::vector<NamedFile>& files, const ExecutionOptions& execution,
                      const OutputOptions& output, Verb verb, Deliver deliver) {
  check_spares(files, request.setup);
  if (const std::optional<int> ended = split_off_model(request.setup, files, output.quiet)) return *ended;
  Status status(output.quiet);
  ready_tensors(request, execution, output.quiet, status);
  const auto answer = verb(request);
  status.clear();
  return deliver(answer);
}
template <typename Request, typename Verb>
int answer_on_network(Request& request, const std::vector<NamedFile>& files, const ExecutionOptions& execution,
                      const OutputOptions& output, Verb verb) {
  return answer_on_network(request, files, execution, output, verb,
                           [&](const auto& answer) { return deliver(answer, output); });
}

/// The setup's options but for those of these names, which are not this command's.
inline Fields setup_fields(ModelSetup& setup, const std::vector<std::string>& others) {
  Fields wanted = fields(setup);
  std::erase_if(wanted,
                [&](const Field& f) { return std::find(others.begin(), others.end(), f.name) != others.end(); });
  return wanted;
}

}  // namespace etamax::apps
