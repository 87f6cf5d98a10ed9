#include "etamax/problem/batches.h"

#include <algorithm>
#include <stdexcept>

#include "etamax/core/error.h"

namespace etamax {

bool is_full_batch(Objective& f, std::int64_t size) {
  return !f.examples() || size <= 0 || size >= f.examples()->count();
}

std::int64_t batches_in(std::int64_t count, std::int64_t size, std::int64_t least) {
  return std::max<std::int64_t>(1, (count + size - least) / size);
}

std::int64_t most_in_batch(Objective& f, std::int64_t size) {
  if (!f.examples()) return 1;
  const std::int64_t count = f.examples()->count();
  if (is_full_batch(f, size)) return count;
  const std::int64_t batches = batches_in(count, size, f.examples()->least_batch());
  return std::max(size, count - (batches - 1) * size);
}

void check_batch_size(Objective& f, std::int64_t size) {
  if (size <= 0) return;
  if (!f.examples()) throw InputError("batch_size", "a function has no examples to make batches of");
  const std::int64_t count = f.examples()->count(), least = f.examples()->least_batch();
  if (size > count)
    throw InputError("batch_size",
                     std::to_string(size) + " is more than the " + std::to_string(count) + " examples to train on");
  if (size < least)
    throw InputError("batch_size", std::to_string(size), "at least " + std::to_string(least),
                     "batch_size: " + std::to_string(size) + " is not enough: the network takes statistics over a " +
                         "batch (batch norm), of at least " + std::to_string(least) + " examples");
}

Batches::Batches(Objective& f, std::int64_t size, std::uint64_t seed)
    : f_(f), size_(is_full_batch(f, size) ? 0 : size), seed_(seed) {}

Rows Batches::next() {
  if (at_ >= order_.size()) {
    order_ = f_.examples()->shuffled(seed_ + static_cast<std::uint64_t>(epochs_++));
    at_ = 0;
  }
  const std::size_t from = at_;
  at_ = std::min(at_ + static_cast<std::size_t>(size_), order_.size());
  if (order_.size() - at_ < static_cast<std::size_t>(f_.examples()->least_batch())) at_ = order_.size();
  return {order_.begin() + static_cast<std::ptrdiff_t>(from), order_.begin() + static_cast<std::ptrdiff_t>(at_)};
}

void Batches::go_to(const BatchPlace& place) {
  Rows order;
  if (!full_batch() && place.epochs > 0)
    order = f_.examples()->shuffled(seed_ + static_cast<std::uint64_t>(place.epochs) - 1);
  if (place.epochs < 0 || place.at > order.size()) throw std::invalid_argument("no place in these batches");
  epochs_ = place.epochs, at_ = place.at, order_ = std::move(order);
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
