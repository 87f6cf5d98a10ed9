#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "etamax/expr/detail_plan.h"
#include "etamax/expr/function.h"
#include "etamax/expr/tape.h"

/// Shared by function.cpp and batch.cpp; not part of the interface.
namespace etamax {

/// Built when it is first asked for: many uses never do.
template <typename T>
class Lazy {
 public:
  template <class Make>
  const T& get(Make make) const {
    std::call_once(once_, [&] { value_ = make(); });
    return value_;
  }

 private:
  mutable std::once_flag once_;
  mutable T value_;
};

struct Function::Impl {
  Impl(const Expression& expression, std::vector<std::string> names);

  struct Hessian {
    Tape tape;
    bool constant = false;
  };
  const Hessian& hessian() const;
  const BatchPlan& value_plan() const;
  const BatchPlan& gradient_plan() const;
  /// Inputs: the coordinates, then a direction v; outputs: the derivative of each gradient entry along v.
  const BatchPlan& product_plan() const;

  Expression expression;
  std::vector<std::string> names;
  std::vector<Expression> derivatives;
  Tape value, gradient;
  Lazy<Hessian> lazy_hessian;
  Lazy<BatchPlan> lazy_value_plan, lazy_gradient_plan, lazy_product_plan;
};

}  // namespace etamax
