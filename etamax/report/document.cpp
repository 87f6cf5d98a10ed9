#include "etamax/report/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>

namespace etamax {
namespace {

constexpr OutputFormat kFormats[] = {
    {".html", "HTML", false}, {".csv", "CSV", false}, {".json", "JSON", false},
    {".svg", "SVG", true},    {".png", "PNG", true},  {".pdf", "PDF", true},
};

}  // namespace

const OutputFormat* output_format(const std::string& path) {
  const std::string ending = std::filesystem::path(path).extension();
  const auto at =
      std::find_if(std::begin(kFormats), std::end(kFormats), [&](const OutputFormat& f) { return f.ending == ending; });
  return at == std::end(kFormats) ? nullptr : &*at;
}

std::string output_endings(bool pictures_only) {
  std::vector<std::string> found;
  for (const OutputFormat& format : kFormats)
    if (format.is_picture || !pictures_only) found.emplace_back(format.ending);
  return alternatives(found);
}

void check_output(const std::string& path, const std::string& figure) {
  if (path.empty()) {
    if (!figure.empty()) throw InputError("figure", "needs `output`, the file to write it to");
    return;
  }
  const OutputFormat* format = output_format(path);
  if (!format)
    throw InputError("output", path, "a name that ends in " + output_endings(false),
                     fmt::format("output: '{}' must end in {}", path, output_endings(false)));
  if (!figure.empty() && !format->is_picture)
    throw InputError("figure", "a figure is a picture; `output` must end in " + output_endings(true));
}

}  // namespace etamax
