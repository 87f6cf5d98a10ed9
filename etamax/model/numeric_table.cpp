#include "etamax/model/numeric_table.h"

#include <zlib.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "etamax/core/error.h"

namespace etamax {
namespace {

std::string_view trimmed(std::string_view field) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!field.empty() && blank(field.front())) field.remove_prefix(1);
  while (!field.empty() && blank(field.back())) field.remove_suffix(1);
  if (field.size() >= 2 && field.front() == '"' && field.back() == '"') field = field.substr(1, field.size() - 2);
  return field;
}

bool read(std::string_view field, double& value) {
  if (!field.empty() && field.front() == '+') field.remove_prefix(1);
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  return error == std::errc() && end == field.data() + field.size();
}

/// Calls `use` with each field of a line and its number from 0.
template <typename Use>
std::size_t split(std::string_view line, Use use) {
  std::size_t column = 0;
  for (std::size_t from = 0;; ++column) {
    const std::size_t comma = std::min(line.find(',', from), line.size());
    use(column, trimmed(line.substr(from, comma - from)));
    if (comma == line.size()) return column + 1;
    from = comma + 1;
  }
}

std::string shown(std::string_view field) {
  std::string text;
  for (char c : field.substr(0, 40)) text += static_cast<unsigned char>(c) < 32 ? '?' : c;
  return text;
}

}  // namespace

NumericTable read_numeric_csv(const std::string& source, std::string_view text, bool first_line_is_header) {
  NumericTable table;
  std::size_t number = 0;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    const std::string_view line = text.substr(from, end - from);
    from = end + 1;
    ++number;
    if (trimmed(line).empty()) continue;
    if (table.columns == 0) {
      std::vector<std::string> names;
      bool numbers = !first_line_is_header;
      table.columns = split(line, [&](std::size_t, std::string_view field) {
        double value = 0;
        numbers = numbers && read(field, value);
        names.emplace_back(field);
      });
      if (!numbers) {
        table.names = std::move(names);
        continue;
      }
    }
    const std::size_t columns = split(line, [&](std::size_t column, std::string_view field) {
      double value = 0;
      if (!read(field, value))
        throw InputError(source + ": line " + std::to_string(number) + ", column " + std::to_string(column + 1) + ": '" +
                         shown(field) + "' is not a number");
      table.values.push_back(value);
    });
    if (columns != table.columns)
      throw InputError(source + ": line " + std::to_string(number) + " has " + std::to_string(columns) +
                       " columns, not " + std::to_string(table.columns));
  }
  if (table.rows() == 0) throw InputError(source + ": has no rows of numbers");
  return table;
}

std::string gunzip(const std::string& source, std::string_view compressed, std::size_t limit) {
  z_stream stream{};
  constexpr int kGzip = 16 + MAX_WBITS;
  if (inflateInit2(&stream, kGzip) != Z_OK) throw std::runtime_error("zlib does not start");
  std::string content;
  char block[1 << 16];
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  int state = Z_OK;
  while (state == Z_OK && content.size() <= limit) {
    stream.next_out = reinterpret_cast<Bytef*>(block);
    stream.avail_out = sizeof block;
    state = inflate(&stream, Z_NO_FLUSH);
    content.append(block, sizeof block - stream.avail_out);
  }
  inflateEnd(&stream);
  if (content.size() > limit)
    throw InputError(source + ": unpacks to more than " + std::to_string(limit) + " bytes");
  if (state != Z_STREAM_END) throw InputError(source + ": is no whole gzip file");
  return content;
}

std::string read_whole_file(const std::string& path, std::size_t limit) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) throw InputError(path + ": is a folder, not a file");
  std::ifstream file(path, std::ios::binary);
  if (!file) throw InputError(path + ": cannot be read");
  if (const auto size = std::filesystem::file_size(path, error); !error && size > limit)
    throw InputError(path + ": is larger than " + std::to_string(limit) + " bytes");
  std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const bool gzipped = content.size() > 2 && content[0] == '\x1f' && content[1] == '\x8b';
  return gzipped ? gunzip(path, content, limit) : content;
}

}  // namespace etamax
