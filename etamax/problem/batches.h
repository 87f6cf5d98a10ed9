#pragma once

#include "etamax/problem/objective.h"
#include "etamax/problem/run.h"

namespace etamax {

/// Whether steps on batches of that size take all the examples at once: size 0, or at least their number. An objective
/// without examples has nothing else.
bool is_full_batch(Objective& f, std::int64_t size);

/// How many batches of that size, at least 1, `count` examples make: the last is as small as it comes, but what is too
/// small to be a batch of its own, below `least`, joins the one before it.
std::int64_t batches_in(std::int64_t count, std::int64_t size, std::int64_t least);
/// The most examples that a step on batches of that size takes; 1 for an objective without examples.
std::int64_t most_in_batch(Objective& f, std::int64_t size);
/// Throws InputError where steps cannot be on batches of that size: there are fewer examples, or the network needs
/// more.
void check_batch_size(Objective& f, std::int64_t size);

/// The order in which training visits the examples: shuffled anew in each epoch, every example once, in batches as
/// `batches_in` counts them. As torch.utils.data.DataLoader(shuffle=True), but for the rest that joins another.
class Batches {
 public:
  /// A full batch has all the examples in order.
  Batches(Objective& f, std::int64_t size, std::uint64_t seed);
  bool full_batch() const { return size_ == 0; }
  /// Not for a full batch.
  Rows next();

  BatchPlace place() const { return {epochs_, at_}; }
  /// Throws std::invalid_argument where there is no such place.
  void go_to(const BatchPlace& place);

  struct Gradient {
    double loss = 0;
    Vector gradient;
    std::int64_t examples = 0;  ///< 1 for an objective without examples
  };
  /// Of the next batch, at the objective's parameters.
  Gradient next_gradient();

 private:
  Objective& f_;
  std::int64_t size_;  ///< 0: all
  std::size_t at_ = 0;
  std::uint64_t seed_;
  long epochs_ = 0;
  Rows order_;
};

}  // namespace etamax
