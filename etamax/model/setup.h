#pragma once

#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/core/fields.h"
#include "etamax/model/model_problem.h"

namespace etamax {

/// A problem by the names of the command line. The defaults are those of the command line.
struct ModelSetup {
  std::string model = "mlp", data = "digits";
  std::string loss = {};        ///< "": the usual one for the targets
  std::string checkpoint = {};  ///< a file with weights and optimizer state; "": none
  std::string optimizer = {};   ///< "": the checkpoint's, or gd (sgd where a momentum is given)
  Settings settings = {};       ///< over the checkpoint's, where that is of the same optimizer
  bool trust_model = false;     ///< TorchScript may read and write files: it is refused otherwise
  bool standardize = false;
  std::int64_t samples = 0;   ///< of the examples, at random; 0: all
  double validation = 0;      ///< share of the examples that is held out
  std::int64_t chunk = 4096;  ///< examples at once in memory
  std::string device = "cpu", dtype = "float32";
  std::uint64_t seed = 0;  ///< of the weights, of the choice of samples and of what is held out
};

/// All of it but the optimizer (optim/options.h) and the seed.
Fields fields(ModelSetup& setup);

/// Throws InputError.
std::unique_ptr<ModelProblem> make_problem(const ModelSetup& setup);

/// Whether the model or the loss is a TorchScript file: a program.
bool runs_torchscript(const ModelSetup& setup);
/// The refusal where LibTorch cannot do what a TorchScript file of the setup asks of it, such as a derivative that it
/// lacks; nothing where the exception is no such refusal, or no file of the setup is TorchScript.
std::optional<InputError> cannot_run(const ModelSetup& setup, const std::exception& error);
/// The files and folders that the setup names, which make_problem reads, by the option that names each. Throws
/// InputError.
std::map<std::string, std::string> files_of(const ModelSetup& setup);
/// The same with what is read of a folder in its place: the files, and the folders of which each file is read.
std::multimap<std::string, std::string> sources_of(const ModelSetup& setup);

/// The refusal of a problem that memory does not suffice for: names a chunk that fits, found by trying, and `fewer` as
/// another way. Throws EnvironmentError where not even a part of it, such as the data, can be had by itself.
InputError does_not_fit(const ModelSetup& setup, const std::string& fewer);

/// The loss that suits the targets: cross_entropy for labels 0, 1, ..., of which most occur (-100 apart, which it
/// ignores), and for probabilities of classes, else mse. Throws
/// InputError for labels that are counted from 1.
std::string usual_loss(const Dataset& data);
/// Why that is guessed, for a reader: "the targets are labels 0 to 9".
std::string why_usual_loss(const Dataset& data);
/// The loss of that name or TorchScript file, or the usual one where it is "". Throws InputError, also where the
/// targets do not fit it.
LossSpec find_loss(const std::string& name, const Dataset& data);

/// The network that the text describes, as wide as the data and the loss need it. Throws InputError.
Network make_network(const std::string& text, const Dataset& data, const LossSpec& loss, std::uint64_t seed);

/// The device and the type that options name. Throw InputError; also where there is no such device.
torch::Device find_device(const std::string& name);
torch::ScalarType find_type(const std::string& name);

}  // namespace etamax
