#pragma once

#include <cstdint>
#include <stdexcept>

namespace etamax {

/// Counts work in examples: a forward pass of one is 1 unit, its gradient 3, its Hessian-vector product 6 (a product
/// costs two gradients, and a forward pass a third of one). Whole numbers, so that nothing is lost to rounding.
class Budget {
 public:
  static constexpr std::int64_t kForward = 1, kGradient = 3, kProduct = 6;

  explicit Budget(std::int64_t limit) : limit_(limit) {}
  std::int64_t limit() const { return limit_; }
  std::int64_t spent() const { return spent_; }
  bool affords(std::int64_t units) const { return units <= limit_ - spent_; }
  /// Throws std::logic_error where that is more than is left: nobody may spend without asking.
  void spend(std::int64_t units) {
    if (!affords(units)) throw std::logic_error("the budget is exceeded");
    spent_ += units;
  }

 private:
  std::int64_t limit_, spent_ = 0;
};

}  // namespace etamax
