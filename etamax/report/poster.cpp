#include "etamax/report/poster.h"

#include "etamax/core/format.h"
#include "etamax/report/pictures.h"

namespace etamax {
namespace {

constexpr double kMargin = 28;

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

void PosterWriter::verdict(const Look& sign, const std::string& what, const std::string& reason) {
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

Drawing poster(const Explanation& e, double width) {
  PosterWriter poster(width);
  const std::string title = e.expression.empty() ? "etamax" : e.expression;
  poster.text(title, 22, true, Color::ink);
  std::string setting = "from ";
  for (std::size_t i = 0; i < std::min<std::size_t>(e.start.size(), 8); ++i)
    setting += (i ? ", " : "") + (i < e.variables.size() ? e.variables[i] + " = " : "") + format_number(e.start[i]);
  if (e.start.size() > 8) setting += ", ...";
  if (!e.start.empty()) poster.text(setting + ", optimizer " + e.optimizer, 14, false, Color::muted);
  poster.space(10);
  for (std::size_t i = 0; i < std::min(e.runs.size(), kMostPanels); ++i)
    poster.verdict(look(e.runs[i].verdict), "lr " + format_number(e.runs[i].lr) + " " + to_string(e.runs[i].verdict),
                   e.runs[i].reason);
  if (const std::string more = panels_left_out(e); !more.empty()) poster.text(more, 13, false, Color::muted);
  for (const PictureSpec& picture : pictures_by_rank())
    if (const auto drawing = picture.draw(e, poster.room())) poster.picture(picture.heading, *drawing);
  return poster.take(title);
}

}  // namespace etamax
