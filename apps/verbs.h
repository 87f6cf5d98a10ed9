#pragma once

#include <memory>

#include "etamax/core/fields.h"

/// The commands of the program: each turns options into one call of the library and prints the answer.
namespace etamax::apps {

/// A command while it is called. Its options are fields of structs that it holds.
class Verb {
 public:
  virtual ~Verb() = default;
  virtual Fields fields() = 0;
  /// Answers, once the fields hold what was given. Returns the exit status; throws InputError.
  virtual int run() = 0;
};
using MakeVerb = std::unique_ptr<Verb> (*)();

std::unique_ptr<Verb> make_explain();
std::unique_ptr<Verb> make_map();
std::unique_ptr<Verb> make_diagnose();
std::unique_ptr<Verb> make_analyze();   ///< needs tensors: of the program etamax-model
std::unique_ptr<Verb> make_follow();    ///< the same
std::unique_ptr<Verb> make_spectrum();  ///< the same
std::unique_ptr<Verb> make_tune();      ///< the same

/// What the help says of a command.
struct VerbSpec {
  const char* name;
  const char* summary;
  bool needs_tensors;  ///< which etamax itself does not load
  const char* examples[2];
};
inline constexpr VerbSpec kVerbs[] = {
    {"explain",
     "Why does this learning rate converge or diverge on this function?",
     false,
     {"etamax explain 'x^2' --from -1 --lr 0.8,1.0,1.2",
      "etamax explain rosenbrock --from x=-1,y=1 --lr 0.001 --momentum 0.9"}},
    {"map",
     "What becomes of the runs of a whole plane of learning rates, hyperparameters or starts?",
     false,
     {"etamax map 'x^4-3x^2+x' --x lr=0.01:2:log --y start=-2:2 --output map.png",
      "etamax map 'x^2' --from -1 --x lr=0.01:4 --y momentum=0:0.99"}},
    {"analyze",
     "What is the largest stable learning rate for this model and data, and what limits it?",
     true,
     {"etamax analyze --model mlp:64-256-10:tanh --data digits --lr 0.1",
      "etamax analyze --data csv:houses.csv,target=price --output report.html"}},
    {"tune",
     "Which learning rate and warmup for this training run, found within a budget?",
     true,
     {"etamax tune --data digits --steps 1000 --batch-size 64 --momentum 0.9",
      "etamax tune --steps 1000 --optimizer adam --state progress.json"}},
    {"spectrum",
     "What are the eigenvalues of the loss's curvature: the ends, the distribution, the trace?",
     true,
     {"etamax spectrum --data digits --top 10 --vectors top.npz",
      "etamax spectrum --matrix ggn --density --output density.svg --figure density"}},
    {"follow",
     "How do the sharpness and the edge go along a training?",
     true,
     {"etamax follow --lr 0.1,0.2 --steps 3000 --output sharpness.svg",
      "etamax follow --optimizer adam --lr 0.001 --steps 3000 --batch-size 64 --budget 2"}},
    {"diagnose",
     "This run went wrong: was it the learning rate?",
     false,
     {"etamax diagnose train.log", "etamax diagnose metrics.csv --column val_loss --optimizer adam --json"}},
};

/// What the program's exit statuses mean.
struct ExitStatus {
  int status;
  const char* meaning;
};
inline constexpr ExitStatus kExitStatuses[] = {
    {0, "answered"},
    {1, "the machine or etamax failed: a full disk, no permission, a library that is missing, a fault"},
    {2, "what was given is wrong: an option, a file or what it holds; one line says what would be right"},
    {3, "interrupted: what was known by then is printed, marked as partial"},
    {4, "with --check: the learning rate is not below the stability edge (analyze), or is what went wrong (diagnose)"},
};

}  // namespace etamax::apps
