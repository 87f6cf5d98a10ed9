#pragma once

#include <optional>
#include <string>
#include <vector>

#include "etamax/draw/drawing.h"
#include "etamax/report/pictures.h"

/// The frame of every HTML report: one file that needs nothing else, no network, no scripts but the lab's; light and
/// dark as the reader prefers; fit for a telephone and for paper. Arguments that are HTML are named so; all else is
/// escaped here.
namespace etamax {

constexpr double kPageWide = 1000, kPageNarrow = 358;  ///< the two widths that every picture is drawn for

std::string html_page(const std::string& title, const std::string& heading_html, const std::string& body_html);
/// In what setting the answer was computed.
std::string html_setting(const std::string& setting);
std::string html_section(const std::string& heading, const std::string& body_html);
/// Both widths of a picture in one figure, `id` being unique on the page.
std::string html_figure(const std::string& id, const Drawing& wide, const Drawing& narrow, const std::string& caption);
/// All pictures that the answer has something to show in, each in a section of its own.
template <typename Answer>
std::string html_pictures(const std::vector<PictureSpec<Answer>>& table, const Answer& answer) {
  std::string html;
  for (const PictureSpec<Answer>& picture : by_rank(table)) {
    const auto wide = picture.draw(answer, kPageWide), narrow = picture.draw(answer, kPageNarrow);
    if (wide && narrow)
      html += html_section(picture.heading, html_figure(picture.name, *wide, *narrow, picture.caption(answer)));
    if (picture.below) html += picture.below(answer);
  }
  return html;
}
/// "lr 0.8 converges. Because ..." with its sign and in its color, for a list of the class `verdicts`.
std::string html_verdict(const Appearance& appearance, const std::string& what, const std::string& reason);
/// Sentences in one paragraph, the first one standing out; "" where there are none.
std::string html_answer(const std::vector<std::string>& sentences);
/// What a reader of a partial answer is told; "" of a whole one.
std::string html_interrupted(bool partial);
/// The whole answer, folded away; and what it cost.
std::string html_details(const std::string& json, const std::string& cost);

}  // namespace etamax
