#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "etamax/diagnose/log_table.h"
#include "etamax/diagnose/source.h"

namespace etamax {

/// What formats are recognized by: the first 64 KiB of the log, and of long lines as much as holds three of them, up to
/// the source's buffer.
std::string_view beginning_of(ByteSource& bytes);

/// One kind of log. Each is one file of the folder readers/, which defines one of these.
struct FormatSpec {
  std::string name;     ///< one word, for --format
  std::string summary;  ///< for people: "comma- or tab-separated values"
  /// How well the beginning of a log (see beginning_of) looks like this format: 0 not at all, 1 without doubt.
  /// The highest of the table reads the log.
  double (*likeness)(std::string_view beginning) = nullptr;
  /// Reads to the end. Never throws for what stands in the log: what cannot be read is left out, and remarked
  /// upon where that matters.
  void (*read)(ByteSource& bytes, LogTable& table) = nullptr;
};

/// All formats, by name.
const std::vector<FormatSpec>& log_formats();

/// The format of that name; with an empty name, the one that the log's beginning looks like. Throws
/// InputError for an unknown name, and for a log that is empty or like none of them (an image, an archive).
const FormatSpec& log_format(const std::string& name, ByteSource& bytes);

}  // namespace etamax
