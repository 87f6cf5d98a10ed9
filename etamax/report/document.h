#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/draw/svg.h"
#include "etamax/report/pictures.h"

/// An answer as a file.
namespace etamax {

/// A kind of file that an answer can become.
struct OutputFormat {
  const char* ending;
  const char* name;  ///< "HTML"
  bool is_picture;
};
/// By the file's ending; null where that is none of them.
const OutputFormat* output_format(const std::string& path);
/// ".html, .csv, .json, .svg, .png or .pdf".
std::string output_endings(bool pictures_only);

/// Refuses, before any work is done, a file whose ending is no format, and a figure where there is no picture for it to
/// be. Throws InputError for the fields `output` and `figure`.
void check_output(const std::string& path, const std::string& figure);

[[noreturn]] inline void refuse_figure(const std::string& name, const std::vector<std::string>& there) {
  throw InputError("figure", name, "one that this answer has",
                   "figure: this answer has nothing to show in '" + name + "'; it has " + joined(there));
}

/// Refuses, before any work is done, a figure that no answer about a function of so many variables has anything to show
/// in. Throws InputError.
template <typename Answer>
void check_figure(const std::vector<PictureSpec<Answer>>& table, const std::string& name, std::size_t variables) {
  std::vector<std::string> there;
  for (const PictureSpec<Answer>& picture : by_rank(table))
    if (picture.variables == 0 || picture.variables == variables) there.push_back(picture.name);
  if (!name.empty() && std::find(there.begin(), there.end(), name) == there.end()) refuse_figure(name, there);
}

/// One of the answer's pictures by its name. Throws InputError where the answer has nothing to show in it.
template <typename Answer>
Drawing figure(const Answer& answer, const std::string& name) {
  constexpr double kWidth = 900;
  std::vector<std::string> drawn;
  for (const PictureSpec<Answer>& picture : by_rank(pictures_of(answer)))
    if (auto drawing = picture.draw(answer, kWidth)) {
      if (picture.name == name) return *std::move(drawing);
      drawn.push_back(picture.name);
    }
  refuse_figure(name, drawn);
}

/// What a file of that format holds; of a picture, the SVG that it is made from. `only_figure`: its name; "" takes all.
/// `lab`: the lab's file, for the HTML of answers that it has a place for; "" leaves it out.
template <typename Answer>
std::string document(const Answer& answer, const OutputFormat& format, const std::string& only_figure,
                     std::string_view lab = {}) {
  const std::string ending = format.ending;
  if (ending == ".html") {
    if constexpr (requires { to_html(answer, lab); }) return to_html(answer, lab);
    return to_html(answer);
  }
  if (ending == ".csv") return to_csv(answer);
  if (ending == ".json") return to_json(answer);
  return to_svg(only_figure.empty() ? poster(answer) : figure(answer, only_figure), Theme::light);
}

}  // namespace etamax
