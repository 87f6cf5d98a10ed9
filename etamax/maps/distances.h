#pragma once

#include <cstddef>
#include <vector>

#include "etamax/maps/lanes.h"

namespace etamax {

/// The small distances that the lanes carry beside their runs (add_growth), kept near 1 while it is counted by how much
/// they have grown. They must be brought back every kBroughtBack steps, or they may leave the numbers.
class Distances {
 public:
  static constexpr long kBroughtBack = 25;

  /// They stand in the lanes' `parts` rows of state from `first` on; of those the first `coordinates` belong to the
  /// point. The size of a distance is the largest of the first `measured` of them.
  Distances(Lanes& lanes, std::size_t first, std::size_t parts, std::size_t coordinates, std::size_t measured)
      : lanes_(lanes), first_(first), parts_(parts), coordinates_(coordinates), measured_(measured) {}

  /// In each coordinate 1, in the rest of the state 0.
  void begin();
  /// Each has the size 1 from here on: growth is counted anew.
  void restart();
  /// Divides each by the power of two of its size.
  void bring_back();
  /// The logarithm of the growth since restart(), lane by lane: infinite where it came to nothing, or was lost.
  std::vector<double> growth() const;
  /// How often it has doubled from any moment to any later one, at most: so many digits in base 2 of the run were told
  /// by the rounding of earlier ones.
  double most_doublings(std::size_t lane) const { return most_[lane]; }

 private:
  std::vector<double> sizes() const;
  void begin(std::size_t lane);
  void note(std::size_t lane, double doublings);
  void scale(const std::vector<double>& factor);

  Lanes& lanes_;
  std::size_t first_, parts_, coordinates_, measured_;
  std::vector<double> doublings_;
  std::vector<double> risen_, most_;  ///< doublings since the distance was smallest; the most of them
};

}  // namespace etamax
