#include "etamax/problem/batches.h"

#include <algorithm>

namespace etamax {

bool is_full_batch(Objective& f, std::int64_t size) {
  return !f.examples() || size <= 0 || size >= f.examples()->count();
}

Batches::Batches(Objective& f, std::int64_t size, std::uint64_t seed)
    : f_(f), size_(is_full_batch(f, size) ? 0 : size), seed_(seed) {}

Rows Batches::next() {
  if (at_ >= order_.size()) {
    order_ = f_.examples()->shuffled(seed_++);
    at_ = 0;
  }
  const std::size_t from = at_;
  at_ = std::min(at_ + static_cast<std::size_t>(size_), order_.size());
  return {order_.begin() + static_cast<std::ptrdiff_t>(from), order_.begin() + static_cast<std::ptrdiff_t>(at_)};
}

Batches::Gradient Batches::next_gradient() {
  if (full_batch()) {
    auto [loss, gradient] = f_.loss_and_gradient();
    return {loss, std::move(gradient), f_.examples() ? f_.examples()->count() : 1};
  }
  const Rows rows = next();
  auto [loss, gradient] = f_.examples()->batch_gradient(rows);
  return {loss, std::move(gradient), static_cast<std::int64_t>(rows.size())};
}

}  // namespace etamax
