#include "etamax/diagnose/format.h"

#include <fmt/format.h>

#include <algorithm>

#include "etamax/core/error.h"
#include "etamax/core/format.h"
#include "etamax/core/suggest.h"

namespace etamax {
namespace {

constexpr std::size_t kSample = 64 << 10;
constexpr std::ptrdiff_t kLines = 3;

struct Signature {
  std::string_view bytes;
  const char* what;
};

/// Files that people give by mistake, and what would be right.
constexpr Signature kOthers[] = {
    {"\x1f\x8b", "is compressed with gzip; zcat it and give - as the log"},
    {"\x28\xb5\x2f\xfd", "is compressed with zstd; zstdcat it and give - as the log"},
    {"BZh", "is compressed with bzip2; bzcat it and give - as the log"},
    {"\3757zXZ", "is compressed with xz; xzcat it and give - as the log"},
    {"PK\x03\x04", "is a zip archive (or a model saved by PyTorch); give the training log"},
    {"\x80\x02", "is a pickle; give the training log"},
    {"\x80\x04", "is a pickle; give the training log"},
    {"\x89PNG", "is a picture; give the training log"},
    {"\x93NUMPY", "is a NumPy array; give the training log, or save it as text"},
    {"%PDF", "is a PDF; give the training log"},
    {"\x89HDF", "is an HDF5 file; give the training log"},
    {{"\xff\xfe\0\0", 4},
     "is UTF-32; give it as UTF-8 (iconv -f UTF-32 -t UTF-8)"},  // before UTF-16, which begins alike
    {{"\0\0\xfe\xff", 4}, "is UTF-32; give it as UTF-8 (iconv -f UTF-32 -t UTF-8)"},
    {"\xff\xfe", "is UTF-16; give it as UTF-8 (iconv -f UTF-16 -t UTF-8)"},
    {"\xfe\xff", "is UTF-16; give it as UTF-8 (iconv -f UTF-16 -t UTF-8)"},
};

}  // namespace

std::string_view beginning_of(ByteSource& bytes) {
  for (std::size_t size = kSample;; size *= 2) {
    const std::string_view beginning = bytes.peek(size).substr(0, size);
    const bool whole = beginning.size() < size || size >= ByteSource::kBuffer;
    const auto ends = std::count_if(beginning.begin(), beginning.end(), [](char c) { return c == '\n' || c == '\r'; });
    if (whole || ends >= kLines) return beginning;
  }
}

const FormatSpec& log_format(const std::string& name, ByteSource& bytes) {
  const std::vector<FormatSpec>& formats = log_formats();
  std::vector<std::string> names;
  for (const FormatSpec& format : formats) {
    if (format.name == name) return format;
    names.push_back(format.name);
  }
  if (!name.empty()) {
    const std::string near = closest(name, names);
    throw InputError("format", name, "one of " + joined(names),
                     fmt::format("format: there is no format '{}'; {}", name,
                                 near.empty() ? "it is one of " + joined(names) : "did you mean " + near + "?"));
  }
  const std::string_view beginning = beginning_of(bytes);
  if (beginning.empty()) throw InputError(fmt::format("'{}' is empty; give a training log", bytes.name()));
  const FormatSpec* best = nullptr;
  double most = 0;
  for (const FormatSpec& format : formats)
    if (const double likeness = format.likeness(beginning); likeness > most) most = likeness, best = &format;
  if (most >= 0.99) return *best;
  for (const Signature& other : kOthers)
    if (beginning.substr(0, other.bytes.size()) == other.bytes)
      throw InputError(fmt::format("'{}' {}", bytes.name(), other.what));
  const auto zeros = std::count(beginning.begin(), beginning.end(), '\0');
  if (best == nullptr || zeros * 100 > static_cast<std::ptrdiff_t>(beginning.size()))
    throw InputError(fmt::format(
        "'{}' is binary, and no TensorBoard event file; give a log as text, CSV, JSON lines or an event file",
        bytes.name()));
  return *best;
}

}  // namespace etamax
