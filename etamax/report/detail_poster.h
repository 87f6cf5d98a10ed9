#pragma once

#include <string>
#include <vector>

#include "etamax/draw/drawing.h"
#include "etamax/report/pictures.h"

namespace etamax {

/// Lays out an answer as one picture, from above: words, verdicts and pictures below each other.
class PosterWriter {
 public:
  static constexpr double kMargins = 56;  ///< left and right together
  explicit PosterWriter(double width);
  /// A title, the setting, and the answer in sentences.
  void opening(const std::string& title, const std::string& setting, const std::vector<std::string>& answer);
  double room() const;  ///< the width there is for a picture
  void text(const std::string& words, double size, bool bold, Color color, double indent = 0);
  void verdict(const Appearance& sign, const std::string& what, const std::string& reason);
  void space(double height) { y_ += height; }
  void picture(const std::string& heading, const Drawing& drawing);
  /// All that the answer has something to show in.
  template <typename Answer>
  void pictures(const std::vector<PictureSpec<Answer>>& table, const Answer& answer) {
    for (const PictureSpec<Answer>& spec : by_rank(table))
      if (const auto drawing = spec.draw(answer, room())) picture(spec.heading, *drawing);
  }
  Drawing take(const std::string& title);

 private:
  Drawing picture_;
  std::string description_;
  double y_;
};

}  // namespace etamax
