#pragma once

#include <CLI/CLI.hpp>
#include <string>

/// One function per verb: adds it to the program, with its options where it is the one that is called (those
/// of the others would only cost time). Each runs from the sub-command's callback and leaves its exit status
/// in `status`.
namespace etamax::apps {

void add_explain(CLI::App& program, const std::string& called, int& status);
void add_diagnose(CLI::App& program, const std::string& called, int& status);
void add_analyze(CLI::App& program, const std::string& called,
                 int& status);  ///< needs tensors: of the program etamax-model
void add_tune(CLI::App& program, const std::string& called, int& status);  ///< the same

/// A verb that needs tensors, which etamax itself does not load: its name and what the help says of it.
struct TensorVerb {
  const char* name;
  const char* summary;
};
inline constexpr TensorVerb kTensorVerbs[] = {
    {"analyze", "How high may the learning rate go for this model and these data, and what limits it?"},
    {"tune", "Which learning rate and warmup for this training, found within a budget?"},
};

/// True after Ctrl-C.
bool interrupted();

}  // namespace etamax::apps
