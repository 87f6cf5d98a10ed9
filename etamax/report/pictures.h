#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "etamax/draw/drawing.h"
#include "etamax/draw/terminal.h"

namespace etamax {

/// One kind of picture of an answer. Each is one file of the answer's folder pictures/, which defines one of these; of
/// an answer that has nothing to show in it, the results are empty.
template <typename Answer>
struct PictureSpec {
  std::string name;                                                       ///< one word: "curve"
  std::string heading;                                                    ///< "The iterates on the curve"
  int rank = 0;                                                           ///< the order in a report, ascending
  std::string (*caption)(const Answer&) = nullptr;                        ///< how to read it, a sentence or two
  std::optional<Drawing> (*draw)(const Answer&, double width) = nullptr;  ///< width 300 to 2000
  /// None: a terminal is not shown this picture.
  std::vector<std::string> (*lines)(const Answer&, const TerminalStyle&) = nullptr;
  bool has_title = false;  ///< the lines begin with a title, and need no heading
  /// What the page says below the picture, drawn or not, in HTML.
  std::string (*below)(const Answer&) = nullptr;
  std::size_t variables = 0;  ///< there is something to show of a function of so many only; 0: of any
};

/// A table of pictures in the order in which a report shows them.
template <typename Answer>
std::vector<PictureSpec<Answer>> by_rank(std::vector<PictureSpec<Answer>> pictures) {
  std::stable_sort(pictures.begin(), pictures.end(), [](const auto& a, const auto& b) { return a.rank < b.rank; });
  return pictures;
}

/// The names of a table's pictures, in the order in which a report shows them.
template <typename Answer>
std::vector<std::string> names_of(const std::vector<PictureSpec<Answer>>& pictures) {
  std::vector<std::string> names;
  for (const PictureSpec<Answer>& picture : by_rank(pictures)) names.push_back(picture.name);
  return names;
}

/// The picture for a terminal, below its heading; "" where there is nothing to show.
template <typename Answer>
std::string picture_text(const PictureSpec<Answer>& picture, const Answer& answer, const TerminalStyle& style) {
  if (!picture.lines) return "";
  std::string text;
  for (const std::string& line : picture.lines(answer, style)) text += line + "\n";
  return text.empty() || picture.has_title ? text : picture.heading + ":\n" + text;
}

}  // namespace etamax
