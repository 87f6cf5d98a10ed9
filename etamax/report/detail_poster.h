#pragma once

#include <string>
#include <utility>

#include "etamax/report/drawing.h"

/// What the posters of all answers are made with: text and pictures below each other.
namespace etamax {

class Poster {
 public:
  explicit Poster(double width) { picture_.width = width; }

  double room() const { return picture_.width - 2 * kMargin; }

  void text(const std::string& words, double size, bool bold, Color color, double indent = 0) {
    const auto measure = [&](const std::string& line) { return text_width(line, size, bold); };
    for (const std::string& line : wrapped(words, room() - indent, measure)) {
      y_ += size * 1.4;
      picture_.write({kMargin + indent, y_ - 0.3 * size}, line, size, color, Anchor::start, bold);
    }
  }
  /// A sign, a heading beside it, and a sentence.
  void verdict(const Look& sign, const std::string& heading, const std::string& reason) {
    picture_.add(Drawing::Marker{{kMargin + 7, y_ + 12}, sign.shape, 6, {sign.color, 1}, ""});
    text(heading, 14, true, Color::ink, 22);
    text(reason, 13, false, Color::ink, 22);
    y_ += 7;
  }
  void space(double height) { y_ += height; }
  void picture(const Drawing& drawing) {
    picture_.add(drawing, {kMargin, y_});
    y_ += drawing.height;
  }
  Drawing take(const std::string& title, const std::string& description) {
    picture_.title = title;
    picture_.description = description;
    picture_.height = y_ + kMargin;
    return std::move(picture_);
  }

 private:
  static constexpr double kMargin = 28;
  Drawing picture_;
  double y_ = kMargin - 8;
};

}  // namespace etamax
