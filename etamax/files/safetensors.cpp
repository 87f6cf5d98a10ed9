#include "etamax/files/safetensors.h"

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "etamax/core/error.h"
#include "etamax/files/bytes.h"

namespace etamax {
namespace {

using nlohmann::json;

struct Stored {
  ElementType type = ElementType::float32;
  std::vector<std::size_t> shape;
  std::size_t begin = 0, end = 0;
};

const std::map<std::string, ElementType>& types() {
  static const std::map<std::string, ElementType> known = {
      {"F16", ElementType::float16}, {"BF16", ElementType::bfloat16}, {"F32", ElementType::float32},
      {"F64", ElementType::float64}, {"I8", ElementType::int8},       {"I16", ElementType::int16},
      {"I32", ElementType::int32},   {"I64", ElementType::int64},     {"U8", ElementType::uint8},
      {"U16", ElementType::uint16},  {"U32", ElementType::uint32},    {"U64", ElementType::uint64},
      {"BOOL", ElementType::boolean}};
  return known;
}

/// What a parsed header no longer tells: how deep it was nested, and the names that it has several times. (A callback
/// of json::parse would do, but looks through a whole object at the end of each of its parts.)
struct HeaderShape : nlohmann::json_sax<json> {
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return down(); }
  bool start_array(std::size_t) override { return down(); }
  bool end_object() override { return --depth >= 0; }
  bool end_array() override { return --depth >= 0; }
  bool key(string_t& name) override {
    if (depth == 1) names.push_back(name);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const json::exception&) override { return false; }
  bool down() {
    constexpr int kDeepest = 4;  // of what the format has
    too_deep = ++depth > kDeepest;
    return !too_deep;
  }

  int depth = 0;
  bool too_deep = false;
  std::vector<std::string> names;
};

json parsed(const std::string& source, std::string_view text) {
  HeaderShape shape;
  const bool whole = json::sax_parse(text, &shape);
  if (shape.too_deep) throw InputError(source + ": has a header nested too deeply");
  if (!whole) throw InputError(source + ": is no safetensors file: its header is no JSON");
  std::vector<std::string>& names = shape.names;
  std::sort(names.begin(), names.end());
  if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end())
    throw InputError(source + ": has two tensors of the name '" + printable(*twice) + "'");
  const json header = json::parse(text);
  if (!header.is_object()) throw InputError(source + ": is no safetensors file: its header is no JSON object");
  return header;
}

std::vector<std::size_t> whole_numbers(const json& list) {
  std::vector<std::size_t> numbers;
  for (const json& item : list) {
    if (!item.is_number_unsigned()) return {};
    numbers.push_back(item.get<std::size_t>());
  }
  return numbers;
}

Stored stored(const std::string& where, const json& entry, std::size_t available) {
  const auto has = [&](const char* key) { return entry.is_object() && entry.contains(key); };
  if (!has("dtype") || !has("shape") || !has("data_offsets") || !entry["dtype"].is_string() ||
      !entry["shape"].is_array() || !entry["data_offsets"].is_array())
    throw InputError(where + ": lacks a dtype, a shape or data_offsets");
  Stored tensor;
  const auto type = types().find(entry["dtype"].get<std::string>());
  if (type == types().end())
    throw InputError(where + ": has the dtype '" + printable(entry["dtype"].get<std::string>()) +
                     "'; what is read are F16, BF16, F32, F64, I8 to I64, U8 to U64 and BOOL");
  tensor.type = type->second;
  tensor.shape = whole_numbers(entry["shape"]);
  const std::vector<std::size_t> offsets = whole_numbers(entry["data_offsets"]);
  if (tensor.shape.size() != entry["shape"].size() || offsets.size() != 2 || offsets[0] > offsets[1] ||
      offsets[1] > available)
    throw InputError(where + ": its shape or its data_offsets are not possible; there are " +
                     std::to_string(available) + " bytes of tensors");
  tensor.begin = offsets[0];
  tensor.end = offsets[1];
  return tensor;
}

}  // namespace

ArrayFile open_safetensors(const std::string& source, std::string bytes) {
  constexpr std::size_t kLength = 8, kLongest = 100'000'000;  // as in the reference implementation
  const auto content = std::make_shared<const std::string>(std::move(bytes));
  const std::string_view all = *content;
  if (all.size() < kLength) throw InputError(source + ": is no safetensors file: it has fewer than 8 bytes");
  const std::size_t length = little_endian(all, 0, kLength);
  if (length > kLongest)
    throw InputError(source + ": is no safetensors file: its header would have " + std::to_string(length) + " bytes");
  if (length > all.size() - kLength) throw InputError(source + ": is cut off in its header");
  const std::string_view data = all.substr(kLength + length);

  ArrayFile file;
  file.source = source;
  std::map<std::string, Stored> tensors;
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  const json header = parsed(source, all.substr(kLength, length));
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    const Stored tensor = stored(source + ": tensor '" + printable(name) + "'", entry, data.size());
    tensors[name] = tensor;
    ranges.emplace_back(tensor.begin, tensor.end);
    file.names.push_back(name);
  }
  std::sort(ranges.begin(), ranges.end());
  std::size_t covered = 0;
  for (const auto& [begin, end] : ranges) {
    if (begin != covered)
      throw InputError(source + ": is damaged: its tensors do not lie end to end at byte " + std::to_string(begin));
    covered = end;
  }
  if (covered != data.size())
    throw InputError(source + ": has " + std::to_string(data.size()) + " bytes of tensors, but its header says " +
                     std::to_string(covered));

  file.read = [source, content, data, tensors](const std::string& name) {
    const auto found = tensors.find(name);
    if (found == tensors.end()) throw InputError(source + ": has no tensor '" + printable(name) + "'");
    const Stored& tensor = found->second;
    return decode_numbers(source + ": tensor '" + printable(name) + "'",
                          data.substr(tensor.begin, tensor.end - tensor.begin), {tensor.type}, tensor.shape);
  };
  return file;
}

}  // namespace etamax
