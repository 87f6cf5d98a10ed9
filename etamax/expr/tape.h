#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "etamax/expr/detail.h"
#include "etamax/expr/function.h"

/// Shared by function.cpp and batch.cpp; not part of the interface.
namespace etamax {

/// Straight-line code. Registers: the coordinates, the constants, then one for each operation.
struct Tape {
  struct Step {
    Op op;
    std::uint32_t a, b;
  };
  Tape() = default;
  Tape(const std::vector<Expression>& roots, const std::vector<std::string>& names);

  std::size_t inputs() const { return dimension + constants.size(); }
  std::size_t registers() const { return inputs() + code.size(); }

  void run(std::span<const double> x, double* r) const {
    std::copy(x.begin(), x.end(), r);
    std::copy(constants.begin(), constants.end(), r + dimension);
    double* out = r + inputs();
    for (const Step& s : code) *out++ = detail::evaluate(s.op, r[s.a], r[s.b]);
  }

  std::size_t dimension = 0;
  std::vector<double> constants;
  std::vector<Step> code;
  std::vector<std::uint32_t> outputs;
};

struct Function::Impl {
  Impl(const Expression& expression, std::vector<std::string> names);
  void prepare_hessian() const;

  Expression expression;
  std::vector<std::string> names;
  std::vector<Expression> derivatives;
  Tape value, gradient;
  // Built when first asked for: many uses never do.
  mutable std::once_flag once;
  mutable Tape hessian;
  mutable bool constant = false;
};

}  // namespace etamax
