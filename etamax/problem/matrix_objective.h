#pragma once

#include <memory>
#include <string>
#include <utility>

#include "etamax/problem/objective.h"

namespace etamax {

/// An objective whose products are those of another matrix; all else is as it was. `f` must outlive it.
class MatrixObjective final : public Objective {
 public:
  MatrixObjective(Objective& f, const MatrixChoice& matrix) : f_(f), matrix_(matrix) {}
  std::size_t dim() const override { return f_.dim(); }
  const std::vector<ParameterBlock>& blocks() const override { return f_.blocks(); }
  double loss() override { return f_.loss(); }
  LossAndGradient loss_and_gradient() override { return f_.loss_and_gradient(); }
  void apply(const Vector& in, Vector& out) override {
    ++cost_.hvps;
    f_.apply_matrix(matrix_, in, out);
  }
  void apply_matrix(const MatrixChoice& matrix, const Vector& in, Vector& out) override {
    f_.apply_matrix(matrix, in, out);
  }
  std::string why_no_matrix(MatrixKind kind) const override { return f_.why_no_matrix(kind); }
  Vector parameters() const override { return f_.parameters(); }
  void set_parameters(const Vector& parameters) override { f_.set_parameters(parameters); }
  Vector random_normal(std::uint64_t seed) const override { return f_.random_normal(seed); }
  Examples* examples() override { return f_.examples(); }
  ProductPrice product_price() const override { return f_.product_price(); }
  double roundoff() const override { return f_.roundoff(); }
  std::unique_ptr<Objective> in_64_bit() override {
    std::unique_ptr<Objective> wide = f_.in_64_bit();
    if (!wide) return nullptr;
    auto view = std::make_unique<MatrixObjective>(*wide, matrix_);
    view->owned_ = std::move(wide);
    return view;
  }

 private:
  Objective& f_;
  MatrixChoice matrix_;
  std::unique_ptr<Objective> owned_;  ///< f_, where that is nobody else's
};

}  // namespace etamax
