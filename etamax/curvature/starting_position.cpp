#include "etamax/curvature/starting_position.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "etamax/core/format.h"
#include "etamax/curvature/entries.h"
#include "etamax/problem/rule_run.h"
#include "etamax/spectrum/track.h"

namespace etamax {
namespace {

constexpr long kFirstLook = 16;      // steps; then after twice as many each time
constexpr long kMostSteps = 4096;    // of batches
constexpr double kMemories = 4;      // after so many of P's memories it has forgotten its beginning: e^-4 is left
constexpr double kSettled = 1.1;     // times, between one look and the next, twice
constexpr double kUnmoved = 1e-3;    // of P's entries, root mean square: it stands still
constexpr long kSumsSteps = 50;      // where P grows with every step
constexpr long kComparedSteps = 16;  // in 32 and in 64 bit

/// The rule's memory of gradients at parameters that stay where they are, in 64 bit whatever they are in.
class Memory {
 public:
  Memory(Objective& f, const Optimizer& optimizer, const WarmupSettings& settings)
      : f_(f),
        start_(f.parameters()),
        stepper_(optimizer, start_.zeros_in_64_bit()),
        batches_(f, settings.batch_size, settings.seed),
        progress_(settings.progress) {}

  void fill_to(long steps) {
    while (stepper_.steps() < steps) {
      Vector parameters = start_;
      stepper_.step(0, parameters, next_gradient());
      report_progress(progress_, 0, [&] { return counted(stepper_.steps(), "gradient") + " for the preconditioner"; });
    }
  }
  long steps() const { return stepper_.steps(); }
  bool full_batch() const { return batches_.full_batch(); }
  std::optional<Vector> preconditioner() const { return stepper_.preconditioner(); }
  OptimizerPosition position() const {
    OptimizerPosition position;
    position.preconditioner = preconditioner();
    position.lr_scale = stepper_.lr_scale();
    return position;
  }

 private:
  /// The gradient that is analyzed first: what it says is in P, however few batches follow.
  const Vector& next_gradient() {
    if (stepper_.steps() == 0)
      gradient_ = f_.gradient();
    else if (!batches_.full_batch())
      gradient_ = batches_.next_gradient().gradient;
    return gradient_;
  }

  Objective& f_;
  Vector start_, gradient_;
  RuleStepper stepper_;
  Batches batches_;
  Progress progress_;
};

/// The difference of two preconditioners as a part of the first, entry by entry. 0 where both are infinite.
Vector relative_difference(const Vector& p, const Vector& other) {
  Vector difference = p;
  combine_entries(difference, other, [](double a, double b) {
    if (a == b) return 0.0;
    return std::isinf(a) || std::isinf(b) ? 1.0 : std::abs(a - b) / a;
  });
  return difference;
}

bool unmoved(const Vector& p, const Vector& before) {
  const Vector moved = relative_difference(p, before);
  return std::sqrt(moved.dot(moved) / static_cast<double>(moved.size())) <= kUnmoved;
}

struct Settling {
  bool settled = false;
  double edge = 0, before = 0;  ///< at the last two looks
};

/// Fills the memory until the edge stays where it is, by a few products of the Hessian for each look.
Settling fill_until_settled(Memory& memory, Objective& f, const Optimizer& optimizer, const WarmupSettings& settings) {
  const double memories = kMemories * optimizer.spec->preconditioner_memory(optimizer.values);
  TrackOptions options;
  options.products = 4;
  options.seed = settings.seed;
  options.progress = settings.progress;
  EigenvalueTracker<Vector> tracker(options);
  Settling settling;
  int steady = 0;
  memory.fill_to(kFirstLook / 2);
  Vector before = *memory.preconditioner();
  for (long n = kFirstLook;; n *= 2) {
    memory.fill_to(n);
    OptimizerPosition here = memory.position();
    settling.settled = unmoved(*here.preconditioner, before) || static_cast<double>(n) >= memories;
    if (settling.settled) return settling;
    before = *here.preconditioner;
    Probe probe(f, optimizer, std::move(here));
    if (probe.hessian().dim() > 0) {
      const double lambda = tracker.look(probe.hessian()).value;
      settling.before = std::exchange(settling.edge, probe.edge({lambda, {}}).lr.upper.value_or(0));
      const double ratio = settling.edge / settling.before;
      steady = settling.edge == settling.before || (ratio < kSettled && ratio > 1 / kSettled) ? steady + 1 : 0;
      settling.settled = steady >= 2;
    }
    if (settling.settled || 2 * n > kMostSteps) return settling;
  }
}

std::string told(const Memory& memory, const std::string& more) {
  if (memory.full_batch()) return fmt::format("from the gradient at these weights, {} times{}", memory.steps(), more);
  return fmt::format("from {} gradients at these weights, of all examples and then of batches{}", memory.steps(), more);
}

/// How far gradients in 32 bit take P, which is in 64 bit itself, from where those in 64 bit do.
void measure_uncertainty(OptimizerPosition& position, Objective& f, const Optimizer& optimizer,
                         const WarmupSettings& settings) {
  if (!roundoff_is_measured(f)) return;
  Memory narrow(f, optimizer, settings);
  narrow.fill_to(kComparedSteps);
  Vector p = *narrow.preconditioner();
  const std::unique_ptr<Objective> exact = f.in_64_bit();
  if (!exact) return;
  Memory wide(*exact, optimizer, settings);
  wide.fill_to(kComparedSteps);
  position.uncertainty = relative_difference(p, *wide.preconditioner());
  position.gradients_64 = exact->cost().gradients;
}

/// Where the rates of the parameters are unlike: a step at a share s of the rate is one that divides by P / s.
void apply_shares(OptimizerPosition& position, const Vector& shares) {
  if (position.preconditioner) {
    position.preconditioner->divide(shares);
    return;
  }
  Vector root = shares;
  root.inverse_root();
  position.preconditioner = root;
  position.preconditioner->multiply(root);
  position.origin = "from the learning rates of the groups of parameters";
}

}  // namespace

OptimizerPosition starting_position(Problem& problem, const WarmupSettings& settings) {
  const Optimizer& optimizer = problem.optimizer();
  const Vector* const shares = optimizer.spec->recurrence ? problem.lr_shares() : nullptr;
  if (!edge_is_preconditioned(optimizer)) {
    OptimizerPosition position;
    if (shares) apply_shares(position, *shares);
    return position;
  }
  Objective& f = problem.objective();
  if (const OptimizerState* state = problem.optimizer_state()) {
    OptimizerPosition position = OptimizerPosition::of(*problem.run({settings.batch_size, settings.seed}), optimizer);
    position.origin = fmt::format("from the checkpoint, after {} steps", state->steps);
    return position;
  }
  Memory memory(f, optimizer, settings);
  std::string more;
  if (settings.steps > 0) {
    memory.fill_to(settings.steps);
  } else if (!optimizer.spec->preconditioner_memory) {
    memory.fill_to(kSumsSteps);
    more = "; it grows with every step, and the edge with it";
  } else if (const Settling found = fill_until_settled(memory, f, optimizer, settings); found.settled) {
    more = ", by when the edge has settled";
  } else {
    more = fmt::format("; the edge has not settled: {}, and {} after half as many", format_number(found.edge, 3),
                       format_number(found.before, 3));
  }
  OptimizerPosition position = memory.position();
  position.origin = told(memory, more);
  if (settings.measure_uncertainty) measure_uncertainty(position, f, optimizer, settings);
  if (shares) apply_shares(position, *shares);
  return position;
}

}  // namespace etamax
