#include "etamax/problem/rule_run.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace etamax {

RuleStepper::RuleStepper(const Optimizer& optimizer, const Vector& like) : optimizer_(optimizer) {
  for (int i = 0; i < optimizer.spec->state_vectors; ++i) state_.vectors.push_back(like.zeros());
}

void RuleStepper::step(double lr, Vector& parameters, const Vector& gradient) {
  ++state_.steps;
  std::vector<VectorBody*> written = {&parameters.body()};
  for (Vector& vector : state_.vectors) written.push_back(&vector.body());
  const VectorBody* const read[] = {&gradient.body()};
  written.front()->for_each_block(written, read, [&](VectorBody::Blocks x_and_state, VectorBody::Blocks slope) {
    const std::span<double> x = x_and_state.front();
    // A rule's state is one block after the other.
    std::vector<double> state;
    state.reserve(x.size() * state_.vectors.size());
    for (const std::span<double> part : x_and_state.subspan(1)) state.insert(state.end(), part.begin(), part.end());
    optimizer_.spec->step(optimizer_.values, lr, state_.steps, slope.front(), x, state);
    auto from = state.begin();
    for (const std::span<double> part : x_and_state.subspan(1)) {
      std::copy_n(from, part.size(), part.begin());
      from += static_cast<std::ptrdiff_t>(part.size());
    }
  });
}

void RuleStepper::set_state(const OptimizerState& state) {
  if (state.vectors.size() != state_.vectors.size()) throw std::invalid_argument("optimizer state of another rule");
  state_ = state;
}

std::optional<Vector> RuleStepper::preconditioner() const {
  if (!optimizer_.spec->preconditioner || state_.steps < 1) return {};
  Vector diagonal = state_.vectors.front().zeros_in_64_bit();
  VectorBody* const written[] = {&diagonal.body()};
  std::vector<const VectorBody*> read;
  for (const Vector& vector : state_.vectors) read.push_back(&vector.body());
  // What the rule divides by where it has seen nothing: told apart in 64 bit, by equality.
  const std::vector<double> no_state(state_.vectors.size(), 0.0);
  double unseen = 0;
  optimizer_.spec->preconditioner(optimizer_.values, state_.steps, no_state, {&unseen, 1});
  written[0]->for_each_block(written, read, [&](VectorBody::Blocks p, VectorBody::Blocks vectors) {
    std::vector<double> state;
    state.reserve(p.front().size() * vectors.size());
    for (const std::span<double> part : vectors) state.insert(state.end(), part.begin(), part.end());
    optimizer_.spec->preconditioner(optimizer_.values, state_.steps, state, p.front());
    for (double& entry : p.front())
      if (entry == unseen) entry = std::numeric_limits<double>::infinity();
  });
  return diagonal;
}

double RuleStepper::lr_scale() const {
  return optimizer_.spec->lr_scale && state_.steps > 0 ? optimizer_.spec->lr_scale(optimizer_.values, state_.steps) : 1;
}

namespace {

/// As torch.nn.utils.clip_grad_norm_.
void clip_norm(Vector& gradient, double most) {
  const double share = most / (std::sqrt(gradient.dot(gradient)) + 1e-6);
  if (share < 1) gradient.scale(share);
}

}  // namespace

RuleRun::RuleRun(Objective& f, const Optimizer& optimizer, const RunSettings& settings, const OptimizerState* state)
    : f_(f),
      x_(f.parameters()),
      stepper_(optimizer, x_),
      steps_before_(state ? state->steps : 0),
      clip_(settings.clip),
      batches_(f, settings.batch_size, settings.seed) {
  if (state) stepper_.set_state(*state);
}

Run::Step RuleRun::step(double lr) {
  auto [loss, gradient, examples] = batches_.next_gradient();
  if (clip_) clip_norm(gradient, *clip_);
  stepper_.step(lr, x_, gradient);
  f_.set_parameters(x_);
  return {loss, examples};
}

SavedRun RuleRun::save() const {
  const OptimizerState& memory = stepper_.state();
  SavedRun saved{memory.steps, batches_.place(), {x_.values()}, {}};
  for (const Vector& vector : memory.vectors) saved.vectors.push_back(vector.values());
  return saved;
}

void RuleRun::restore(const SavedRun& saved) {
  OptimizerState memory = stepper_.state();
  const bool fits = saved.vectors.size() == 1 + memory.vectors.size() && saved.steps >= steps_before_ &&
                    std::all_of(saved.vectors.begin(), saved.vectors.end(),
                                [&](const std::vector<double>& values) { return values.size() == x_.size(); });
  if (!fits) throw std::invalid_argument("another run was saved");
  batches_.go_to(saved.batches);
  x_ = x_.with_values(saved.vectors.front());
  memory.steps = saved.steps;
  for (std::size_t i = 0; i < memory.vectors.size(); ++i)
    memory.vectors[i] = memory.vectors[i].with_values(saved.vectors[i + 1]);
  stepper_.set_state(memory);
}

std::unique_ptr<Run> Problem::run(const RunSettings& settings) {
  return std::make_unique<RuleRun>(objective(), optimizer(), settings,
                                   settings.from_state ? optimizer_state() : nullptr);
}

}  // namespace etamax
