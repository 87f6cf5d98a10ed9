#include "etamax/report/poster.h"

#include "etamax/report/pictures.h"

namespace etamax {
namespace {

constexpr double kMargin = 28;

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
  void verdict(const Run& run) {
    const Look sign = look(run.verdict);
    picture_.add(Drawing::Marker{{kMargin + 7, y_ + 12}, sign.shape, 6, {sign.color, 1}, ""});
    text("lr " + short_number(run.lr) + " " + to_string(run.verdict), 14, true, Color::ink, 22);
    text(run.reason, 13, false, Color::ink, 22);
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
  Drawing picture_;
  double y_ = kMargin - 8;
};

}  // namespace

Drawing poster(const Explanation& e, double width) {
  Poster poster(width);
  const std::string title = e.expression.empty() ? "etamax" : e.expression;
  poster.text(title, 22, true, Color::ink);
  std::string setting = "from ";
  for (std::size_t i = 0; i < std::min<std::size_t>(e.start.size(), 8); ++i)
    setting +=
        (i ? ", " : "") + (i < e.variables.size() ? e.variables[i] + " = " : "") + short_number(e.start[i]);
  if (e.start.size() > 8) setting += ", ...";
  if (!e.start.empty()) poster.text(setting + ", optimizer " + e.optimizer, 14, false, Color::muted);
  poster.space(10);
  for (std::size_t i = 0; i < std::min(e.runs.size(), kMostPanels); ++i) poster.verdict(e.runs[i]);
  if (const std::string more = panels_left_out(e); !more.empty()) poster.text(more, 13, false, Color::muted);
  std::string description;
  for (const PictureSpec& picture : pictures_by_rank()) {
    const auto drawing = picture.draw(e, poster.room());
    if (!drawing) continue;
    poster.space(22);
    poster.text(picture.heading, 16, true, Color::ink);
    poster.space(8);
    poster.picture(*drawing);
    description += drawing->title + ". " + drawing->description + " ";
  }
  return poster.take(title, description);
}

}  // namespace etamax
