#include "etamax/core/format.h"
#include "etamax/report/detail_poster.h"

namespace etamax {
namespace {

constexpr double kMargin = PosterWriter::kMargins / 2;

}  // namespace

PosterWriter::PosterWriter(double width) : y_(kMargin - 8) { picture_.width = width; }

double PosterWriter::room() const { return picture_.width - 2 * kMargin; }

void PosterWriter::text(const std::string& words, double size, bool bold, Color color, double indent) {
  const auto measure = [&](const std::string& line) { return text_width(line, size, bold); };
  for (const std::string& line : wrapped(words, room() - indent, measure)) {
    y_ += size * 1.4;
    picture_.write({kMargin + indent, y_ - 0.3 * size}, line, size, color, Anchor::start, bold);
  }
}

void PosterWriter::opening(const std::string& title, const std::string& setting,
                           const std::vector<std::string>& answer) {
  text(title, 22, true, Color::ink);
  text(setting, 14, false, Color::muted);
  space(10);
  text(joined(answer, " "), 14, false, Color::ink);
}

void PosterWriter::verdict(const Appearance& sign, const std::string& what, const std::string& reason) {
  picture_.add(Drawing::Marker{{kMargin + 7, y_ + 12}, sign.shape, 6, {sign.color, 1}, ""});
  text(what, 14, true, Color::ink, 22);
  text(reason, 13, false, Color::ink, 22);
  y_ += 7;
}

void PosterWriter::picture(const std::string& heading, const Drawing& drawing) {
  space(22);
  text(heading, 16, true, Color::ink);
  space(8);
  picture_.add(drawing, {kMargin, y_});
  y_ += drawing.height;
  description_ += drawing.title + ". " + drawing.description + " ";
}

Drawing PosterWriter::take(const std::string& title) {
  picture_.title = title;
  picture_.description = description_;
  picture_.height = y_ + kMargin;
  return std::move(picture_);
}

}  // namespace etamax
