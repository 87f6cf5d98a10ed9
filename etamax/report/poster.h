#pragma once

#include <string>

#include "etamax/core/results.h"
#include "etamax/report/drawing.h"

namespace etamax {

/// Lays out an answer as one picture, from above: words, verdicts and pictures under each other.
class PosterWriter {
 public:
  explicit PosterWriter(double width);
  double room() const;  ///< the width there is for a picture
  void text(const std::string& words, double size, bool bold, Color color, double indent = 0);
  void verdict(const Look& sign, const std::string& what, const std::string& reason);
  void space(double height) { y_ += height; }
  void picture(const std::string& heading, const Drawing& drawing);
  Drawing take(const std::string& title);

 private:
  Drawing picture_;
  std::string description_;
  double y_;
};

/// All of an answer's pictures under one heading with its verdicts: what `--output x.svg` and `x.png` show.
Drawing poster(const Explanation& explanation, double width = 1200);

}  // namespace etamax
