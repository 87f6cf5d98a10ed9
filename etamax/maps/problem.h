#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/answers/map.h"
#include "etamax/core/fields.h"
#include "etamax/expr/function.h"
#include "etamax/optim/optimizer.h"

namespace etamax {

/// Which runs a map shows: everything that no axis is, and the axes.
struct MapOptions {
  std::string expression;  ///< of the function, or a named objective
  NamedNumbers start;      ///< of the variables that are no axis; one number without a name is that of all of them
  std::optional<double> lr;
  std::string optimizer = "gd";
  Settings settings;
  MapAxis x, y;
  long max_steps = 10000;  ///< how far a run is followed, as in FollowOptions
};

/// The options understood: what each axis moves. Throws InputError where an axis moves nothing, has no range or one
/// that what it moves may not have, where both move the same, or where a start or a learning rate is missing.
class MapProblem {
 public:
  explicit MapProblem(const MapOptions& options);

  /// One run, as `explain` would be asked for it.
  struct Run {
    double lr = 0;
    std::vector<double> start;
    HyperparameterValues values;
  };
  /// That of pixel (i, j).
  Run run(int i, int j) const;

  const std::string& expression() const { return expression_; }
  const Function& function() const { return function_; }
  const OptimizerSpec& optimizer() const { return *optimizer_; }
  const HyperparameterValues& values() const { return values_; }
  const std::vector<double>& start() const { return start_; }  ///< NaN where it is an axis
  const std::optional<double>& lr() const { return lr_; }
  const MapAxis& x() const { return axes_[0].axis; }
  const MapAxis& y() const { return axes_[1].axis; }
  long max_steps() const { return max_steps_; }
  /// The hyperparameters that are axes, the horizontal one first.
  std::vector<std::string> free_hyperparameters() const;

 private:
  enum class Moves { lr, hyperparameter, coordinate };
  struct Axis {
    MapAxis axis;
    Moves moves = Moves::lr;
    std::size_t index = 0;  ///< of the hyperparameter or the coordinate
  };
  Axis understood(const MapAxis& axis, const std::string& field) const;
  void check_range(const Axis& axis, const std::string& field) const;
  void fill_start(const NamedNumbers& given);
  bool moves_coordinate(std::size_t i) const;

  std::string expression_;
  Function function_;
  const OptimizerSpec* optimizer_;
  HyperparameterValues values_;
  std::vector<double> start_;
  std::optional<double> lr_;
  std::vector<Axis> axes_;
  long max_steps_;
};

}  // namespace etamax
