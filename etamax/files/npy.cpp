#include "etamax/files/npy.h"

#include <charconv>
#include <map>
#include <memory>
#include <optional>

#include "etamax/core/error.h"
#include "etamax/files/bytes.h"
#include "etamax/files/zip.h"

namespace etamax {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

/// The header: a Python dict such as {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }.
class Header {
 public:
  Header(const std::string& source, std::string_view text) : source_(source), rest_(text) {
    expect('{');
    while (!take('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr") {
        if (peek() != '\'' && peek() != '"')
          throw refuse("holds records of several fields; it must hold one plain number type");
        descr = quoted();
      } else if (key == "fortran_order") {
        fortran_order = word() == "True";
      } else if (key == "shape") {
        shape.emplace();
        expect('(');
        while (!take(')')) {
          shape->push_back(whole_number());
          if (!take(',') && peek() != ')') throw damaged();
        }
      } else {
        throw damaged();
      }
      if (!take(',') && peek() != '}') throw damaged();
    }
    if (!descr || !fortran_order || !shape || peek() != '\0') throw damaged();
  }

  std::optional<std::string> descr;
  std::optional<bool> fortran_order;
  std::optional<std::vector<std::size_t>> shape;

 private:
  InputError refuse(const std::string& why) const { return InputError(source_ + ": " + why); }
  InputError damaged() const { return refuse("has a damaged header at '" + printable(rest_) + "'"); }
  char peek() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\n')) rest_.remove_prefix(1);
    return rest_.empty() ? '\0' : rest_.front();
  }
  bool take(char c) {
    if (peek() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) throw damaged();
  }
  std::string quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') throw damaged();
    const std::size_t end = rest_.find(quote, 1);
    if (end == std::string_view::npos) throw damaged();
    std::string text(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return text;
  }
  std::string_view word() {
    peek();
    for (const std::string_view known : {"True", "False"})
      if (rest_.starts_with(known)) {
        rest_.remove_prefix(known.size());
        return known;
      }
    throw damaged();
  }
  std::size_t whole_number() {
    peek();
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc()) throw damaged();
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    if (!rest_.empty() && rest_.front() == 'L') rest_.remove_prefix(1);  // written by Python 2
    return value;
  }

  const std::string& source_;
  std::string_view rest_;
};

StoredAs stored_as(const std::string& source, const std::string& descr) {
  static const std::map<std::string, ElementType, std::less<>> types = {
      {"f2", ElementType::float16}, {"f4", ElementType::float32}, {"f8", ElementType::float64},
      {"b1", ElementType::boolean}, {"i1", ElementType::int8},    {"i2", ElementType::int16},
      {"i4", ElementType::int32},   {"i8", ElementType::int64},   {"u1", ElementType::uint8},
      {"u2", ElementType::uint16},  {"u4", ElementType::uint32},  {"u8", ElementType::uint64}};
  const auto type = descr.empty() ? types.end() : types.find(std::string_view(descr).substr(1));
  if (type == types.end() || std::string_view("<>|").find(descr[0]) == std::string_view::npos ||
      (descr[0] == '|' && element_size(type->second) > 1))
    throw InputError(source + ": holds numbers of NumPy's type '" + printable(descr) +
                     "'; what is read are floats, integers and bool");
  return {type->second, descr[0] == '>', false};
}

}  // namespace

bool looks_like_npy(std::string_view bytes) { return bytes.starts_with(kMagic); }

NumberArray read_npy(const std::string& source, std::string_view bytes) {
  if (!looks_like_npy(bytes)) throw InputError(source + ": is no NumPy array: it does not begin with \\x93NUMPY");
  const InputError cut_off(source + ": is cut off in its header");
  if (bytes.size() < 8) throw cut_off;
  const int version = bytes[6];
  if (version < 1 || version > 3)
    throw InputError(source + ": is of version " + std::to_string(version) + " of NumPy's format; 1 to 3 are read");
  const std::size_t length_size = version == 1 ? 2 : 4, begin = 8 + length_size;
  if (bytes.size() < begin) throw cut_off;
  const std::size_t length = little_endian(bytes, 8, length_size);
  if (bytes.size() - begin < length) throw cut_off;
  const Header header(source, bytes.substr(begin, length));
  StoredAs how = stored_as(source, *header.descr);
  how.first_index_fastest = *header.fortran_order;
  return decode_numbers(source, bytes.substr(begin + length), how, *header.shape);
}

ArrayFile open_npz(const std::string& source, std::string bytes) {
  const auto content = std::make_shared<const std::string>(std::move(bytes));  // the members point into it
  std::map<std::string, ZipMember> members;
  ArrayFile file;
  file.source = source;
  for (ZipMember& member : zip_members(source, *content)) {
    std::string name = member.name;
    if (!name.ends_with(".npy")) continue;
    name.resize(name.size() - 4);
    file.names.push_back(name);
    if (!members.emplace(name, std::move(member)).second)
      throw InputError(source + ": has two arrays of the name '" + printable(name) + "'");
  }
  file.read = [source, content, members](const std::string& name) {
    const auto member = members.find(name);
    if (member == members.end()) throw InputError(source + ": has no array '" + printable(name) + "'");
    std::string room;
    return read_npy(source + ": " + printable(name), unzip(source, member->second, room));
  };
  return file;
}

}  // namespace etamax
